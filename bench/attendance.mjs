// The attendance of many accounts beside the original way of asking, in a process of its own, from the sources.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export function benchAttendance() {
  const loader = new URL('../scripts/typescript.mjs', import.meta.url).href;
  const file = fileURLToPath(new URL('./attendance.ts', import.meta.url));
  const { stdout, status } = spawnSync(process.execPath, ['--import', loader, file], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error('The benchmark of attendance failed.');
  console.table(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  );
}
