import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { RunReport } from '../../src/sync/report.ts';
import type { Environment } from './twin.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
/** The built command line. */
export const main = join(root, 'dist', 'cli', 'main.js');

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  /** Folder to run in. */
  readonly cwd?: string;
  /** Standard input. */
  readonly input?: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
}

/** The command line as a user runs it: another process, from the build. */
export function startSluice(args: readonly string[], env?: Environment, options?: RunOptions): Started {
  return startNode([main, ...args], env, options);
}

/** A TypeScript file of the tests as a process of its own. */
export function startScript(file: URL, args: readonly string[], env?: Environment, options?: RunOptions): Started {
  return startNode(['--import', join(root, 'scripts', 'typescript.mjs'), fileURLToPath(file), ...args], env, options);
}

function startNode(args: readonly string[], env: Environment = {}, { cwd, input = '' }: RunOptions = {}): Started {
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    ...(cwd !== undefined && { cwd }),
  });
  // A command that ends without reading its input closes the pipe.
  child.stdin!.on('error', () => {});
  child.stdin!.end(input);
  let out = '';
  let err = '';
  child.stdout!.on('data', (chunk) => (out += chunk));
  child.stderr!.on('data', (chunk) => (err += chunk));
  const finished = new Promise<Finished>((resolve) =>
    child.on('close', (code, signal) => resolve({ code, signal, out, err })),
  );
  return { child, finished };
}

export function runSluice(args: readonly string[], env: Environment = {}, options: RunOptions = {}): Promise<Finished> {
  return startSluice(args, env, options).finished;
}

/** `sluice serve` as a process of its own, once it listens. */
export async function startServe(
  args: readonly string[],
  env: Environment,
  options: RunOptions = {},
): Promise<{ url: string; child: ChildProcess; finished: Promise<Finished> }> {
  const { child, finished } = startSluice(['serve', '--json', '--port', '0', ...args], env, options);
  const line = await Promise.race([once(createInterface({ input: child.stdout! }), 'line'), finished]);
  if (!Array.isArray(line)) throw new Error(`sluice serve ended: ${line.err}`);
  return { url: (JSON.parse(String(line[0])) as { url: string }).url, child, finished };
}

/** The last line of a `--json` run. */
export function reportOf(finished: Finished): RunReport {
  const line = finished.out.trim().split('\n').at(-1) ?? '';
  try {
    return JSON.parse(line) as RunReport;
  } catch {
    throw new Error(`no report; exit ${finished.code}\n${finished.out}\n${finished.err}`);
  }
}

/** `sluice simulate` as a process of its own; answers are regular, so that requests can be counted. */
export async function spawnTwin(
  args: readonly string[],
): Promise<{ url: string; env: Environment; webhooks: readonly string[]; stop(): void }> {
  const child = spawn(process.execPath, [main, 'simulate', '--json', '--profile', 'regular', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const listening = JSON.parse(line) as { url: string; env: Environment; webhooks: readonly string[] };
    return { ...listening, stop: () => void child.kill('SIGKILL') };
  }
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  throw new Error(`the simulator ended before it listened: ${signal ?? `exit code ${code}`}`);
}
