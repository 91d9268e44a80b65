import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));

/** A simulated tenant in a process of its own, without limits. Regular answers, as in every measurement so far. */
export async function startSimulator({ teams, channels, messages, users = 200, seed = 1 }) {
  const args = ['--teams', teams, '--channels', channels, '--messages', messages, '--users', users, '--seed', seed].map(
    String,
  );
  const child = spawn(
    process.execPath,
    ['--max-old-space-size=12000', main, 'simulate', ...args, '--profile', 'regular', '--limits', 'none', '--json'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const { value } = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
  const { url, env } = JSON.parse(value);
  return {
    env,
    post: (path, body) =>
      fetch(`${url}/_twin${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    stop: () => child.kill('SIGKILL'),
  };
}
