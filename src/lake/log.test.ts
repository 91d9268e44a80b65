import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/support/lake-pages.ts';
import type { CommitChange } from './log.ts';
import { catchUp, commitAfter, readState } from './log.ts';
import { fileStore } from './stores/file.ts';

let serial = 0;
const change = (more: Partial<CommitChange> = {}): CommitChange => {
  serial += 1;
  return {
    id: `id-${serial}`,
    loadId: 'a',
    time: '2026-01-01T00:00:00Z',
    added: [],
    removed: [],
    positions: {},
    ...more,
  };
};
const file = (path: string) => ({ kind: 'changes', table: 'teams', path, rows: 1, deletes: 0, bytes: 1 }) as const;
const logFile = (folder: string, version: number) => join(folder, '_log', `${String(version).padStart(20, '0')}.json`);

describe('the log', () => {
  it('gives files and positions as of the newest commit', async () => {
    const store = fileStore(temporaryFolder());
    let state = await readState(store);
    expect(state.version).toBe(0);
    state = await commitAfter(
      store,
      state,
      change({ added: [file('x')], positions: { 'r/p': { at: 1 }, 'r/q': { at: 1 } } }),
    );
    state = await commitAfter(store, state, change({ added: [file('y')], removed: ['x'], positions: { 'r/q': null } }));
    const read = await readState(store);
    expect(read).toEqual(state);
    expect([...read.files.keys()]).toEqual(['y']);
    expect([...read.positions]).toEqual([['r/p', { at: 1 }]]);
  });

  it('opens from a checkpoint and the commits after it', async () => {
    const folder = temporaryFolder();
    const store = fileStore(folder);
    let state = await readState(store);
    for (let n = 1; n <= 43; n += 1) state = await commitAfter(store, state, change({ added: [file(`f${n}`)] }));
    expect(readdirSync(join(folder, '_log')).filter((name) => name.includes('checkpoint'))).toHaveLength(2);
    // Everything before the last checkpoint is not read any more.
    for (let n = 1; n <= 40; n += 1) writeFileSync(logFile(folder, n), 'unread');
    expect(await readState(store)).toEqual(state);
  });

  it('fences a load off after the commit of another one', async () => {
    const store = fileStore(temporaryFolder());
    const start = await readState(store);
    await commitAfter(store, start, change({ loadId: 'new' }));
    await expect(commitAfter(store, start, change({ loadId: 'old' }))).rejects.toMatchObject({ code: 'lake_conflict' });
    await expect(catchUp(store, start, 'old')).rejects.toMatchObject({
      code: 'lake_conflict',
      details: { loadId: 'new' },
    });
    expect((await readState(store)).version).toBe(1);
  });

  it('steps over maintenance, and knows its own commit again', async () => {
    const store = fileStore(temporaryFolder());
    const start = await readState(store);
    const { loadId: _none, ...maintenance } = change({ added: [file('base')] });
    await commitAfter(store, start, maintenance);
    const mine = change({ added: [file('x')] });
    const after = await commitAfter(store, start, mine);
    expect(after.version).toBe(2);
    expect([...after.files.keys()]).toEqual(['base', 'x']);
    // The answer to the write was lost: the same commit again must not be a second one.
    expect(await commitAfter(store, start, mine)).toEqual(after);
    expect((await readState(store)).version).toBe(2);
  });

  it.each([
    ['half a commit', '{"format":1,"vers', 'lake_commit_corrupt'],
    ['no fields', '{"format":1}', 'lake_commit_corrupt'],
    ['bytes', '\u0000\u0000', 'lake_commit_corrupt'],
    ['a newer format', '{"format":2,"anything":true}', 'lake_format_newer'],
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
