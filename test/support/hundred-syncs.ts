import { join } from 'node:path';
import { openReader } from '../../src/lake/query/query.ts';
import { fileStore } from '../../src/lake/stores/file.ts';
import { tables } from '../../src/tables/index.generated.ts';
import { fastRuntime } from './fast-runtime.ts';
import type { Row } from './python.ts';
import { runSync } from './sync.ts';
import { startTwin } from './twin.ts';

const NAMES: readonly string[] = tables.map(({ name }) => name);
const MESSAGES = NAMES.filter((name) => name.startsWith('message'));

/** Fewer for a look at the tests themselves. */
const SMALL_SYNCS = Number(process.env['SLUICE_SMALL_SYNCS'] ?? 100);

/** What happens between two syncs. */
const CHANGES: readonly (readonly string[])[] = [
  ['post', 'reply', 'edit'],
  ['react', 'react', 'reply'],
  ['delete', 'post', 'unreact'],
  ['edit', 'undelete', 'createUser'],
];

/** What there is to compare after a sync. */
export interface SmallSync {
  readonly round: number;
  /** The tables to look at: those that change in each sync, and every twentieth time all. */
  readonly names: readonly string[];
  /** What `sluice query` finds in a table. */
  rowsOf(table: string): Promise<readonly Row[]>;
}

/**
 * A small tenant, loaded and then synced a hundred times, three changes each. `look` is called after each sync.
 *
 * @param folder - the lake is `lake` in it
 */
export async function hundredSyncs(folder: string, look: (sync: SmallSync) => Promise<void>): Promise<void> {
  const runtime = fastRuntime(10);
  const twin = await startTwin(
    { teams: 1, channels: 2, messages: 12, users: 10, seed: 5, limits: 'none' },
    { runtime },
  );
  const sync = async (names?: readonly string[]) => {
    const report = await runSync({
      env: twin.env,
      lake: join(folder, 'lake'),
      runtime,
      ...(names && { tables: names }),
    });
    if (report.outcome !== 'ok') throw new Error(JSON.stringify(report));
  };
  try {
    await sync();
    // Opened once: it sees each sync.
    await using reader = await openReader({ store: fileStore(join(folder, 'lake')), tables });
    const rowsOf = async (table: string) => {
      const { columns, rows } = await reader.query(`FROM ${table}`);
      return rows.map((row) => Object.fromEntries(columns.map((name, at) => [name, row[at]])));
    };
    for (let round = 0; round < SMALL_SYNCS; round += 1) {
      await twin.post(
        '/events',
        CHANGES[round % CHANGES.length]!.map((type) => ({ type })),
      );
      const isWhole = round % 20 === 0;
      // What is not looked at is not read either.
      await sync(isWhole ? undefined : MESSAGES);
      await look({ round, names: isWhole ? NAMES : MESSAGES, rowsOf });
    }
  } finally {
    await twin.close();
  }
}
