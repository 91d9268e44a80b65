import { createHash } from 'node:crypto';
import { readdir, readFile, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { fsck } from '../../src/lake/health/fsck.ts';
import { openLake } from '../../src/lake/lake.ts';
import { fileStore } from '../../src/lake/stores/file.ts';
import type { ObjectStore } from '../../src/lake/stores/object-store.ts';
import { tables } from '../../src/tables/index.generated.ts';
import { fastRuntime } from '../support/fast-runtime.ts';
import { allRows, ask, ledgerRows, withFolder } from '../support/lake.ts';
import { runSync, type SyncCall } from '../support/sync.ts';
import { startTwin, type TestTwin } from '../support/twin.ts';

// Whole syncs: slow on a busy machine.
vi.setConfig({ testTimeout: 400_000 });

const names = ['hosted_contents', 'chat_hosted_contents'];
const files = ['hosted_content_files', 'chat_hosted_content_files'];
const both = [...names, ...files];
const size = { teams: 2, channels: 2, messages: 40, users: 12, chats: 5, seed: 5, limits: 'none' } as const;
const VALUE = '/**/hostedContents/{id}/$value';

interface Story {
  readonly twin: TestTwin;
  readonly lake: string;
  read(options?: Partial<SyncCall>): ReturnType<typeof runSync>;
  compact(): Promise<{ contentsRemoved: number }>;
}

const inStory = (use: (story: Story) => Promise<void>): Promise<void> =>
  withFolder(async (folder) => {
    const runtime = fastRuntime(20);
    const twin = await startTwin(size, { runtime });
    const lake = join(folder, 'lake');
    const compact = async () => {
      const scratchDir = join(folder, 'scratch');
      await using opened = await openLake({
        store: fileStore(lake),
        tables,
        runtime,
        scratchDir,
        keeping: { retentionMs: 0, graceMs: 0 },
      });
      return opened.compact();
    };
    try {
      await use({
        twin,
        lake,
        compact,
        read: (options) => runSync({ env: twin.env, lake, runtime, tables: both, ...options }),
      });
    } finally {
      await twin.close();
    }
  });

const truthOf = async ({ twin }: Story) => (await Promise.all(names.map((name) => twin.ledger(name)))).flat();

/** Files of the lake beside its tables, by their names. */
async function filesOf({ lake }: Story): Promise<readonly string[]> {
  const found = await readdir(join(lake, 'contents'), { recursive: true, withFileTypes: true }).catch(() => []);
  return found
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .sort();
}

/** What the rows say is kept. */
const keptRows = async ({ lake }: Story): Promise<unknown[][]> =>
  (
    await Promise.all(
      files.map((name) =>
        ask(lake, `SELECT message_id, id, contentType, size, sha256, file FROM ${name} WHERE code IS NULL`),
      ),
    )
  ).flat();

/** Rows and files are those of the ledger: each content once, its bytes as they were sent, equal bytes one file. */
async function expectKept(story: Story): Promise<void> {
  const truth = await truthOf(story);
  const rows = await keptRows(story);
  expect(rows.map(([message, id, type, bytes, sha256]) => [message, id, type, bytes, sha256].join('|')).sort()).toEqual(
    truth.map((row) => [row['message_id'], row['id'], row['contentType'], row['size'], row['sha256']].join('|')).sort(),
  );
  expect(await filesOf(story)).toEqual([...new Set(truth.map((row) => String(row['sha256'])))].sort());
  for (const [, , , bytes, sha256, file] of rows) {
    const path = join(story.lake, String(file));
    expect(
      createHash('sha256')
        .update(await readFile(path))
        .digest('hex'),
    ).toBe(sha256);
    const { size: length, mode } = await stat(path);
    expect([length, mode & 0o777]).toEqual([bytes, 0o600]);
  }
}

it.each(['export', 'recent', 'delta', 'full'])(
  'contents that messages name are rows, without a request (%s)',
  (strategy) =>
    inStory(async (story) => {
      const { twin, lake, read } = story;
      const rows = async () => Object.values(await allRows(lake, names));
      const truth = async () => Promise.all(names.map(async (name) => ledgerRows(name, await twin.ledger(name))));
      const alone = ['messages', 'chat_messages'];
      const first = await read({ tables: alone, strategy });
      expect(await rows()).toEqual(await truth());
      expect((await rows()).map((one) => one.length > 3)).toEqual([true, true]);
      expect(await ask(lake, 'SELECT count(*) FROM hosted_contents WHERE root_message_id <> message_id')).not.toEqual([
        [0],
      ]);
      expect(first.requests.total).toBeLessThan((await truthOf(story)).length + 100);

      await twin.post('/events', [
        { type: 'post', pictures: 3 },
        {
          type: 'reply',
          pictures: 2,
          content: 'See https://graph.microsoft.com/v1.0/chats/c/messages/1/hostedContents/x/$value',
        },
        { type: 'postToChat', pictures: 1 },
        { type: 'react', reactionType: 'custom' },
      ]);
      const [named] = await twin.ledger('hosted_contents');
      const { team_id: teamId, channel_id: channelId, root_message_id: messageId, message_id: id } = named!;
      await twin.post('/events', {
        type: 'delete',
        teamId,
        channelId,
        messageId,
        ...(id !== messageId && { replyId: id }),
      });
      await read({ tables: alone, strategy });
      expect(await rows()).toEqual(await truth());
      expect(
        await ask(lake, `SELECT count(*) FROM hosted_contents WHERE message_id = '${id}' AND id = '${named!['id']}'`),
      ).toEqual([[0]]);
    }),
);

it('bytes are files of the lake when they are asked for, each content once', () =>
  inStory(async (story) => {
    const { twin, read, compact } = story;
    expect(await read()).toMatchObject({ error: undefined, outcome: 'ok', skipped: [] });
    await expectKept(story);
    const shared = (await truthOf(story)).length - (await filesOf(story)).length;
    expect(shared).toBeGreaterThan(0);

    const idle = await read();
    expect(idle.tables).toMatchObject({ hosted_content_files: { rows: 0 }, chat_hosted_content_files: { rows: 0 } });
    await twin.post('/events', [
      { type: 'post', pictures: 2 },
      { type: 'postToChat', pictures: 1 },
    ]);
    const next = await read();
    expect(next.requests.total).toBeLessThanOrEqual(idle.requests.total + 10);
    await expectKept(story);
    expect(await compact()).toMatchObject({ contentsRemoved: 0 });
    await expectKept(story);
  }));

it('a deleted message takes its rows along with the next run, and its files with the next compaction', () =>
  inStory(async (story) => {
    const { twin, read, compact } = story;
    await read();
    for (const one of (await twin.ledger('chat_hosted_contents')).slice(0, 2))
      await twin
        .post('/events', { type: 'deleteInChat', chatId: one['chat_id'], messageId: one['message_id'] })
        .catch(() => undefined);
    const before = (await filesOf(story)).length;
    await read();
    expect((await keptRows(story)).length).toBe((await truthOf(story)).length);
    expect((await filesOf(story)).length).toBe(before);
    expect((await compact()).contentsRemoved).toBeGreaterThan(0);
    await expectKept(story);
  }));

it('a content that is refused or gone is named with its reason, and the others are read', () =>
  inStory(async (story) => {
    const { twin, lake, read } = story;
    const all = await truthOf(story);
    await twin.post('/faults', { kind: 'forbidden', route: VALUE, nth: [2] });
    await twin.post('/faults', { kind: 'status', status: 404, route: VALUE, nth: [4] });
    await twin.post('/faults', { kind: 'status', status: 413, body: '', route: VALUE, nth: [6] });
    const report = await read();
    expect(report.outcome).toBe('partial');
    expect(report.skipped.length).toBeGreaterThanOrEqual(2);
    expect(new Set(report.skipped.map(({ code }) => code))).toEqual(new Set(['hosted_contents_unread']));
    expect((await keptRows(story)).length).toBe(all.length - 3);
    const unread = await Promise.all(
      files.map((name) => ask(lake, `SELECT code, tries FROM ${name} WHERE code IS NOT NULL`)),
    );
    expect(unread.flat().map(([, tries]) => tries)).toEqual([1, 1, 1]);
    await twin.delete('/faults');
    expect(await read()).toMatchObject({ outcome: 'ok', skipped: [] });
    await expectKept(story);
  }));

it('faults on the way are repeated: bytes that broke off are no file', () =>
  inStory(async (story) => {
    const { twin, read } = story;
    for (const kind of ['cut-off', 'reset', 'throttle', 'wrong-length'])
      await twin.post('/faults', { kind, route: VALUE, probability: 0.15 });
    await twin.post('/faults', { kind: 'status', status: 503, route: VALUE, probability: 0.15 });
    let report = await read();
    await twin.delete('/faults');
    if (report.outcome !== 'ok') report = await read();
    expect(report.outcome).toBe('ok');
    await expectKept(story);
  }));

it('what is larger than the limit is named and counted, and fetched under a larger one', () =>
  inStory(async (story) => {
    const { lake, read } = story;
    await read({ tables: ['messages', 'chat_messages'] });
    const truth = await truthOf(story);
    const limit = 10_000;
    const large = truth.filter((row) => Number(row['size']) > limit);
    expect(large.length).toBeGreaterThan(1);
    const report = await read({ contentLimitMb: limit / 1024 / 1024 });
    expect(report.outcome).toBe('partial');
    expect(report.skipped.map(({ message }) => message).join('\n')).toMatch(
      /\d+ of the contents .*hosted_content_too_large/,
    );
    expect((await keptRows(story)).length).toBe(truth.length - large.length);
    const rows = (
      await Promise.all(
        files.map((name) => ask(lake, `SELECT id, size, code, limitBytes FROM ${name} WHERE code IS NOT NULL`)),
      )
    ).flat();
    expect(rows.map((row) => row.join('|')).sort()).toEqual(
      large.map((row) => [row['id'], row['size'], 'hosted_content_too_large', limit].join('|')).sort(),
    );
    const again = await read({ contentLimitMb: limit / 1024 / 1024 });
    expect(again.outcome).toBe('partial');
    expect(await read()).toMatchObject({ outcome: 'ok' });
    await expectKept(story);
  }));

it.each([
  [1, 'before'],
  [3, 'after'],
  [20, 'after'],
  [33, 'before'],
] as const)('a run that dies at write %i, %s it, loses and doubles nothing', (write, when) =>
  inStory(async (story) => {
    const { read } = story;
    await read({ tables: ['messages', 'chat_messages'] });
    let writes = 0;
    const wrap = (store: ObjectStore): ObjectStore => ({
      ...store,
      putFile: async (...args) => {
        writes += 1;
        const isLast = writes >= write;
        if (isLast && when === 'before') throw new Error('killed');
        await store.putFile(...args);
        if (isLast) throw new Error('killed');
      },
    });
    await read({ wrap, segmentPages: 5 }).catch(() => undefined);
    expect((await read()).outcome).toBe('ok');
    await expectKept(story);
  }),
);

it('a check names files that are missing or changed, and a repair lets them be fetched again', () =>
  inStory(async (story) => {
    const { lake, read } = story;
    await read();
    const look = () => fsck({ store: fileStore(lake), tables });
    expect((await look()).findings).toEqual([]);
    const [first] = await filesOf(story);
    await truncate(join(lake, 'contents', first!.slice(0, 2), first!), 3);
    const report = await look();
    expect(report.findings).toMatchObject([{ part: 'content', kind: 'corrupt', mending: 'fetch_again' }]);
    await using opened = await openLake({
      store: fileStore(lake),
      tables,
      runtime: fastRuntime(20),
      scratchDir: join(lake, '..', 'scratch'),
    });
    await opened.repair();
    await opened.close();
    expect((await look()).findings).toEqual([]);
    expect(await read()).toMatchObject({ outcome: 'ok' });
    await expectKept(story);
  }));
