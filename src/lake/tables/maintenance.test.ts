import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parquetMetadata } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import {
  message,
  messagesPage,
  openTestLake,
  reaction,
  rowsElsewhere,
  rowsOf,
  temporaryFolder,
} from '../../../test/support/lake-pages.ts';
import type { Lake } from '../types.ts';

const at = (day: number) => `2026-02-0${day}T00:00:00Z`;

async function append(lake: Lake, loadId: string, ...messages: Record<string, unknown>[]): Promise<void> {
  const load = await lake.begin({ loadId });
  await load.append(messagesPage(messages));
  await load.close();
}

const files = (folder: string, path: string) => readdirSync(join(folder, 'lake', path));
const everything = async (folder: string) =>
  Promise.all(
    ['messages', 'message_replies', 'message_reactions'].map((table) =>
      rowsOf(folder, `SELECT * FROM ${table} ORDER BY ALL`),
    ),
  );

describe('publish', () => {
  it('gives readers of a plain folder the latest rows, one file per table', async () => {
    const folder = temporaryFolder();
    await using lake = await openTestLake(folder);
    await append(lake, 'a', message('1', { reactions: [reaction('like', 'u1')] }), message('2'));
    expect(await lake.publish()).toContain('messages');
    await append(
      lake,
      'b',
      message('1', { lastModifiedDateTime: at(2), body: { contentType: 'text', content: 'edited' } }),
    );
    // Replies did not change; the message lost its reaction.
    expect([...(await lake.publish())].sort()).toEqual(['message_reactions', 'messages']);
    expect(await lake.publish()).toEqual([]);

    const [file, ...others] = files(folder, 'current/messages');
    expect(others).toEqual([]);
    // An independent Parquet reader finds the same rows, and UTC instants for times.
    const bytes = readFileSync(join(folder, 'lake/current/messages', file!));
    const metadata = parquetMetadata(
      bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer,
    );
    expect(metadata.num_rows).toBe(2n);
    const schema = new Map(metadata.schema.map((element) => [element.name, element]));
    expect(schema.get('lastModifiedDateTime')?.logical_type).toMatchObject({
      type: 'TIMESTAMP',
      isAdjustedToUTC: true,
      unit: 'MICROS',
    });
    expect(await rowsOf(folder, 'SELECT id, body.content AS text FROM messages ORDER BY id')).toEqual([
      { id: '1', text: 'edited' },
      { id: '2', text: 'text of 2' },
    ]);
  });

  it('takes the files of a first load that brings each row once as they are; compaction merges them', async () => {
    const folder = temporaryFolder();
    await using lake = await openTestLake(folder);
    await append(lake, 'a', message('1'), message('2'));
    await append(lake, 'b', message('3', { reactions: [reaction('like', 'u1')] }));
    const before = await everything(folder);
    await lake.publish();
    expect(files(folder, 'current/messages')).toHaveLength(2);
    expect(await everything(folder)).toEqual(before);
    await lake.compact();
    expect(files(folder, 'current/messages')).toHaveLength(1);
    expect(await everything(folder)).toEqual(before);
  });

  it.each([
    ['a row twice', [message('1', { lastModifiedDateTime: at(2), subject: 'edited' }), message('2')]],
    ['a row and its removal', [{ id: '1', '@removed': { reason: 'deleted' } }, message('2')]],
  ])('merges a first load that brings %s', async (_, second) => {
    const folder = temporaryFolder();
    await using lake = await openTestLake(folder);
    await append(lake, 'a', message('1'));
    await append(lake, 'b', ...second);
    const before = await rowsOf(folder, 'SELECT id, subject FROM messages ORDER BY id');
    await lake.publish();
    const [file, ...others] = files(folder, 'current/messages');
    expect(others).toEqual([]);
    const path = join(folder, 'lake/current/messages', file!);
    expect(await rowsElsewhere(`SELECT id, subject FROM read_parquet('${path}') ORDER BY id`)).toEqual(before);
  });
});

describe('compact', () => {
  it('keeps every answer, leaves few files, and late versions still lose', async () => {
    const folder = temporaryFolder();
    await using lake = await openTestLake(folder, { keeping: { retentionMs: 0, graceMs: 0 } });
    for (let day = 1; day <= 5; day += 1) {
      await append(
        lake,
        `run-${day}`,
        message('1', {
          lastModifiedDateTime: at(day),
          replies: [message('5', { replyToId: '1', lastModifiedDateTime: at(day) })],
        }),
        message(`2${day}`, { reactions: [reaction('like', `u${day}`)] }),
      );
    }
    await append(lake, 'delete', { id: '21', '@removed': { reason: 'deleted' } });
    const before = await everything(folder);
    const report = await lake.compact();
    expect(await everything(folder)).toEqual(before);
    expect(report.tables['messages']).toMatchObject({ filesBefore: 6, filesAfter: 2, rowsBefore: 11, rowsAfter: 6 });
    expect(files(folder, 'tables/message_replies')).toHaveLength(1);
    await append(
      lake,
      'late',
      message('21', { lastModifiedDateTime: at(1) }),
      message('1', { lastModifiedDateTime: at(2) }),
    );
    expect(await everything(folder)).toEqual(before);
    expect((await lake.compact()).tables['messages']).toMatchObject({ rowsAfter: 6 });
    expect(await everything(folder)).toEqual(before);
  });

  it('removes files that no commit names, whatever their age: their writers are fenced off', async () => {
    const folder = temporaryFolder();
    const left = (name: string) => writeFileSync(join(folder, `lake/tables/messages/${name}.parquet`), 'left behind');
    {
      await using lake = await openTestLake(folder);
      await append(lake, 'a', message('1'));
      await lake.publish();
    }
    await using lake = await openTestLake(folder);
    left('of-format-1');
    left('L00000001-of-an-ended-lease');
    left('L00000002-of-this-one');
    left('L00000003-of-a-later-one');
    const before = files(folder, 'tables/messages');
    expect((await lake.compact()).orphansRemoved).toBe(2);
    const gone = before.filter((name) => !files(folder, 'tables/messages').includes(name));
    expect(gone.sort()).toEqual(['L00000001-of-an-ended-lease.parquet', 'of-format-1.parquet']);
  });
});
