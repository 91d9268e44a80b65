import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inOrder } from '../../../test/support/every-path.ts';
import { exportTestLake } from '../../../test/support/exports.ts';
import {
  message,
  messagesPage,
  ofMessages,
  openTestLake,
  rowsElsewhere,
  temporaryFolder,
} from '../../../test/support/lake-pages.ts';
import { queryLake } from '../query/query.ts';
import { jsonLine } from '../query/values.ts';
import { fileStore } from '../stores/file.ts';
import type { Lake } from '../types.ts';
import type { ExportReport } from './report.ts';

const later = { lastModifiedDateTime: '2026-02-01T00:00:00.000Z' };

async function land(lake: Lake, loadId: string, messages: readonly unknown[]): Promise<void> {
  const load = await lake.begin({ loadId });
  await load.append(messagesPage(messages));
  await load.close();
  await lake.publish();
}

const withTestLake = async (folder: string, use: (lake: Lake) => Promise<void>) => {
  await using lake = await openTestLake(folder, { tables: ofMessages });
  await use(lake);
};

const counts = ({ tables }: ExportReport, name = 'messages') => {
  const { added, changed, deleted, filesWritten } = tables.find(({ table }) => table === name)!;
  return { added, changed, deleted, filesWritten };
};

const lines = (folder: string, table = 'messages') =>
  readdirSync(join(folder, 'out/json', table))
    .flatMap((name) => readFileSync(join(folder, 'out/json', table, name), 'utf8').split('\n'))
    .filter((line) => line !== '')
    .sort();

async function queried(folder: string, table = 'messages') {
  return queryLake({ store: fileStore(join(folder, 'lake')), tables: ofMessages, sql: `FROM ${table}` });
}

describe('an export of JSON or Parquet', () => {
  it('has every row as sluice query has it, and says what came, changed and went', async () => {
    const folder = temporaryFolder();
    const exported = (more = {}) => exportTestLake(folder, 'json', { tables: ofMessages, ...more });
    await withTestLake(folder, async (lake) => {
      await land(lake, 'a', [message('1'), message('2', { subject: 'ä "q" \u2028' }), message('3')]);
      expect(counts(await exported())).toEqual({ added: 3, changed: 0, deleted: 0, filesWritten: 1 });
      expect(counts(await exported())).toEqual({ added: 0, changed: 0, deleted: 0, filesWritten: 0 });
      await land(lake, 'b', [message('2', { ...later, subject: 'new' }), message('4')]);
      expect(counts(await exported())).toEqual({ added: 1, changed: 1, deleted: 0, filesWritten: 1 });
      // Files are others, rows are not.
      expect(counts(await exported({ isFull: true }))).toEqual({ added: 0, changed: 0, deleted: 0, filesWritten: 1 });
    });
    const { columns, rows } = await queried(folder);
    expect(lines(folder)).toEqual(rows.map((row) => jsonLine(row, columns).trimEnd()).sort());
  });

  it('counts rows that went, of lists and of elements', async () => {
    const folder = temporaryFolder();
    const reactions = [{ reactionType: 'like', createdDateTime: '2026-01-02T00:00:00Z', user: { user: { id: 'u1' } } }];
    for (const format of ['json', 'parquet'] as const) {
      await withTestLake(folder, async (lake) => {
        await land(lake, `a${format}`, [message(format, { reactions })]);
        expect(
          counts(await exportTestLake(folder, format, { tables: ofMessages }), 'message_reactions').added,
        ).toBeGreaterThan(0);
        await land(lake, `b${format}`, [message(format, later)]);
        const report = await exportTestLake(folder, format, { tables: ofMessages });
        expect(counts(report, 'message_reactions')).toMatchObject({ added: 0, deleted: 1 });
      });
    }
  });

  it('is Parquet with the columns of the table and nothing else, also of a table without rows', async () => {
    const folder = temporaryFolder();
    await withTestLake(folder, async (lake) => {
      await land(lake, 'a', [message('1')]);
      await exportTestLake(folder, 'parquet', { tables: ofMessages });
    });
    for (const { name } of ofMessages) {
      const { columns, rows } = await queried(folder, name);
      const found = await rowsElsewhere(`FROM read_parquet('${folder}/out/parquet/${name}/*.parquet')`);
      expect(found).toHaveLength(rows.length);
      const described = await rowsElsewhere(`DESCRIBE FROM read_parquet('${folder}/out/parquet/${name}/*.parquet')`);
      expect(described.map(({ column_name }) => column_name)).toEqual(columns);
    }
  });

  it('leaves other tables as they were, and names them', async () => {
    const folder = temporaryFolder();
    await withTestLake(folder, async (lake) => {
      await land(lake, 'a', [message('1')]);
      await exportTestLake(folder, 'json', { tables: ofMessages });
      await land(lake, 'b', [message('2')]);
      const report = await exportTestLake(folder, 'json', { tables: ofMessages, names: ['message_replies'] });
      expect(report.leftAsTheyWere).toContain('messages');
    });
    expect(lines(folder)).toHaveLength(1);
  });

  it('keeps replaced files for those who read them, then removes them', async () => {
    const folder = temporaryFolder();
    const files = () => readdirSync(join(folder, 'out/parquet/_files/messages'));
    await withTestLake(folder, async (lake) => {
      await land(lake, 'a', [message('1')]);
      await exportTestLake(folder, 'parquet', { tables: ofMessages });
      await land(lake, 'b', [message('1', later)]);
      await exportTestLake(folder, 'parquet', { tables: ofMessages });
      expect(files()).toHaveLength(2);
      await exportTestLake(folder, 'parquet', { tables: ofMessages, retentionMs: 0 });
      expect(files()).toHaveLength(1);
    });
    expect(
      inOrder(await rowsElsewhere(`SELECT id FROM read_parquet('${folder}/out/parquet/messages/*.parquet')`)),
    ).toEqual(['{"id":"1"}']);
  });

  it('refuses the folder of another lake, and a lake that went back', async () => {
    const folder = temporaryFolder();
    await withTestLake(folder, async (lake) => {
      await land(lake, 'a', [message('1')]);
    });
    await exportTestLake(folder, 'json', { tables: ofMessages });
    const other = temporaryFolder();
    await withTestLake(other, async (lake) => {
      await land(lake, 'a', [message('1')]);
    });
    const store = fileStore(join(other, 'lake'));
    await expect(exportTestLake(folder, 'json', { tables: ofMessages, store })).rejects.toMatchObject({
      code: 'export_of_another_lake',
    });
    await expect(exportTestLake(folder, 'json', { tables: ofMessages, store, isFull: true })).rejects.toMatchObject({
      code: 'export_of_another_lake',
    });
  });

  it('does not export a table whose rows are not shown yet, and names it', async () => {
    const folder = temporaryFolder();
    await withTestLake(folder, async (lake) => {
      await land(lake, 'a', [message('1')]);
      await using load = await lake.begin({ loadId: 'b' });
      await load.append(messagesPage([message('2')]));
      await load.commit();
      const report = await exportTestLake(folder, 'json', { tables: ofMessages });
      expect(report.notExported.map(({ table, error: { code } }) => [table, code])).toContainEqual([
        'messages',
        'export_lake_behind',
      ]);
      await load.abandon();
    });
  });
});
