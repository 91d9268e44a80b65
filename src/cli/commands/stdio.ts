import { Command } from 'commander';
import type { ExitCode, Io } from '../io.ts';
import { runSession } from '../stdio/session.ts';

/** `sluice stdio`: a lake for another program, such as the Python package for Spark. */
export function stdioCommand(io: Io, exit: (code: ExitCode) => void): Command {
  return new Command('stdio')
    .description(
      'Answers requests of another program: one JSON object a line on standard input, one a line on standard output, until the input ends. Rows travel as Parquet files. Secrets come with the requests, in no option and no variable.',
    )
    .addHelpText(
      'after',
      '\nExample:\n  sluice stdio < requests.jsonl     # the Python package sluice-spark drives it: see docs/spark.md',
    )
    .action(async () => {
      await runSession(io, io.lines?.() ?? noLines());
      exit(0);
    });
}

async function* noLines(): AsyncGenerator<string> {}
