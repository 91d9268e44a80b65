import { Command, CommanderError } from 'commander';
import { foreignErrorText, placesOf } from '../errors/foreign-error.ts';
import { isSluiceError } from '../errors/sluice-error.ts';
import { cardCommand } from './commands/card.ts';
import { checkCommand } from './commands/check.ts';
import { compactCommand } from './commands/compact.ts';
import { demoCommand } from './commands/demo.ts';
import { fsckCommand } from './commands/fsck.ts';
import { outboxCommand } from './commands/outbox.ts';
import { planCommand } from './commands/plan.ts';
import { queryCommand } from './commands/query.ts';
import { routeCommand } from './commands/route.ts';
import { sendCommand } from './commands/send.ts';
import { serveCommand } from './commands/serve.ts';
import { simulateCommand } from './commands/simulate.ts';
import { syncCommand } from './commands/sync.ts';
import { tablesCommand } from './commands/tables.ts';
import { exitCodeOfError } from './exit-code.ts';
import type { ExitCode, Io } from './io.ts';
import { packageVersion } from './package-version.ts';
import { refuseEmptyValues } from './values.ts';

/** The command tree. Docs and completion are rendered from it. */
export function createProgram(io: Io, exit: (code: ExitCode) => void): Command {
  const program = new Command('sluice')
    .description('Microsoft Teams, in and out.')
    .version(packageVersion())
    .addHelpText('after', '\nStart without a tenant:\n  sluice demo');
  for (const command of [
    checkCommand(io, exit),
    tablesCommand(io),
    planCommand(io, exit),
    syncCommand(io, exit),
    queryCommand(io, exit),
    compactCommand(io, exit),
    fsckCommand(io, exit),
    sendCommand(io, exit),
    cardCommand(io, exit),
    routeCommand(io, exit),
    serveCommand(io, exit),
    outboxCommand(io, exit),
    simulateCommand(io, exit),
    demoCommand(io, exit),
  ]) {
    program.addCommand(command);
  }
  for (const command of everyCommand(program)) {
    refuseEmptyValues(command);
    command
      .exitOverride()
      .showHelpAfterError('(add --help for usage)')
      .configureOutput({ writeOut: io.out, writeErr: io.err, getOutHelpWidth: () => Math.min(io.columns, 100) });
  }
  return program;
}

function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

/** Runs one command line. Never throws: what goes wrong is written to `io.err` and told by the exit code. */
export async function runCli(args: readonly string[], io: Io): Promise<ExitCode> {
  let code: ExitCode = 0;
  try {
    const program = createProgram(io, (result) => {
      code = result;
    });
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (io.signal.aborted && error === io.signal.reason) {
      io.err('interrupted: Stopped on request.\n');
      return 3;
    }
    io.err(`${describeError(error, io.env['SLUICE_LOG_LEVEL'] === 'debug')}\n`);
    return exitCodeOfError(error);
  }
}

/** What is not one of our own errors is a bug of ours: where it was thrown is shown to those who look for it. */
function describeError(error: unknown, withStack: boolean): string {
  if (isSluiceError(error)) return `${error.code}: ${error.message}`;
  const frames = withStack && error instanceof Error ? placesOf(error).map((place) => `\n    at ${place}`) : [];
  const where = withStack ? '' : ' SLUICE_LOG_LEVEL=debug shows where.';
  return `unexpected: ${foreignErrorText(error)} This is a mistake in Sluice.${where}${frames.join('')}`;
}
