// Three changed messages in lakes of several sizes, in a process of its own, from the sources.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const pathOf = (file) => fileURLToPath(new URL(file, import.meta.url));

export function benchSmallSync() {
  const loader = new URL('../scripts/typescript.mjs', import.meta.url).href;
  const { stdout, status } = spawnSync(process.execPath, ['--import', loader, pathOf('./small-sync.ts')], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error('The benchmark of small syncs failed.');
  console.table(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  );
}
