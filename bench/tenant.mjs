// The requests of everything of a tenant beside their plan, in a process of its own, from the sources.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export function benchTenant() {
  const loader = new URL('../scripts/typescript.mjs', import.meta.url).href;
  const file = fileURLToPath(new URL('./tenant.ts', import.meta.url));
  const share = process.env.SLUICE_TENANT_SHARE ?? '0.1';
  const { stdout, status } = spawnSync(process.execPath, ['--import', loader, file, share], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error('The benchmark of a tenant failed.');
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  for (const key of ['run', 'collection', 'table']) console.table(lines.filter((line) => key in line));
}
