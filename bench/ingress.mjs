// The ingress runs from its sources, in a process of its own.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Alerts per second from a body to the outbox, and with many open groups and silences. */
export function benchIngress() {
  const loader = new URL('../scripts/typescript.mjs', import.meta.url).href;
  const file = fileURLToPath(new URL('./ingress.ts', import.meta.url));
  const { stdout, status } = spawnSync(process.execPath, ['--import', loader, file], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error('The benchmark of the ingress failed.');
  console.table(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  );
}
