import { Command, Option } from 'commander';
import { cardToText, previewPosts } from '../../cards/index.ts';
import { simulateOptions } from '../../simulator/options.ts';
import { type Simulator, startSimulator } from '../../simulator/start-simulator.ts';
import { aborted } from '../aborted.ts';
import type { ExitCode, Io } from '../io.ts';
import { jsonOption } from '../options.ts';

/** `sluice simulate`: a tenant of one's own, until Ctrl-C. */
export function simulateCommand(io: Io, exit: (code: ExitCode) => void): Command {
  const command = new Command('simulate')
    .description(
      'Serves a simulated Teams tenant (login and Graph) that behaves like the real one, throttling and misbehaviour included.',
    )
    .addHelpText('after', '\nExample:\n  sluice simulate --teams 5 --channels 4 --messages 200 --users 50 --seed 7');
  for (const option of optionsOf(simulateOptions.shape)) command.addOption(option);
  command.addOption(jsonOption('print one JSON line when listening'));
  return command.action(async ({ json, ...options }: { json?: boolean } & Record<string, string | boolean>) => {
    const simulator = await startSimulator(options, {
      renderCard: (card, view) => cardToText(card, { view }),
      renderPage: previewPosts,
    });
    const { close, ...listening } = simulator;
    io.out(json ? `${JSON.stringify(listening)}\n` : introduce(simulator));
    await aborted(io.signal);
    await close();
    exit(0);
  });
}

/** Command-line options from the simulator's own table; it also checks the values. */
function optionsOf(shape: typeof simulateOptions.shape): Option[] {
  return Object.entries(shape).map(([name, schema]) => {
    const fallback = schema.safeParse(undefined).data;
    const flag = typeof fallback === 'boolean' ? `--${name}` : `--${name} <value>`;
    const shown = fallback === undefined || fallback === false ? '' : ` (default: ${fallback})`;
    return new Option(flag, `${schema.description}${shown}`);
  });
}

function introduce({ url, env, webhooks }: Simulator): string {
  const exports = Object.entries(env).map(([name, value]) => `  export ${name}=${value}`);
  return [
    `A simulated tenant listens at ${url}. In another terminal:`,
    '',
    ...exports,
    '  sluice check && sluice sync --lake ./twin-lake',
    `  sluice send --webhook '${webhooks[0]}' --text 'Build 512 is green'`,
    '',
    'Ctrl-C stops it.',
    '',
  ].join('\n');
}
