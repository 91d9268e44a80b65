import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readState } from '../../src/lake/log/log.ts';
import { openReader } from '../../src/lake/query/query.ts';
import { fileStore } from '../../src/lake/stores/file.ts';
import { memoryStore } from '../../src/lake/stores/memory.ts';
import type { Lake, RawPage } from '../../src/lake/types.ts';
import { tables } from '../../src/tables/index.generated.ts';
import { type CountingStore, countingStore } from '../support/counting-store.ts';
import { message, messagesPage, openTestLake, rawPage, reaction, temporaryFolder } from '../support/lake-pages.ts';

const few = tables.filter(({ name }) => ['teams', 'messages', 'message_replies', 'message_reactions'].includes(name));
const DAYS = 30;
const MONTHS = 6;

/** One message a day: a month is a file, and the months do not overlap. */
const sight = (day: number, version: number) =>
  message(String(Date.UTC(2024, 0, 1) + day * 86_400_000), {
    lastModifiedDateTime: new Date(Date.UTC(2026, 0, 1) + version * 1000).toISOString(),
    body: { contentType: 'text', content: `version ${version}` },
    reactions: [reaction('like', `u${version}`)],
  });

const teamPage = (id: string): RawPage =>
  rawPage('teams', id, Buffer.from(JSON.stringify({ value: [{ id, displayName: id }] })), { team_id: id });

async function land(lake: Lake, loadId: string, pages: readonly RawPage[], teams: readonly string[] = []) {
  const load = await lake.begin({ loadId });
  for (const page of pages) await load.append(page);
  for (const id of teams) await load.replace('teams', id, [teamPage(id)]);
  if (teams.length > 0) await load.retain('teams', new Set(teams));
  await load.close();
}

/** Months of syncs, each shown: many files of changes, few that say what stands. */
async function grown(folder: string, store: CountingStore): Promise<Lake> {
  const lake = await openTestLake(folder, { store, tables: few });
  for (let month = 0; month < MONTHS; month += 1) {
    const days = Array.from({ length: DAYS }, (_, day) => sight(month * DAYS + day, month));
    await land(lake, `month-${month}`, [messagesPage(days)], ['t', `t${month}`]);
    await lake.publish();
  }
  return lake;
}

/** What the page says: how many files the lake has, and how many of them are found by what. */
function documented(page: string): Readonly<Record<string, number>> {
  const [table] = /^A lake of \d+ files.*?(?=\n\n[^|])/ms.exec(page)!;
  const rows = [...table.matchAll(/^\| (.+) \| \d+ \| (\d+) \|$/gm)].map(([, what, now]) => [what!, Number(now)]);
  return { 'A lake of': Number(/\d+/.exec(table)![0]), ...Object.fromEntries(rows) };
}

describe('files of a lake are located after those that are read are chosen', { timeout: 180_000 }, () => {
  let folder: string;
  let store: CountingStore;
  let lake: Lake;
  const filesOf = async (table: string, kind: 'base' | 'changes') =>
    [...(await readState(fileStore(join(folder, 'lake')))).files.values()]
      .filter((file) => file.table === table && file.kind === kind)
      .map(({ path }) => path)
      .sort();

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-lake-'));
    store = countingStore(fileStore(join(folder, 'lake')));
    lake = await grown(folder, store);
  }, 180_000);
  afterAll(async () => {
    await lake.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('a query locates what says which rows of its tables stand, once; another one what it needs besides', async () => {
    const [teams, messages] = [await filesOf('teams', 'base'), await filesOf('messages', 'base')];
    const isDelete = new Set(
      [...(await readState(store)).files.values()].filter(({ deletes }) => deletes > 0).map(({ path }) => path),
    );
    const changes = await filesOf('teams', 'changes');
    const standing = [...teams, ...changes.filter((path) => isDelete.has(path))].sort();
    await using reader = await openReader({ store, tables: few });
    const located = async (sql: string) => {
      store.forget();
      await reader.query(sql);
      return store.located;
    };
    expect(await located('SELECT count(*) FROM teams')).toEqual(standing);
    expect(await located('SELECT max(id) FROM Teams')).toEqual([]);
    expect(await located('SELECT count(*) FROM teams_changes')).toEqual([...teams, ...changes].sort());
    expect(await located('SELECT 1')).toEqual([]);
    // Made of the messages and replies that stand.
    expect(await located('SELECT count(*) FROM message_reactions')).toEqual(expect.arrayContaining(messages));
    expect(await located('SELECT count(*) FROM message_reactions, teams')).toEqual([]);
  });

  it('of files of this machine a second table finds all, and a third is asked without opening the lake again', async () => {
    const local = countingStore(fileStore(join(folder, 'lake')), { isLocal: true });
    await using reader = await openReader({ store: local, tables: few });
    const locatedFor = async (table: string) => {
      local.forget();
      await reader.query(`SELECT count(*) FROM ${table}`);
      return local.located.length;
    };
    const [first, second] = [await locatedFor('teams'), await locatedFor('message_replies_changes')];
    expect([await locatedFor('messages_changes'), await locatedFor('teams_changes')]).toEqual([0, 0]);
    expect(second).toBeGreaterThan(first);
  });

  it.each([
    "SELECT * FROM messages, read_csv('/etc/passwd')",
    'DELETE FROM messages',
    'SELECT 1 FROM messages; SELECT 2',
  ])('a query that is refused locates none: %s', async (sql) => {
    await using reader = await openReader({ store, tables: few });
    store.forget();
    await expect(reader.query(sql)).rejects.toThrow();
    expect(store.located).toEqual([]);
  });

  it('the catalogue is asked of every table', async () => {
    await using reader = await openReader({ store, tables: few });
    store.forget();
    expect((await reader.query('SHOW TABLES')).rows).toHaveLength(2 * few.length);
    expect(store.located).toEqual(
      [
        ...(await filesOf('teams', 'base')),
        ...(await filesOf('teams', 'changes')),
        ...(await filesOf('messages', 'base')),
        ...(await filesOf('messages', 'changes')),
        ...(await filesOf('message_replies', 'base')),
      ].sort(),
    );
  });

  it('a commit that brings only what is new locates no file, and showing it those that are written anew', async () => {
    const before = new Set([...(await readState(store)).files.keys()]);
    store.forget();
    await land(lake, 'tail', [{ ...messagesPage([sight(MONTHS * DAYS, 99)]), readBefore: true }]);
    expect(store.located).toEqual([]);
    await lake.publish();
    const state = await readState(store);
    const fresh = [...state.files.keys()].filter((path) => !before.has(path));
    const gone = [...before].filter((path) => !state.files.has(path));
    const expected = [...fresh, ...gone].filter((path) => path.startsWith('tables/messages/')).sort();
    expect(store.located).toEqual(expected);
  });

  it('a page that was landed before locates files in which its rows can stand, and adds no row', async () => {
    const messages = await filesOf('messages', 'base');
    store.forget();
    const load = await lake.begin({ loadId: 'again' });
    await load.append({ ...messagesPage([sight(MONTHS * DAYS, 99)]), readBefore: true });
    await load.close();
    expect(load.counts['messages']?.rows).toBe(0);
    const located = store.located.filter((path) => messages.includes(path));
    expect(located.length).toBeGreaterThan(0);
    expect(located.length).toBeLessThan(messages.length);
  });

  it('a removal that says its whole key locates no file of its table', async () => {
    const removed = (id: string) => ({ id, '@removed': { reason: 'deleted' } });
    store.forget();
    const load = await lake.begin({ loadId: 'removals' });
    await load.append(messagesPage([removed('1000000000000')]));
    await load.close();
    expect(load.counts['messages']?.deletes).toBe(1);
    expect(store.located.filter((path) => path.startsWith('tables/messages/'))).toEqual([]);
  });
});

it('the counts of docs/performance.md are those of this lake', { timeout: 180_000 }, async () => {
  const folder = temporaryFolder();
  const store = countingStore(memoryStore({ scratchDir: folder }));
  await using lake = await grown(folder, store);
  await using reader = await openReader({ store, tables: few, scratchDir: folder });
  const count = async (work: () => Promise<unknown>) => {
    store.forget();
    await work();
    return store.located.length;
  };
  const changed = { ...messagesPage([sight(0, 100), sight(MONTHS * DAYS, 100)]), readBefore: true };
  expect({
    'A lake of': (await readState(store)).files.size,
    '`SELECT count(*) FROM teams`': await count(() => reader.query('SELECT count(*) FROM teams')),
    'two messages, one of them changed, are committed': await count(() => land(lake, 'changed', [changed])),
    'they are shown in `current/`': await count(() => lake.publish()),
  }).toEqual(documented(readFileSync('docs/performance.md', 'utf8')));
});
