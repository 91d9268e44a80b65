import { readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commits, type DeltaActions, deltaRows, logOf } from '../../../test/support/delta-log.ts';
import { exportTestLake } from '../../../test/support/exports.ts';
import {
  message,
  messagesPage,
  ofMessages,
  openTestLake,
  reaction,
  temporaryFolder,
} from '../../../test/support/lake-pages.ts';
import { queryLake } from '../query/query.ts';
import { fileStore } from '../stores/file.ts';
import type { Lake } from '../types.ts';
import type { ExportOptions } from './export.ts';

const at = (minute: number) => ({ lastModifiedDateTime: new Date(Date.UTC(2026, 1, 1, 0, minute)).toISOString() });

async function land(lake: Lake, loadId: string, messages: readonly unknown[]): Promise<void> {
  const load = await lake.begin({ loadId });
  await load.append(messagesPage(messages));
  await load.close();
  await lake.publish();
}

const exported = (folder: string, more: Partial<ExportOptions> = {}) =>
  exportTestLake(folder, 'delta', { tables: ofMessages, ...more });

async function queried(folder: string, table: string, columns: string): Promise<readonly string[]> {
  const sql = `SELECT ${columns} FROM ${table}`;
  const found = await queryLake({ store: fileStore(join(folder, 'lake')), tables: ofMessages, sql });
  return found.rows
    .map((row) => JSON.stringify(Object.fromEntries(found.columns.map((name, index) => [name, row[index]]))))
    .sort();
}

async function expectEqual(folder: string): Promise<void> {
  for (const { name, primaryKey } of ofMessages) {
    const key = primaryKey.map((column) => `"${column}"`).join(', ');
    const stamped = `${key}, _op, _commit::VARCHAR AS _commit`;
    expect(await deltaRows(folder, name, key), name).toEqual(await queried(folder, name, key));
    expect(await deltaRows(folder, `${name}_changes`, stamped), `${name}_changes`).toEqual(
      await queried(folder, `${name}_changes`, stamped),
    );
  }
}

describe('an export of Delta tables', () => {
  it('keeps the log for 30 days, and whole from the checkpoint on that makes up for older commits', async () => {
    const folder = temporaryFolder();
    const tables = ofMessages.filter(({ name }) => name === 'messages');
    await using lake = await openTestLake(folder, { tables });
    const round = async (name: string) => {
      await land(lake, `load-${name}`, [message(name, at(1))]);
      const { notExported, tables: reports } = await exported(folder, { tables });
      expect(notExported).toEqual([]);
      return reports[0];
    };
    for (let of = 0; of < 11; of += 1) await round(`a${of}`);
    const long = (Date.now() - 31 * 86_400_000) / 1000;
    const log = logOf(folder, 'messages');
    for (const name of readdirSync(log)) utimesSync(join(log, name), long, long);
    for (let of = 0; of < 10; of += 1) await round(`b${of}`);
    const left = readdirSync(log).sort();
    expect(left).not.toContain(`${'0'.padStart(20, '0')}.json`);
    // The old checkpoint stays: commits that are not old follow it.
    expect(left[0]).toBe(`${'9'.padStart(20, '0')}.checkpoint.parquet`);
    expect(await round('c')).toMatchObject({ added: 1, changed: 0, deleted: 0 });
  });

  it('has the rows that stand and every change, after each of many small syncs and compactions', async () => {
    const folder = temporaryFolder();
    await using lake = await openTestLake(folder, { tables: ofMessages });
    for (let round = 0; round < 12; round += 1) {
      const reactions = round % 3 === 0 ? [reaction('like', `u${round}`)] : [];
      await land(lake, `load-${round}`, [
        message(`${round % 7}`, { ...at(round), reactions }),
        message(`new-${round}`, {
          ...at(round),
          replies: [message(`r-${round}`, { ...at(round), replyToId: `new-${round}` })],
        }),
      ]);
      if (round === 7) await lake.compact();
      // What several syncs brought is exported at once too.
      if (round % 4 !== 3) await exported(folder);
      if (round % 4 !== 3 && round === 5) await expectEqual(folder);
    }
    await exported(folder);
    await expectEqual(folder);
    expect(readdirSync(logOf(folder, 'messages')).filter((name) => name.endsWith('.parquet')).length).toBeGreaterThan(
      0,
    );
    // Nothing is new: nothing is written.
    const before = readdirSync(logOf(folder, 'messages'));
    const report = await exported(folder);
    expect(report.tables.every(({ filesWritten, operations }) => filesWritten + operations! === 0)).toBe(true);
    expect(readdirSync(logOf(folder, 'messages'))).toEqual(before);
  });

  it('says that rows which only moved from file to file are no change', async () => {
    const folder = temporaryFolder();
    await using lake = await openTestLake(folder, { tables: ofMessages });
    await land(lake, 'a', [message('1'), message('2')]);
    await exported(folder);
    await exported(folder, { isFull: true });
    const last = commits(folder, 'messages').at(-1)!;
    expect([...last.add, ...last.remove].map(({ dataChange }) => dataChange)).toEqual([false, false]);
  });

  it('reads its own checkpoint, with none of the commits before it', async () => {
    const folder = temporaryFolder();
    await using lake = await openTestLake(folder, { tables: ofMessages });
    for (let round = 0; round < 11; round += 1) {
      await land(lake, `load-${round}`, [message(`${round}`, at(round))]);
      await exported(folder, { names: ['messages'] });
    }
    const log = logOf(folder, 'messages');
    const { version } = JSON.parse(readFileSync(join(log, '_last_checkpoint'), 'utf8')) as { version: number };
    for (const name of readdirSync(log))
      if (/^\d{20}\.json$/.test(name) && Number(name.slice(0, 20)) < version) rmSync(join(log, name));
    await land(lake, 'later', [message('3', at(59)), message('later')]);
    const report = await exported(folder);
    expect(report.tables.find(({ table }) => table === 'messages')).toMatchObject({
      added: 1,
      changed: 1,
      deleted: 0,
      operations: 2,
    });
  });

  it('takes its rows back after another writer removed or rewrote files, and says so', async () => {
    const folder = temporaryFolder();
    await using lake = await openTestLake(folder, { tables: ofMessages });
    await land(lake, 'a', [message('1'), message('2')]);
    await exported(folder);
    const [{ add }] = commits(folder, 'messages') as [DeltaActions];
    const remove = { path: add[0]!['path'], deletionTimestamp: 1, dataChange: true };
    const commit = [{ commitInfo: { operation: 'DELETE', engineInfo: 'other' } }, { remove }].map((one) =>
      JSON.stringify(one),
    );
    writeFileSync(join(logOf(folder, 'messages'), `${'1'.padStart(20, '0')}.json`), commit.join('\n'));
    const report = await exported(folder);
    expect(report.tables.find(({ table }) => table === 'messages')).toMatchObject({
      commitsOfOthers: 1,
      filesWritten: 1,
    });
    await expectEqual(folder);
  });

  it('refuses a table that it did not make, and one whose protocol is beyond it; the others are exported', async () => {
    const folder = temporaryFolder();
    await using lake = await openTestLake(folder, { tables: ofMessages });
    await land(lake, 'a', [message('1')]);
    await exported(folder);
    const upgrade = [
      { commitInfo: { operation: 'UPGRADE PROTOCOL', engineInfo: 'other' } },
      {
        protocol: {
          minReaderVersion: 3,
          minWriterVersion: 7,
          readerFeatures: ['deletionVectors'],
          writerFeatures: ['deletionVectors'],
        },
      },
    ];
    writeFileSync(
      join(logOf(folder, 'messages'), `${'1'.padStart(20, '0')}.json`),
      upgrade.map((one) => JSON.stringify(one)).join('\n'),
    );
    await land(lake, 'b', [message('2')]);
    const report = await exported(folder);
    expect(report.notExported.map(({ table, error: { code } }) => [table, code])).toEqual([
      ['messages', 'delta_table_foreign'],
    ]);
    expect(report.tables).toHaveLength(ofMessages.length - 1);
  });

  it('makes a table anew that was removed', async () => {
    const folder = temporaryFolder();
    await using lake = await openTestLake(folder, { tables: ofMessages });
    await land(lake, 'a', [message('1')]);
    await exported(folder);
    rmSync(join(folder, 'out/delta/messages'), { recursive: true });
    rmSync(join(folder, 'out/delta/messages_changes'), { recursive: true });
    await exported(folder);
    await expectEqual(folder);
  });

  it('names a table of changes that a compaction has cut, keeps the rows right, and begins anew with --full', async () => {
    const folder = temporaryFolder();
    await using lake = await openTestLake(folder, { tables: ofMessages, keeping: { retentionMs: 0 } });
    await land(lake, 'a', [message('1')]);
    await exported(folder);
    await land(lake, 'b', [message('1', at(1))]);
    await land(lake, 'c', [message('1', at(2))]);
    await lake.compact();
    const report = await exported(folder);
    expect(report.notExported.map(({ error: { code } }) => code)).toContain('delta_changes_expired');
    const again = await exported(folder, { isFull: true });
    expect(again.notExported).toEqual([]);
    await expectEqual(folder);
  });
});
