import { readdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  message,
  messagesPage,
  openTestLake,
  rawPage,
  reaction,
  rowsElsewhere,
  rowsOf,
  temporaryFolder,
} from '../../../test/support/lake-pages.ts';
import { tables } from '../../tables/index.generated.ts';
import { fileStore } from '../stores/file.ts';
import { fsck } from './fsck.ts';

const LIKES = { reactions: [reaction('like', 'u1')] };

/** Three loads of messages and one of users, as a sync makes them: each published. */
async function lakeOf(options: { readonly keepRaw?: boolean; readonly compacted?: boolean } = {}): Promise<string> {
  const folder = temporaryFolder();
  await using lake = await openTestLake(folder, {
    keepRaw: options.keepRaw ?? false,
    ...(options.compacted && { keeping: { retentionMs: 0, graceMs: 0 } }),
  });
  for (const id of ['1', '2', '3']) {
    const load = await lake.begin({ loadId: `load-${id}` });
    await load.append(messagesPage([message(id, LIKES)]));
    load.advance('channel_messages', 't', { through: `2026-01-0${id}` });
    await load.replace('users', '', [rawPage('users', '', Buffer.from(JSON.stringify({ value: [{ id: 'u1' }] })))]);
    await load.close();
    await lake.publish();
  }
  if (options.compacted) await lake.compact();
  return folder;
}

const at = (folder: string, path: string) => join(folder, 'lake', path);
const look = (folder: string) => fsck({ store: fileStore(at(folder, '.')), tables });
const rows = (folder: string) => rowsOf(folder, 'SELECT id FROM messages ORDER BY id');
const likes = (folder: string) => rowsOf(folder, 'SELECT message_id FROM message_reactions ORDER BY 1');
const shown = (folder: string, table: string) => rowsElsewhere(`FROM '${at(folder, `current/${table}/*.parquet`)}'`);
const ALL = [{ id: '1' }, { id: '2' }, { id: '3' }];

async function repaired(folder: string, options = {}) {
  await using lake = await openTestLake(folder, { mendsLog: true, ...options });
  return await lake.repair();
}

/** The files of a table that count, of one kind. */
async function filesOf(folder: string, table: string, kind: 'base' | 'changes'): Promise<string[]> {
  const { surveyLog } = await import('../log/log-survey.ts');
  const { state } = await surveyLog(fileStore(at(folder, '.')));
  return [...state.files.values()].filter((file) => file.table === table && file.kind === kind).map(({ path }) => path);
}

/** Harms a file, and what `current/` shows of it. */
function harmAll(folder: string, path: string, harm: (path: string) => void): void {
  harm(at(folder, path));
  rmSync(at(folder, path.replace('tables/', 'current/')), { force: true });
}

const HARM: readonly (readonly [string, (path: string) => void])[] = [
  ['lost', (path) => rmSync(path)],
  ['cut', (path) => truncateSync(path, 100)],
  [
    'changed in one bit',
    (path) => {
      const bytes = readFileSync(path);
      bytes[Math.floor(bytes.length / 2)]! ^= 1;
      writeFileSync(path, bytes);
    },
  ],
];

describe('fsck', () => {
  it('finds nothing in a whole lake, compacted or not, and changes nothing', async () => {
    for (const folder of [await lakeOf(), await lakeOf({ compacted: true, keepRaw: true })]) {
      expect(await look(folder)).toMatchObject({ findings: [], notes: [], orphans: { files: 0 } });
    }
  });

  it('counts files that no commit names, and calls them no damage', async () => {
    const folder = await lakeOf();
    writeFileSync(at(folder, 'tables/messages/left-by-a-crash.parquet'), 'abc');
    expect(await look(folder)).toMatchObject({ findings: [], orphans: { files: 1, bytes: 3 } });
  });

  it('refuses a log of which nothing can be read', async () => {
    const folder = await lakeOf();
    for (const name of readdirSync(at(folder, '_log'))) writeFileSync(at(folder, `_log/${name}`), '{');
    await expect(look(folder)).rejects.toMatchObject({ code: 'lake_commit_corrupt' });
  });
});

describe.each(HARM)('a file that is %s', (_, harm) => {
  it('and holds changes that the base has: no row is lost, and readers by version are told', async () => {
    const folder = await lakeOf();
    const file = (await filesOf(folder, 'messages', 'changes')).at(-1);
    harm(at(folder, file!));
    const { findings } = await look(folder);
    expect(findings).toMatchObject([{ file, table: 'messages', rows: 1, mending: 'history_ends', partitions: [] }]);
    expect(await repaired(folder)).toMatchObject({ dropped: [file], forgotten: [], feedFrom: expect.any(Number) });
    expect(await look(folder)).toMatchObject({ findings: [] });
    expect(await rows(folder)).toEqual(ALL);
  });

  it('and holds current rows: made anew from the changes, with what is made of them', async () => {
    const folder = await lakeOf();
    const bases = await filesOf(folder, 'messages', 'base');
    for (const file of bases) harmAll(folder, file, harm);
    const { findings } = await look(folder);
    expect(findings.filter(({ part }) => part === 'table').map(({ mending }) => mending)).toEqual(
      bases.map(() => 'rebuild'),
    );
    expect(await repaired(folder)).toMatchObject({ dropped: [], forgotten: [], landedAgain: [] });
    expect(await look(folder)).toMatchObject({ findings: [] });
    expect(await rows(folder)).toEqual(ALL);
    expect(await likes(folder)).toHaveLength(3);
    expect(await shown(folder, 'messages')).toHaveLength(3);
    expect(await shown(folder, 'message_reactions')).toHaveLength(3);
  });

  it('and is made of others: made anew', async () => {
    const folder = await lakeOf();
    const [file] = await filesOf(folder, 'message_reactions', 'base');
    harmAll(folder, file!, harm);
    expect((await look(folder)).findings[0]).toMatchObject({ file, mending: 'rebuild' });
    await repaired(folder);
    expect(await look(folder)).toMatchObject({ findings: [] });
    expect(await shown(folder, 'message_reactions')).toHaveLength(3);
  });

  it('and whose changes are gone: kept pages are landed again, and positions stay', async () => {
    const folder = await lakeOf({ keepRaw: true, compacted: true });
    for (const file of await filesOf(folder, 'messages', 'base')) harmAll(folder, file, harm);
    const report = await look(folder);
    expect(report.findings[0]).toMatchObject({ table: 'messages', mending: 'raw' });
    expect(report.cost).toMatchObject({ keptPages: 3, partitions: [] });
    expect(await repaired(folder)).toMatchObject({ landedAgain: ['channel_messages'], forgotten: [] });
    expect(await look(folder)).toMatchObject({ findings: [] });
    expect(await rows(folder)).toEqual(ALL);
    expect(await shown(folder, 'message_reactions')).toHaveLength(3);
  });

  it('and cannot be had back: the positions go with it, those of no other resource', async () => {
    const folder = await lakeOf({ compacted: true });
    for (const file of await filesOf(folder, 'messages', 'base')) harmAll(folder, file, harm);
    const report = await look(folder);
    expect(report.findings[0]).toMatchObject({ mending: 'read_again', partitions: ['channel_messages/t'] });
    expect(report.cost).toMatchObject({ partitions: ['channel_messages/t'], rows: 3 });
    expect(await repaired(folder)).toMatchObject({ forgotten: ['channel_messages/t'] });
    expect(await look(folder)).toMatchObject({ findings: [] });
    expect(await rows(folder)).toEqual([]);
    expect(await rowsOf(folder, 'SELECT id FROM users')).toEqual([{ id: 'u1' }]);
    await using lake = await openTestLake(folder);
    expect(lake.positions().size).toBe(0);
  });

  it('and stands in current/ only: made anew', async () => {
    const folder = await lakeOf();
    const [name] = readdirSync(at(folder, 'current/messages'));
    const path = at(folder, `current/messages/${name}`);
    const bytes = readFileSync(path);
    rmSync(path);
    writeFileSync(path, bytes);
    harm(path);
    const { findings } = await look(folder);
    expect(findings).toMatchObject([{ part: 'current', file: `current/messages/${name}`, mending: 'show_again' }]);
    await repaired(folder);
    expect(await look(folder)).toMatchObject({ findings: [] });
    expect(await shown(folder, 'messages')).toHaveLength(3);
  });
});

it('a file that current/ still shows, or that another file equals, is copied back', async () => {
  const folder = await lakeOf();
  const [file] = await filesOf(folder, 'messages', 'base');
  rmSync(at(folder, file!));
  expect((await look(folder)).findings).toMatchObject([{ file, mending: 'copy', partitions: [] }]);
  expect(await repaired(folder)).toMatchObject({ restored: [file], dropped: [], forgotten: [] });
  expect(await look(folder)).toMatchObject({ findings: [] });
  expect(await rows(folder)).toEqual(ALL);
});

describe('a log', () => {
  const names = (folder: string) => readdirSync(at(folder, '_log')).sort();

  it.each([
    ['lost', (path: string) => rmSync(path)],
    ['cut', (path: string) => truncateSync(path, 10)],
  ])('whose commit is %s goes back to the positions before it; what later loads brought stays', async (_, harm) => {
    const folder = await lakeOf();
    const commits = names(folder);
    const second = commits.find((name) => readFileSync(at(folder, `_log/${name}`), 'utf8').includes('"load-2"'))!;
    harm(at(folder, `_log/${second}`));
    const { findings, version, newest } = await look(folder);
    expect(findings.filter(({ part }) => part === 'log')).toMatchObject([
      { file: `_log/${second}`, mending: 'go_back' },
    ]);
    expect(newest).toBeGreaterThan(version);
    await repaired(folder);
    expect(await look(folder)).toMatchObject({ findings: [], notes: [{ file: `_log/${second}` }] });
    expect(await rows(folder)).toEqual([{ id: '1' }, { id: '3' }]);
    await using lake = await openTestLake(folder);
    expect(lake.positions().get('channel_messages/t')).toEqual({ through: '2026-01-01' });
    expect(lake.version).toBeGreaterThan(newest);
  });

  it('whose checkpoint is lost or damaged answers from its commits', async () => {
    for (const harm of [rmSync, (path: string) => writeFileSync(path, '{')]) {
      const folder = await lakeOf();
      {
        await using lake = await openTestLake(folder);
        while (lake.version < 21) await lake.note({ n: lake.version });
      }
      const checkpoint = names(folder).find((name) => name.includes('checkpoint'))!;
      harm(at(folder, `_log/${checkpoint}`));
      const { findings, notes } = await look(folder);
      expect([...findings, ...notes]).toMatchObject([{ part: 'log', file: `_log/${checkpoint}` }]);
      await repaired(folder);
      expect(await look(folder)).toMatchObject({ findings: [] });
      expect(await rows(folder)).toEqual(ALL);
    }
  });
});

it('a broken link in the place of the last commit is named: the lake is not taken for the one before it', async () => {
  const folder = await lakeOf();
  const last = readdirSync(at(folder, '_log'))
    .filter((name) => /^\d+\.json$/.test(name))
    .sort()
    .at(-1)!;
  const commit = at(folder, `_log/${last}`);
  const kept = readFileSync(commit);
  rmSync(commit);
  symlinkSync(`${commit}.elsewhere`, commit);
  const named = { code: 'lake_unreadable', message: expect.stringContaining(`${last} (a broken link`) };
  await expect(look(folder)).rejects.toMatchObject(named);
  await expect(repaired(folder)).rejects.toMatchObject(named);
  await expect(rows(folder)).rejects.toMatchObject(named);
  rmSync(commit);
  writeFileSync(commit, kept);
  expect(await rows(folder)).toEqual(ALL);
});

it('a file that is there and cannot be opened is not taken for damaged: nothing is dropped', async () => {
  const folder = await lakeOf();
  const [path] = await filesOf(folder, 'messages', 'base');
  rmSync(at(folder, path!));
  symlinkSync(at(folder, path!), at(folder, path!));
  const unreadable = { code: 'lake_unreadable' };
  await expect(look(folder)).rejects.toMatchObject(unreadable);
  await expect(repaired(folder)).rejects.toMatchObject(unreadable);
  await expect(rows(folder)).rejects.toMatchObject(unreadable);
});
