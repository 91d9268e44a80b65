import { expect, it, vi } from 'vitest';
import { openReader } from '../../src/lake/query/query.ts';
import { fileStore } from '../../src/lake/stores/file.ts';
import { resources } from '../../src/resources/index.ts';
import { seededRandom } from '../../src/runtime/runtime.ts';
import { LEDGER_TABLES } from '../../src/simulator/tenant/ledger.ts';
import { tables } from '../../src/tables/index.generated.ts';
import { fastRuntime } from '../support/fast-runtime.ts';
import { allRows, allTruth, withFolder } from '../support/lake.ts';
import { runSync } from '../support/sync.ts';
import { startTwin } from '../support/twin.ts';

// Whole syncs: slow on a busy machine.
vi.setConfig({ testTimeout: 600_000 });

const SEED = Number(process.env['SLUICE_SEED'] ?? 21);
const TENANTS = Number(process.env['SLUICE_RUNS'] ?? 1);

/** Every way that some collection can be read in, beside those that have but one. */
const ways = [
  ...new Set(
    resources
      .filter(({ reads }) => reads.length > 1)
      .flatMap(({ reads }) => reads.map(({ strategy }) => strategy.name)),
  ),
];

/** When something was fetched is told by the run, not by the tenant. */
const OF_THE_RUN: ReadonlySet<string> = new Set(['fetchedDateTime', '_fetched_at', '_commit', '_seq']);

/** Every row of every table, whole. */
async function wholeRows(lake: string): Promise<Record<string, readonly string[]>> {
  await using reader = await openReader({ store: fileStore(lake), tables });
  const found: Record<string, readonly string[]> = {};
  for (const { name, columns } of tables) {
    const names = Object.keys(columns).filter((column) => !OF_THE_RUN.has(column));
    const { rows } = await reader.query(
      `SELECT to_json(t)::VARCHAR FROM (SELECT ${names.map((one) => `"${one}"`)} FROM ${name}) t`,
    );
    found[name] = rows.map(([row]) => String(row)).sort();
  }
  return found;
}

it.each(Array.from({ length: TENANTS }, (_, at) => SEED + at))(
  'every strategy of every collection gives equal tables, in every column, and those of the ledger (seed %i)',
  async (seed) => {
    const random = seededRandom(seed);
    const some = (most: number) => 1 + Math.floor(random() * most);
    const runtime = fastRuntime(20);
    const size = { teams: some(3), channels: some(3), messages: some(60), users: 5 + some(20), chats: some(12) };
    const twin = await startTwin({ ...size, seed, limits: 'none' }, { runtime });
    try {
      // What some are refused is no difference between ways.
      const truth = await allTruth((table) => twin.ledger(table), LEDGER_TABLES);
      let first: Record<string, readonly string[]> | undefined;
      for (const strategy of ways) {
        await withFolder(async (lake) => {
          const report = await runSync({
            env: twin.env,
            lake,
            runtime,
            strategy,
            tables: tables.map(({ name }) => name),
          });
          expect([report.error, report.skipped, report.gaps], strategy).toEqual([undefined, [], []]);
          const rows = await wholeRows(lake);
          first ??= rows;
          for (const { name } of tables) expect(rows[name], `${strategy} ${name}`).toEqual(first[name]);
          for (const name of LEDGER_TABLES)
            expect((await allRows(lake, [name]))[name], `${strategy} ${name}`).toEqual(truth[name]);
        });
      }
    } finally {
      await twin.close();
    }
  },
);
