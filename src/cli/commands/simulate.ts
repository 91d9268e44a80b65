import { Command, Option } from 'commander';
import { simulatorOptions, startSimulator } from '../../simulator/options.ts';
import type { ExitCode, Io } from '../io.ts';

/** `sluice simulate`: a tenant of one's own, until Ctrl-C. */
export function simulateCommand(io: Io, exit: (code: ExitCode) => void): Command {
  const command = new Command('simulate')
    .summary('serve a simulated tenant')
    .description(
      'Serves a simulated Teams tenant (login and Graph) that behaves like the real one, throttling and misbehaviour included.',
    )
    .addHelpText('after', '\nExample:\n  sluice simulate --teams 5 --channels 4 --messages 200 --users 50 --seed 7');
  for (const option of simulatorOptions) command.addOption(new Option(option.flags, option.description));
  return command
    .addOption(new Option('--json', 'print one JSON line when listening'))
    .action(async (options: Record<string, unknown>) => {
      const simulator = await startSimulator(options);
      const { close: _, ...listening } = simulator;
      io.out(options['json'] ? `${JSON.stringify(listening)}\n` : introduce(simulator.url, simulator.env));
      await new Promise<void>((resolve) => {
        if (io.signal.aborted) resolve();
        io.signal.addEventListener('abort', () => resolve(), { once: true });
      });
      await simulator.close();
      exit(0);
    });
}

function introduce(url: string, env: Readonly<Record<string, string>>): string {
  const exports = Object.entries(env).map(([name, value]) => `  export ${name}=${value}`);
  return [
    `A simulated tenant listens at ${url}. In another terminal:`,
    '',
    ...exports,
    '  sluice check && sluice sync',
    '',
    'Ctrl-C stops it.',
    '',
  ].join('\n');
}
