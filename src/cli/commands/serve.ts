import { Command, Option } from 'commander';
import { createConfigHolder } from '../../config/holder.ts';
import { systemRuntime } from '../../runtime/runtime.ts';
import { type RunningServer, startServer } from '../../server/serve.ts';
import { createLogger } from '../../telemetry/logger.ts';
import { aborted } from '../aborted.ts';
import { configInput } from '../configuration.ts';
import type { ExitCode, Io } from '../io.ts';
import { configOption, jsonOption, outboxOption, webhookOption } from '../options.ts';

interface Options {
  readonly config?: string;
  readonly webhook?: string;
  readonly outbox?: string;
  readonly host?: string;
  readonly port?: string;
  readonly json?: boolean;
}

/** `sluice serve`: takes alerts and messages over HTTP and delivers them, until Ctrl-C or SIGTERM. */
export function serveCommand(io: Io, exit: (code: ExitCode) => void): Command {
  return new Command('serve')
    .description(
      'Takes notifications and the alerts of Alertmanager and Grafana over HTTP, routes and delivers them. With bot.handlers it is a bot too, at /api/messages. A changed configuration is taken over while it runs. SIGTERM: takes nothing more, finishes what is in flight, stores the rest.',
    )
    .addOption(configOption())
    .addOption(webhookOption())
    .addOption(outboxOption())
    .addOption(new Option('--host <address>', 'address to listen on'))
    .addOption(new Option('--port <n>', 'port to listen on; 0 is any free one'))
    .addOption(jsonOption('print one JSON line when listening'))
    .addHelpText(
      'after',
      '\nExamples:\n  sluice serve --config sluice.yaml\n  sluice serve --webhook "$WEBHOOK" --port 8686',
    )
    .action(async (options: Options) => {
      await run(io, options);
      exit(0);
    });
}

async function run(io: Io, { json, ...options }: Options): Promise<void> {
  const config = await createConfigHolder({ ...configInput(io, options), runtime: systemRuntime });
  const logger = createLogger({ level: config.current().config.log_level });
  const server = await startServer({ config, runtime: systemRuntime, logger });
  try {
    io.out(json ? `${JSON.stringify({ event: 'listening', url: server.url })}\n` : introduce(server));
    await Promise.race([aborted(io.signal), server.working]);
  } finally {
    await server.stop();
  }
}

function introduce({ url, hasBot }: RunningServer): string {
  return [
    `Listening at ${url}`,
    `  POST ${url}/v1/notifications`,
    `  POST ${url}/v1/alerts/alertmanager`,
    `  POST ${url}/v1/alerts/grafana`,
    ...(hasBot ? [`  POST ${url}/api/messages`] : []),
    `  GET  ${url}/readyz, /metrics`,
    'Ctrl-C stops it.',
    '',
  ].join('\n');
}
