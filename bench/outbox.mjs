// The outbox runs from its sources, with the private PostgreSQL of the tests, in a process of its own.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const pathOf = (file) => fileURLToPath(new URL(file, import.meta.url));

/** Messages per second, CPU per message, and what one hanging endpoint among 100 costs the others. */
export function benchOutbox() {
  const loader = new URL('../scripts/typescript.mjs', import.meta.url).href;
  const { stdout, status } = spawnSync(process.execPath, ['--import', loader, pathOf('./outbox.ts')], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error('The benchmark of the outbox failed.');
  const rows = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const isFairness = ({ ratio }) => ratio !== undefined;
  console.table(rows.filter((row) => !isFairness(row)));
  console.table(rows.filter(isFairness));
}
