import { describe, expect, it } from 'vitest';
import { recordTables } from '../../schema/column.ts';
import { tables } from '../../tables/index.generated.ts';
import { shapeOf } from '../log/log.ts';
import { standingIds, standingRows } from '../transform/settle.ts';
import { Staging } from '../transform/staging.ts';
import { latestRows, type ReadableFile, scan } from './relations.ts';

// What a statement names is bound whenever it runs, for a handful of rows as for a million.

const [messages] = tables.filter(({ name }) => name === 'messages');
const table = messages!;

const file = (over: Partial<ReadableFile> = {}): ReadableFile => ({
  kind: 'base',
  table: table.name,
  path: 'tables/messages/a.parquet',
  localPath: '/lake/tables/messages/a.parquet',
  rows: 1,
  deletes: 0,
  bytes: 1,
  version: 1,
  ...shapeOf(table),
  ...over,
});

describe('what statements name', () => {
  it('reads files of the shape of today as they stand, and those of another with every column that they may lack', () => {
    expect(scan(table, [file()])).not.toContain('NULL::');
    expect(scan(table, [file({ shape: 'of before' })])).toContain('NULL::');
    expect(scan(table, [])).toContain('WHERE false');
  });

  it('names the key alone where keys are compared', () => {
    const files = { base: [file()], newer: [file({ kind: 'changes' })], older: [] };
    const sql = latestRows(table, files, { columns: table.primaryKey });
    const others = Object.keys(table.columns).filter((name) => !table.primaryKey.includes(name));
    expect(others.filter((name) => sql.includes(`"${name}"`))).toEqual([]);
  });

  it.each(['channel_messages', 'chat_messages'])(
    'selects the columns of %s once, whether a page holds records inside of its records or not',
    (resource) => {
      const staging = new Staging(recordTables(tables, resource), 1);
      const places = (sql: string) => sql.split(' AS c0,').length - 1;
      expect(places(staging.parse('FROM flat'))).toBe(1);
      expect(places(staging.parse('FROM flat UNION ALL FROM pages', 'FROM pages'))).toBe(1);
    },
  );

  it('asks nothing of a table of which the log says that no row stands', async () => {
    const refused = () => {
      throw new Error('a statement was run');
    };
    const duck = { run: refused, rows: refused } as never;
    const locate = async () => refused();
    for (const base of [[], [file({ rows: 0 })]]) {
      const stored = { table, files: { base, newer: [], older: [file({ kind: 'changes', deletes: 1 })] }, locate };
      expect(await standingRows(duck, stored)).toEqual(new Map());
      expect(await standingIds(duck, stored, { where: {}, eldestBy: 'createdDateTime' })).toEqual(new Map());
    }
  });
});
