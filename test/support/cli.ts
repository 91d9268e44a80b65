import type { ExitCode } from '../../src/cli/io.ts';
import { runCli } from '../../src/cli/program.ts';
import type { Environment } from './twin.ts';

/** What a command line wrote. */
export interface Answer {
  readonly code: ExitCode;
  readonly out: string;
  readonly err: string;
}

/** The whole command line, in this process. @param answers - what the user types when asked */
export async function cli(
  args: readonly string[],
  env: Environment = {},
  answers: readonly string[] = [],
): Promise<Answer> {
  let out = '';
  let err = '';
  const left = [...answers];
  const code = await runCli(args, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    read: async () => new Uint8Array(),
    ...(answers.length > 0 && { ask: async () => left.shift() ?? '' }),
    live: false,
    columns: 120,
    env,
    signal: new AbortController().signal,
  });
  return { code, out, err };
}

/** The last line of a `--json` answer. */
// biome-ignore lint/suspicious/noExplicitAny: each command answers in its own form
export const jsonOf = ({ out, err }: Answer): any => {
  const line = out.trim().split('\n').at(-1);
  if (!line) throw new Error(`no answer: ${err}`);
  return JSON.parse(line);
};
