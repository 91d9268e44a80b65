import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, it, vi } from 'vitest';
import type { TableShape } from '../../src/schema/column.ts';
import { columnDefinitions, literal } from '../../src/schema/sql.ts';
import { onEveryPath, parquetFiles, shapes } from '../support/every-path.ts';
import { message, messagesPage, openTestLake, rawPage, reaction, temporaryFolder } from '../support/lake-pages.ts';

vi.setConfig({ testTimeout: 300_000 });

/** Where columns of every type are, and tables that are made of lists. */
const declared = shapes.filter(({ name }) => /^(everything|members|messages?(_.*)?|attendance_.*)$/.test(name));

/** What every way of writing a table may add to its columns. */
const STAMPS = ['_op', '_version', '_commit', '_row'];

/** The columns of a relation, and of a table whose columns are declared so. */
async function openTypes() {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const typesOf = async (source: string): Promise<readonly (readonly [name: string, type: string])[]> => {
    const found = await connection.runAndReadAll(`DESCRIBE ${source}`);
    return found.getRowObjects().map((row) => [String(row['column_name']), String(row['column_type'])]);
  };
  return {
    typesOf,
    async declaredOf(table: TableShape) {
      await connection.run(`CREATE OR REPLACE TABLE declared (${columnDefinitions(table)})`);
      return typesOf('declared');
    },
    [Symbol.dispose]: () => connection.closeSync(),
  };
}

/** Lists with elements: their rows are made of the record's. */
async function withElements(folder: string): Promise<void> {
  await using lake = await openTestLake(folder, { tables: declared });
  const load = await lake.begin({ loadId: 'elements' });
  const mentions = [
    { id: 0, mentionText: 'Ana', mentioned: { user: { id: 'u1', displayName: 'Ana' } } },
    { mentionText: 'nobody says which', mentioned: null },
  ];
  const attachments = [{ id: 'a', contentType: 'reference', name: 'plan.docx' }];
  await load.append(messagesPage([message('1', { mentions, attachments, reactions: [reaction('like', 'u1')] })]));
  const attended = [
    {
      id: 'r',
      totalAttendanceInSeconds: 60,
      attendanceIntervals: [{ durationInSeconds: 30 }, { durationInSeconds: 30 }],
    },
  ];
  const report = { id: 'report', meetingStartDateTime: '2026-01-01T00:00:00Z', attendanceRecords: attended };
  const bytes = Buffer.from(JSON.stringify({ value: [report] }));
  await load.append(rawPage('attendance_reports', 't', bytes, { user_id: 'u1', meeting_id: 'm' }));
  await load.close();
  await lake.publish();
}

it('every file of every table has the columns of its declaration, in their order and of their types', async () => {
  using types = await openTypes();
  const seen = new Set<string>();
  const look = async (folder: string, step: string) => {
    for (const file of parquetFiles(folder)) {
      const [, table] = /^lake\/tables\/([^/]+)\//.exec(file) ?? [];
      const shape = declared.find(({ name }) => name === table);
      if (shape === undefined || seen.has(file)) continue;
      const path = literal(join(folder, file));
      const found = await types.typesOf(`SELECT * FROM read_parquet(${path}, hive_partitioning = false)`);
      const own = found.filter(([name]) => !STAMPS.includes(name));
      expect(own, `${step}: ${file}`).toEqual(await types.declaredOf(shape));
      seen.add(file).add(shape.name);
    }
  };
  const folder = temporaryFolder();
  const atSteps = async (step: string) => {
    if (['adopt', 'slow path', 'compact'].includes(step)) await look(folder, step);
  };
  await onEveryPath(folder, atSteps, { tables: declared });
  const other = temporaryFolder();
  await withElements(other);
  await look(other, 'lists');
  expect([...seen]).toEqual(expect.arrayContaining(['message_mentions', 'attendance_intervals', 'everything']));
});
