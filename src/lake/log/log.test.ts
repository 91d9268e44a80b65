import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/support/lake-pages.ts';
import { fileStore } from '../stores/file.ts';
import type { ObjectStore } from '../stores/object-store.ts';
import type { CommitChange } from './log.ts';
import { catchUp, commitAfter, readState, takeOver } from './log.ts';

let serial = 0;
const change = (more: Partial<CommitChange> = {}): CommitChange => {
  serial += 1;
  return {
    id: `id-${serial}`,
    loadId: 'a',
    lease: 1,
    time: '2026-01-01T00:00:00Z',
    added: [],
    removed: [],
    positions: {},
    ...more,
  };
};
const file = (name: string) =>
  ({ kind: 'changes', table: 'teams', path: `tables/teams/${name}.parquet`, rows: 1, deletes: 0, bytes: 1 }) as const;
/** The file of that name, which is there. */
async function present(store: ObjectStore, name: string) {
  await store.put(file(name).path, Buffer.from('x'));
  return file(name);
}
const logFile = (folder: string, version: number) => join(folder, '_log', `${String(version).padStart(20, '0')}.json`);

describe('the log', () => {
  it('gives files and positions as of the newest commit', async () => {
    const store = fileStore(temporaryFolder());
    let state = await readState(store);
    expect(state.version).toBe(0);
    state = await commitAfter(
      store,
      state,
      change({ added: [await present(store, 'x')], positions: { 'r/p': { at: 1 }, 'r/q': { at: 1 } } }),
    );
    state = await commitAfter(
      store,
      state,
      change({ added: [await present(store, 'y')], removed: [file('x').path], positions: { 'r/q': null } }),
    );
    const read = await readState(store);
    expect(read).toEqual(state);
    expect([...read.files.keys()]).toEqual([file('y').path]);
    expect([...read.positions]).toEqual([['r/p', { at: 1 }]]);
  });

  it('opens from a checkpoint and the commits after it', async () => {
    const folder = temporaryFolder();
    const store = fileStore(folder);
    let state = await readState(store);
    for (let n = 1; n <= 43; n += 1)
      state = await commitAfter(store, state, change({ added: [await present(store, `f${n}`)] }));
    expect(readdirSync(join(folder, '_log')).filter((name) => name.includes('checkpoint'))).toHaveLength(2);
    // Everything before the last checkpoint is not read any more.
    for (let n = 1; n <= 40; n += 1) writeFileSync(logFile(folder, n), 'unread');
    expect(await readState(store)).toEqual(state);
  });

  it('fences a writer off after the commit of another lease', async () => {
    const store = fileStore(temporaryFolder());
    const start = await readState(store);
    await commitAfter(store, start, change({ lease: 2, loadId: 'new' }));
    await expect(commitAfter(store, start, change({ lease: 1 }))).rejects.toMatchObject({ code: 'lake_conflict' });
    await expect(catchUp(store, start, 1)).rejects.toMatchObject({
      code: 'lake_conflict',
      details: { loadId: 'new' },
    });
    expect((await readState(store)).version).toBe(1);
  });

  it('fences earlier leases off when it is taken over, and takes in what they had committed', async () => {
    const store = fileStore(temporaryFolder());
    const start = await commitAfter(store, await readState(store), change({ lease: 1, meta: { a: 1 } }));
    await commitAfter(store, start, change({ lease: 1, meta: { b: 2 } }));
    const taken = await takeOver(store, { id: 'taken', lease: 2, time: '2026-01-01T00:00:00Z' });
    expect(taken).toMatchObject({ version: 3, meta: { a: 1, b: 2 } });
    await expect(commitAfter(store, start, change({ lease: 1 }))).rejects.toMatchObject({ code: 'lake_conflict' });
  });

  it('steps over other commits of its lease, and knows its own commit again', async () => {
    const store = fileStore(temporaryFolder());
    const start = await readState(store);
    const { loadId: _none, ...maintenance } = change({ added: [await present(store, 'base')] });
    await commitAfter(store, start, maintenance);
    const mine = change({ added: [await present(store, 'x')] });
    const after = await commitAfter(store, start, mine);
    expect(after.version).toBe(2);
    expect([...after.files.values()].map(({ path }) => path)).toEqual([file('base').path, file('x').path]);
    // The answer to the write was lost: the same commit again must not be a second one.
    expect(await commitAfter(store, start, mine)).toEqual(after);
    expect((await readState(store)).version).toBe(2);
  });

  it.each([
    ['is not there', undefined, 'lake_file_missing'],
    ['has other bytes', 'longer', 'lake_file_corrupt'],
  ])('commits no file that %s', async (_, content, code) => {
    const store = fileStore(temporaryFolder());
    if (content !== undefined) await store.put(file('x').path, Buffer.from(content));
    const commit = commitAfter(store, await readState(store), change({ added: [file('x')] }));
    await expect(commit).rejects.toMatchObject({ code, details: { file: file('x').path } });
    expect((await readState(store)).version).toBe(0);
  });

  it('merges facts, and forgets those that are null, also over a checkpoint', async () => {
    const store = fileStore(temporaryFolder());
    let state = await commitAfter(store, await readState(store), change({ meta: { source: { tenant: 't' }, run: 1 } }));
    for (let n = 0; n < 20; n += 1) state = await commitAfter(store, state, change({ meta: { run: n } }));
    state = await commitAfter(store, state, change({ meta: { run: null } }));
    expect((await readState(store)).meta).toEqual({ source: { tenant: 't' } });
  });

  it('keeps replaced files in mind until they are deleted', async () => {
    const store = fileStore(temporaryFolder());
    let state = await commitAfter(store, await readState(store), change({ added: [await present(store, 'x')] }));
    state = await commitAfter(store, state, change({ removed: [file('x').path], time: '2026-01-02T00:00:00Z' }));
    expect([...state.files.keys()]).toEqual([]);
    expect([...state.replaced.values()]).toEqual([
      { path: file('x').path, version: 2, atMs: Date.parse('2026-01-02T00:00:00Z') },
    ]);
    state = await commitAfter(store, state, change({ deleted: [file('x').path] }));
    expect(await readState(store)).toEqual(state);
    expect(state.replaced.size).toBe(0);
  });

  it.each([
    '../x',
    '/etc/x.parquet',
    'tables/teams/../../x.parquet',
    'tables/other/x.parquet',
    'raw/teams/x.parquet',
    7,
  ])('refuses a log that names the file %j', async (path) => {
    const folder = temporaryFolder();
    const store = fileStore(folder);
    await commitAfter(store, await readState(store), change());
    const commit = JSON.parse(readFileSync(logFile(folder, 1), 'utf8'));
    const bad = { lake_commit_added: { added: [{ ...file('x'), path }] }, lake_commit_removed: { removed: [path] } };
    writeFileSync(logFile(folder, 1), JSON.stringify({ ...commit, ...bad.lake_commit_added }));
    await expect(readState(store)).rejects.toMatchObject({ code: 'lake_commit_corrupt' });
    if (path === 'tables/other/x.parquet') return;
    writeFileSync(logFile(folder, 1), JSON.stringify({ ...commit, ...bad.lake_commit_removed }));
    await expect(readState(store)).rejects.toMatchObject({ code: 'lake_commit_corrupt' });
  });

  it('reads a lake of format 1: its base files hold what they say, and no history is promised that compaction dropped', async () => {
    const folder = temporaryFolder();
    const store = fileStore(folder);
    const write = (version: number, more: object) =>
      store.put(
        `_log/${String(version).padStart(20, '0')}.json`,
        Buffer.from(
          JSON.stringify({
            format: 1,
            version,
            id: `${version}`,
            time: '2026-01-01T00:00:00Z',
            positions: {},
            ...more,
          }),
        ),
      );
    await write(1, { loadId: 'a', added: [file('a')], removed: [] });
    const base = { ...file('b'), kind: 'base', path: 'current/teams/b.parquet', asOf: 1 };
    await write(2, { added: [base], removed: [file('a').path] });
    expect(await readState(store)).toMatchObject({
      version: 2,
      feedFrom: 2,
      published: new Map([['teams', 1]]),
      replaced: new Map(),
    });
  });

  it.each([
    ['no spans', { column: 'id' }],
    ['a span with one end', { column: 'id', spans: [['a']] }],
    ['ends that are no texts', { column: 'id', spans: [[1, 2]] }],
    ['no column', { spans: [] }],
  ])('refuses a file that says of its keys: %s', async (_, keys) => {
    const folder = temporaryFolder();
    const store = fileStore(folder);
    await commitAfter(store, await readState(store), change({ added: [await present(store, 'x')] }));
    const record = JSON.parse(readFileSync(logFile(folder, 1), 'utf8')) as { added: object[] };
    writeFileSync(logFile(folder, 1), JSON.stringify({ ...record, added: [{ ...record.added[0], keys }] }));
    await expect(readState(store)).rejects.toMatchObject({ code: 'lake_commit_corrupt' });
  });

  it.each([
    ['half a commit', '{"format":1,"vers', 'lake_commit_corrupt'],
    ['no fields', '{"format":1}', 'lake_commit_corrupt'],
    ['bytes', '\u0000\u0000', 'lake_commit_corrupt'],
    ['a newer format', '{"format":3,"anything":true}', 'lake_format_newer'],
  ])('refuses %s and names the file', async (_, content, code) => {
    const folder = temporaryFolder();
    const store = fileStore(folder);
    await commitAfter(store, await readState(store), change());
    writeFileSync(logFile(folder, 1), content);
    await expect(readState(store)).rejects.toMatchObject({
      code,
      details: { file: `_log/${'1'.padStart(20, '0')}.json` },
    });
  });
});
