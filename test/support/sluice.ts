import { type ChildProcess, spawn } from 'node:child_process';
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

/** The command line as a user runs it: another process, from the build. */
export function startSluice(
  args: readonly string[],
  env: Environment = {},
): { child: ChildProcess; finished: Promise<Finished> } {
  const child = spawn(process.execPath, [main, ...args], { env: { PATH: process.env['PATH'] ?? '', ...env } });
  let out = '';
  let err = '';
  child.stdout!.on('data', (chunk) => (out += chunk));
  child.stderr!.on('data', (chunk) => (err += chunk));
  const finished = new Promise<Finished>((resolve) =>
    child.on('close', (code, signal) => resolve({ code, signal, out, err })),
  );
  return { child, finished };
}

export function runSluice(args: readonly string[], env: Environment = {}): Promise<Finished> {
  return startSluice(args, env).finished;
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

/** `sluice simulate` as a process of its own. */
export async function spawnTwin(args: readonly string[]): Promise<{ url: string; env: Environment; stop(): void }> {
  const child = spawn(process.execPath, [main, 'simulate', '--json', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const { url, env } = JSON.parse(line) as { url: string; env: Environment };
    return { url, env, stop: () => void child.kill('SIGKILL') };
  }
  throw new Error('the simulator did not start');
}
