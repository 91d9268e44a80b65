import { Command, CommanderError } from 'commander';
import { BOUNDS_OF_LOADING, checkMemory, systemMemory } from '../lake/engine/memory.ts';
import { checkOpenFiles } from '../lake/engine/open-files.ts';
import { type CommandEntry, commands } from './commands.ts';
import { withEnds } from './ends.ts';
import { exitCodeOfError } from './exit-code.ts';
import type { ExitCode, Io } from './io.ts';
import { packageVersion } from './package-version.ts';
import { describeError } from './render/error.ts';
import { refuseEmptyValues } from './values.ts';

/**
 * The command tree. Docs and completion are rendered from it.
 *
 * @param args - the command line: a command that it does not name is not loaded, and has a name and a summary only. All
 *   are loaded without.
 */
export async function createProgram(
  io: Io,
  exit: (code: ExitCode) => void,
  args?: readonly string[],
): Promise<Command> {
  const program = new Command('sluice')
    .description('Microsoft Teams, in and out.')
    .version(packageVersion())
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .addHelpText('after', '\nStart without a tenant:\n  sluice demo');
  for (const [name, { summary, load }] of Object.entries(commands)) {
    const isCalled = args === undefined || args.includes(name);
    const command = isCalled ? (await loaded(load))(io, exit) : new Command(name);
    program.addCommand(command.summary(summary));
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

/**
 * Loading opens many files at once, before anything of ours could have looked at the limit. Of one that may not be opened
 * the loader of modules says that it is not there, or is a folder.
 *
 * @throws SluiceError `open_files_too_few`, `memory_too_small`
 */
async function loaded(load: CommandEntry['load']): ReturnType<CommandEntry['load']> {
  checkMemory(await systemMemory(), BOUNDS_OF_LOADING);
  try {
    return await load();
  } catch (error) {
    await checkOpenFiles();
    throw error;
  }
}

function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

/** Runs one command line. Never throws: what goes wrong is written to `io.err` and told by the exit code. */
export function runCli(args: readonly string[], io: Io): Promise<ExitCode> {
  return withEnds(io, (own) => run(args, own));
}

async function run(args: readonly string[], io: Io): Promise<ExitCode> {
  let code: ExitCode = 0;
  try {
    const take = (result: ExitCode) => {
      code = result;
    };
    const program = await createProgram(io, take, args);
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
