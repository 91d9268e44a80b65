import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Duck } from '../../src/lake/engine/duck.ts';
import { readPage, writeRecords } from '../../src/lake/transform/slow-path.ts';
import type { SpooledPage } from '../../src/lake/transform/spool.ts';
import { Segment } from '../../src/lake/transform/spool.ts';
import { stageRecords } from '../../src/lake/transform/stage.ts';
import { Staging } from '../../src/lake/transform/staging.ts';
import type { TableShape } from '../../src/schema/column.ts';
import { innerLists } from '../../src/schema/column.ts';
import { FETCHED_AT } from './lake-pages.ts';

/** Reads pages by SQL and by the row function, and expects the same rows of both. Answers how many there were. */
export function bothWays(options: { duck: Duck; folder: string; resource: string; shapes: readonly TableShape[] }) {
  const { duck, folder, resource, shapes } = options;
  const staging = new Staging(shapes, 1);
  let run = 0;

  return async (value: readonly unknown[]): Promise<number> => {
    run += 1;
    let found = 0;
    const bytes = Buffer.from(JSON.stringify({ value }));
    const context = { team_id: 't', channel_id: 'c', fetchedAt: FETCHED_AT };
    const segment = new Segment(join(folder, String(run)), () => innerLists(shapes));
    const spooled = await segment.append({ resource, partition: 'p', context, bytes });
    await segment.seal();
    const { quarantined } = await stageRecords({ duck, segment, resource, staging, tables: shapes, folder });
    for (const table of shapes)
      await duck.run(`CREATE OR REPLACE TEMP TABLE "fast_${table.name}" AS ${staging.rows(table)}`);
    await readSlowly(spooled, bytes);
    for (const table of shapes) {
      const columns = [...Object.keys(table.columns), '_row', '_version'].filter((name) => name !== '_raw');
      const fast = await duck.rows(
        `SELECT ${columns.map((name) => `"${name}"`).join(', ')} FROM "fast_${table.name}" ORDER BY _row`,
      );
      const slow = await duck.rows(
        `SELECT ${columns.map((name) => `"${name}"`).join(', ')} FROM (${staging.rows(table)}) ORDER BY _row`,
      );
      expect(slow.map(parsed(table))).toEqual(fast.map(parsed(table)));
      expect(new Set(fast.map(({ _row }) => _row)).size).toBe(fast.length);
      found += fast.length;
      const [odd] = await duck.rows(
        `SELECT (count(*) FILTER (${staging.isMalformed(table)} AND ${staging.isRow(table)}))::INTEGER AS n FROM records`,
      );
      const kept = quarantined.filter(({ table: name, reason }) => name === table.name && reason === 'value_malformed');
      expect(kept.length).toBe(odd!['n']);
    }
    return found;
  };

  /** Fills `records` by the JavaScript path alone. */
  async function readSlowly(spooled: SpooledPage, bytes: Uint8Array): Promise<void> {
    await duck.run('DELETE FROM records');
    const pages = new Map([[0, readPage(bytes, spooled, shapes).records]]);
    mkdirSync(folder, { recursive: true });
    for (const table of shapes) {
      const path = join(folder, 'slow.ndjson');
      writeFileSync(path, '');
      if ((await writeRecords(path, table, pages)) > 0)
        await duck.run(`INSERT INTO records BY NAME ${staging.parseSlow(table)}`, [path]);
    }
  }
}

/** JSON columns are compared as values: their texts may escape differently. */
function parsed(table: TableShape) {
  return (row: Record<string, unknown>) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        name,
        table.columns[name]?.type === 'json' && typeof value === 'string' ? (JSON.parse(value) as unknown) : value,
      ]),
    );
}
