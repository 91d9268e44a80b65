import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { openDuck } from '../../src/lake/duck.ts';
import { readPage, writeRecords } from '../../src/lake/slow-path.ts';
import type { SpooledPage } from '../../src/lake/spool.ts';
import { Segment } from '../../src/lake/spool.ts';
import { stageRecords } from '../../src/lake/stage.ts';
import { Staging } from '../../src/lake/staging.ts';
import type { ColumnType, TableShape } from '../../src/schema/column.ts';
import { innerLists, pathsOf, recordTables, withRawColumn } from '../../src/schema/column.ts';
import { tables } from '../../src/tables/index.generated.ts';
import { FETCHED_AT, temporaryFolder } from '../support/lake-pages.ts';

const text = fc.oneof(
  fc.string({ maxLength: 8, unit: 'grapheme' }),
  fc.constantFrom('', 'né', '会議 🎉', 'a"b\\c', "it's", '#1', 'null', 'true', '7', '-3', '2.5'),
);
const time = fc.constantFrom(
  '2026-01-02T03:04:05Z',
  '2026-01-02T03:04:05.1234567Z',
  '2026-01-02T03:04:05+02:00',
  '2026-01-02T03:04:05.9-08:00',
  '2026-01-02T03:04:05',
  '0001-01-01T00:00:00Z',
  '9999-12-31T23:59:59.9999999Z',
  '2026-01-02T24:00:00Z',
  '2026-02-30T00:00:00Z',
  '2026-06-30T23:59:60Z',
  '1899-12-31T23:59:59Z',
  '1900-01-01T00:00:00Z',
  '10000-01-01T00:00:00Z',
  'infinity',
  'nope',
  '',
);
/** What may stand where something else is due. */
const wrong = fc.oneof(
  text,
  fc.integer(),
  fc.boolean(),
  fc.constantFrom<unknown>(null, 1.5, 99999999999999),
  fc.constant({ x: ['y'] }),
  fc.constant(['z']),
);

function anyValue(type: ColumnType): fc.Arbitrary<unknown> {
  const right = rightValue(type);
  return fc.oneof(
    { weight: 6, arbitrary: right },
    { weight: 1, arbitrary: wrong },
    { weight: 2, arbitrary: fc.constant(null) },
  );
}

function rightValue(type: ColumnType): fc.Arbitrary<unknown> {
  if (typeof type === 'object') {
    if ('list' in type) return fc.array(anyValue(type.list), { maxLength: 3 });
    const fields = Object.entries(type.struct).map(([name, field]) => [name, anyValue(field)] as const);
    return fc.record(Object.fromEntries(fields), { requiredKeys: [] });
  }
  switch (type) {
    case 'timestamp':
      return time;
    case 'boolean':
      return fc.boolean();
    case 'int32':
    case 'int64':
      return fc.integer();
    case 'double':
      return fc.integer();
    case 'json':
      return fc.oneof(fc.constant([]), fc.record({ a: text, b: fc.integer() }));
    case 'id':
      return fc.oneof(
        text,
        fc.uuid(),
        fc.uuid().map((id) => id.toUpperCase()),
      );
    case 'string':
      return text;
  }
}

/** Records with the properties that a table reads, some missing. */
function recordOf(table: TableShape): fc.Arbitrary<Record<string, unknown>> {
  const fields: Record<string, fc.Arbitrary<unknown>> = {};
  for (const [name, column] of Object.entries(table.columns)) {
    for (const path of pathsOf(name, column))
      if (!path.startsWith('$') && !path.includes('.')) fields[path] = anyValue(column.type);
  }
  return fc.record(fields, { requiredKeys: [] });
}

const resources = [...new Set(tables.map(({ resource }) => resource))];

it.each(resources)('the SQL and the function of %s make the same rows', { timeout: 120_000 }, async (resource) => {
  const folder = temporaryFolder();
  const shapes = recordTables(tables, resource).map(withRawColumn);
  const duck = await openDuck({ scratchDir: folder, threads: 1 });
  const staging = new Staging(shapes, 1);
  const record = recordOf(shapes[0]!);
  const page = fc.array(
    fc.oneof({ weight: 9, arbitrary: nested(shapes, record) }, { weight: 1, arbitrary: fc.constant(null) }),
    { maxLength: 6 },
  );
  let run = 0;
  await fc.assert(
    fc.asyncProperty(page, async (value) => {
      run += 1;
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
        const [odd] = await duck.rows(
          `SELECT (count(*) FILTER (malformed AND ${staging.isRow(table)}))::INTEGER AS n FROM records`,
        );
        const kept = quarantined.filter(
          ({ table: name, reason }) => name === table.name && reason === 'value_malformed',
        );
        expect(kept.length).toBe(odd!['n']);
      }
    }),
    { numRuns: 25, seed: 7 },
  );
  duck.close();

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
});

function nested(shapes: readonly TableShape[], record: fc.Arbitrary<Record<string, unknown>>) {
  const lists = innerLists(shapes);
  if (lists.length === 0) return record;
  const inner = fc.record(Object.fromEntries(lists.map((list) => [list, fc.array(record, { maxLength: 2 })])), {
    requiredKeys: [],
  });
  return fc.tuple(record, inner).map(([outside, inside]) => ({ ...outside, ...inside }));
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
