import { Command } from 'commander';
import {
  type CheckedRoutes,
  type ConfigurationFault,
  checkRoutes,
  formatConfigurationFault,
  loadConfig,
} from '../../config/load.ts';
import { everyRoute } from '../../router/config/routing.ts';
import { createRoutingHolder } from '../../router/config/routing-holder.ts';
import { systemRuntime } from '../../runtime/runtime.ts';
import { previewRouting } from '../../sending/preview.ts';
import { configInput, DEFAULT_CONFIG } from '../configuration.ts';
import type { ExitCode, Io } from '../io.ts';
import { configOption, jsonOption, path, pathOrInput } from '../options.ts';
import { previewJson, renderPreview } from '../render/routing-preview.ts';
import { readSource } from '../source.ts';

interface Options {
  readonly config?: string;
  readonly json?: boolean;
}

/** `sluice route`: what the routes would do. */
export function routeCommand(io: Io, exit: (code: ExitCode) => void): Command {
  return new Command('route')
    .description('Checks the routes and explains what they would do, without sending anything.')
    .addCommand(explainCommand(io, exit))
    .addCommand(checkCommand(io, exit))
    .addHelpText('after', '\nExamples:\n  sluice route check\n  sluice route explain alert.json');
}

function explainCommand(io: Io, exit: (code: ExitCode) => void): Command {
  return new Command('explain')
    .summary('say where a notification would go, and why')
    .description(
      'Reads a notification, or a body of Alertmanager or Grafana, and says which routes match and why, what would be sent, and to whom. Silences and alerts of a running server are not known to it.',
    )
    .argument('<file>', 'JSON; - is standard input', pathOrInput)
    .addOption(configOption())
    .addOption(jsonOption('print the explanation as JSON'))
    .addHelpText('after', '\nExample:\n  sluice route explain alert.json')
    .action(async (file: string, options: Options) => {
      await explainFile(io, file, options);
      exit(0);
    });
}

function checkCommand(io: Io, exit: (code: ExitCode) => void): Command {
  return new Command('check')
    .summary('list every fault of the configuration')
    .description(
      'Lists every fault of the configuration with its line, column and path. It needs no secret: what references name and is not here is named, and no fault. Exit code 1: it has faults.',
    )
    .argument('[file]', `configuration (default: ${DEFAULT_CONFIG})`, path, DEFAULT_CONFIG)
    .addOption(jsonOption('print the result as JSON'))
    .addHelpText('after', '\nExample:\n  sluice route check sluice.yaml')
    .action(async (file: string, options: Options) => exit(await checkFile(io, file, options)));
}

async function explainFile(io: Io, file: string, { config, json }: Options): Promise<void> {
  const loaded = await loadConfig(configInput(io, { config }));
  const preview = await previewRouting(await readSource(io, file), { loaded, runtime: systemRuntime });
  io.out(json ? `${JSON.stringify(previewJson(preview))}\n` : renderPreview(preview, io));
}

async function checkFile(io: Io, file: string, { json }: Options): Promise<ExitCode> {
  const checked = await checkRoutes({ file, environment: io.env });
  const faults = 'faults' in checked ? checked.faults : [];
  const unset = 'faults' in checked ? [] : checked.unset;
  if (json) io.out(`${JSON.stringify({ ok: faults.length === 0, faults, unset })}\n`);
  else if ('faults' in checked) io.out(linesOf(checked.faults));
  else io.out(summaryOf(file, checked));
  return faults.length === 0 ? 0 : 1;
}

const linesOf = (faults: readonly ConfigurationFault[]) =>
  faults.map((fault) => `${formatConfigurationFault(fault)}\n`).join('');

function summaryOf(file: string, { routingText, receivers, unset }: CheckedRoutes): string {
  const routes = [...everyRoute(createRoutingHolder(routingText, { receivers }).current().root)].length;
  const summary = `${file}: no fault. Routes: ${routes}. Receivers: ${receivers.length}.\n`;
  return unset.length === 0 ? summary : `${summary}Not looked at, since what is named is not here:\n${linesOf(unset)}`;
}
