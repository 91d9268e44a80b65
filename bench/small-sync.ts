/**
 * What three changed messages cost a lake as it grows: landed, committed, and shown in `current/`. Without a service:
 * what is measured is the lake alone.
 *
 * `npm run bench -- small-sync`, or `node --import ./scripts/typescript.mjs bench/small-sync.ts [MESSAGES …]`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLake } from '../src/lake/lake.ts';
import { fileStore } from '../src/lake/stores/file.ts';
import { systemRuntime } from '../src/runtime/runtime.ts';
import { tables } from '../src/tables/index.generated.ts';
import { land, message, pagesOf } from './messages.ts';

const sizes = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [15_000, 150_000, 600_000];
const ROUNDS = 5;
async function measure(count: number): Promise<Record<string, string | number>> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  const open = () =>
    openLake({ store: fileStore(folder), tables, runtime: systemRuntime, scratchDir: join(folder, '.scratch') });
  try {
    await using first = await open();
    await land(first, 'first', pagesOf(count));
    await first.publish();
    await first.close();
    const rounds: { cpuMs: number; ms: number; landMs: number }[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const beganMs = performance.now();
      const cpu = process.cpuUsage();
      await using lake = await open();
      const next = count + 3 * round;
      // Two new ones, and a change of one that is as old as any.
      await land(lake, `small-${round}`, [
        [message(next), message(next + 1), message((count / ROUNDS) * round, next + 2)],
      ]);
      const landMs = performance.now() - beganMs;
      await lake.publish();
      await lake.close();
      const { user, system } = process.cpuUsage(cpu);
      rounds.push({ cpuMs: (user + system) / 1000, ms: performance.now() - beganMs, landMs });
    }
    const median = (of: 'cpuMs' | 'ms' | 'landMs') =>
      Math.round(rounds.map((round) => round[of]).sort((a, b) => a - b)[Math.floor(ROUNDS / 2)]!);
    return { messages: count, 'CPU ms': median('cpuMs'), ms: median('ms'), 'of it landing, ms': median('landMs') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

for (const count of sizes) console.log(JSON.stringify(await measure(count)));
