// The same lake in a folder, in Azurite and in an S3 server, in a process of its own, from the sources.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export function benchStores() {
  const loader = new URL('../scripts/typescript.mjs', import.meta.url).href;
  const script = fileURLToPath(new URL('./stores.ts', import.meta.url));
  const { stdout, status } = spawnSync(process.execPath, ['--import', loader, script], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error('The benchmark of stores failed.');
  console.table(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  );
}
