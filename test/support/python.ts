import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The environments that `scripts/ci-python.sh` installs: one for each list of packages in `test/interop/readers/`. */
export type PythonEnvironment = 'readers' | 'spark-3.5' | 'spark-4';

const pathOf = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const script = pathOf('../../scripts/ci-python.sh');

/** Where the interpreter of an environment is. Says so when it is not there; where it is required, that is an error. */
export function pythonOf(name: PythonEnvironment): string | undefined {
  const found = spawnSync('sh', [script, '--interpreter', name], { encoding: 'utf8' });
  if (found.status === 0) return found.stdout.trim();
  const message = `The Python readers "${name}" are not installed: their tests are skipped (scripts/ci-python.sh ${name} installs them).`;
  const required = name === 'readers' ? 'SLUICE_REQUIRE_PYTHON' : 'SLUICE_REQUIRE_SPARK';
  if (process.env[required]) throw new Error(message);
  console.warn(message);
  return undefined;
}

export type Row = Readonly<Record<string, unknown>>;

/** A Python that reads, one question after the other. */
export interface PythonReader extends AsyncDisposable {
  /** Runs a text that sets `rows`, and answers what they hold. @throws Error with the reader's own words */
  rows(code: string, as?: 'rows' | 'toPandas'): Promise<readonly Row[]>;
}

/** @param folder - where it runs */
export function startPython(interpreter: string, folder: string): PythonReader {
  const child = spawn(interpreter, [pathOf('../interop/readers/answer.py')], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], TZ: 'UTC', PYTHONWARNINGS: 'ignore' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4_000);
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    rows: async (code, as = 'rows') => {
      child.stdin.write(`${JSON.stringify({ code, as })}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error(`Python ended: ${said}`);
      const answer = JSON.parse(value) as { rows: readonly Row[] } | { error: string };
      if ('error' in answer) throw new Error(`${answer.error}\n${code}`);
      return answer.rows;
    },
    [Symbol.asyncDispose]: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
