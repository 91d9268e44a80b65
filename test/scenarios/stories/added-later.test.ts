import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { openReader } from '../../../src/lake/query/query.ts';
import { fileStore } from '../../../src/lake/stores/file.ts';
import type { ObjectStore } from '../../../src/lake/stores/object-store.ts';
import { tables } from '../../../src/tables/index.generated.ts';
import { withoutColumns, withoutTable } from '../../support/older-release.ts';
import { dayMs, general, hourMs, inWorld, second, type World, type WorldMessage } from '../../support/reading-world.ts';

// Whole syncs: slow on a busy machine.
vi.setConfig({ testTimeout: 240_000 });

const incremental = tables.filter(({ resource }) => resource === 'channel_messages');
const records = incremental.filter(({ explode }) => explode === undefined);
const everything = { resource: 'channel_messages' };

/** Threads of two channels. */
const threads: readonly WorldMessage[] = Array.from({ length: 8 }, (_, at) => [
  { id: `root${at}`, ageMs: dayMs * (at + 2), channelId: at % 2 ? second : general },
  { id: `reply${at}`, replyToId: `root${at}`, ageMs: dayMs * (at + 1), channelId: at % 2 ? second : general },
]).flat();

/** All rows of the incremental tables, with every column. */
async function rowsOf(lake: string): Promise<Record<string, unknown[]>> {
  await using reader = await openReader({ store: fileStore(lake), tables });
  const found: Record<string, unknown[]> = {};
  for (const { name, primaryKey } of incremental) {
    const key = primaryKey.map((column) => `"${column}"`).join(', ');
    const { rows } = await reader.query(`SELECT * FROM ${name} ORDER BY ${key}`);
    found[name] = rows.map((row) => [...row]);
  }
  return found;
}

/** The lake has what a lake has that was made by today's release. */
async function expectAsNew(world: World): Promise<void> {
  const fresh = join(world.folder, 'fresh');
  await world.sync({ lake: fresh });
  expect(await rowsOf(world.lake)).toEqual(await rowsOf(fresh));
}

/** The process is gone when it writes its file of this number. */
function killedAt(file: number): (store: ObjectStore) => ObjectStore {
  let files = 0;
  return (store) => ({
    ...store,
    putFile: async (...args) => {
      files += 1;
      if (files === file) throw new Error('killed');
      return store.putFile(...args);
    },
  });
}

describe('7: a table that comes with a release', () => {
  it.each([
    ...incremental.map(({ name }) => [name, 'export'] as const),
    ['message_replies', 'recent'] as const,
    ['message_replies', 'delta'] as const,
  ])('%s is filled once, by reading again with %s', async (name, strategy) => {
    await inWorld({ messages: threads }, async (world) => {
      await world.sync({ strategy, release: withoutTable(name) });
      world.pass(hourMs);
      const filled = await world.sync({ strategy });
      expect(filled).toMatchObject({ outcome: 'ok', fillings: [{ by: 'reading_again' }], notFilled: [] });
      expect(filled.fillings[0]!.names).toContain(name);
      await expectAsNew(world);
      world.pass(hourMs);
      expect(await world.sync({ strategy })).toMatchObject({ outcome: 'ok', fillings: [], notFilled: [] });
    });
  });

  it.each([1, 2, 3])('is filled by the run after one that was killed at file %i', async (file) => {
    await inWorld({ messages: threads }, async (world) => {
      await world.sync({ release: withoutTable('message_replies') });
      world.pass(hourMs);
      await world.sync({ segmentPages: 1, wrap: killedAt(file) });
      world.pass(hourMs);
      expect((await world.sync()).outcome).toBe('ok');
      await expectAsNew(world);
    });
  });

  it('is filled from the kept pages, where all were kept, without asking for them', async () => {
    await inWorld({ messages: threads }, async (world) => {
      const first = await world.sync({ release: withoutTable('message_replies'), keepRaw: true });
      world.pass(hourMs);
      await world.fault({ kind: 'answer', status: 404, route: '/teams/{id}/channels/getAllMessages', pages: [2] });
      const filled = await world.sync({ keepRaw: true });
      expect(filled).toMatchObject({ outcome: 'ok', fillings: [{ names: ['message_replies'], by: 'kept_pages' }] });
      expect(filled.requests.total).toBeLessThanOrEqual(first.requests.total);
      await world.heal();
      await expectAsNew(world);
      expect(await world.sync({ keepRaw: true })).toMatchObject({ outcome: 'ok', fillings: [] });
    });
  });

  it('is read again where a run in between kept no pages', async () => {
    await inWorld({ messages: threads }, async (world) => {
      const release = withoutTable('message_replies');
      await world.sync({ release, keepRaw: true });
      await world.post({ type: 'post', channelId: general });
      world.pass(hourMs);
      await world.sync({ release });
      world.pass(hourMs);
      expect(await world.sync({ keepRaw: true })).toMatchObject({ outcome: 'ok', fillings: [{ by: 'reading_again' }] });
      await expectAsNew(world);
    });
  });
});

describe('7: columns that come with a release', () => {
  /** Every other column, but for `createdDateTime`: the version of a record without other times was always made of it. */
  const halves = records.flatMap(({ name, columns, primaryKey }) => {
    const all = Object.keys(columns).filter((column) => ![...primaryKey, 'createdDateTime'].includes(column));
    return [0, 1].map((half) => [name, all.filter((_, at) => at % 2 === half)] as const);
  });

  it.each(halves)('of %s are each named until they are refreshed: %j', async (name, columns) => {
    await inWorld({ messages: threads.slice(0, 4) }, async (world) => {
      expect((await world.sync({ release: withoutColumns(name, columns) })).outcome).toBe('ok');
      world.pass(hourMs);
      for (const after of [await world.sync(), await world.sync()]) {
        expect(after.outcome).toBe('partial');
        expect(after.notFilled.map(({ code, table, column }) => [code, table, column])).toEqual(
          columns.toSorted().map((column) => ['column_not_filled', name, column]),
        );
      }
      expect(await world.sync({ refresh: everything })).toMatchObject({ outcome: 'ok', notFilled: [] });
      await expectAsNew(world);
      expect(await world.sync()).toMatchObject({ outcome: 'ok', notFilled: [] });
    });
  });

  it('are filled by the run after a refresh that was killed', async () => {
    await inWorld({ messages: threads }, async (world) => {
      await world.sync({ release: withoutColumns('messages', ['subject', 'body']) });
      world.pass(hourMs);
      await world.sync({ refresh: everything, segmentPages: 1, wrap: killedAt(1) });
      expect((await world.sync()).outcome).toBe('ok');
      await expectAsNew(world);
    });
  });

  it('are filled from the kept pages, also by the run after a killed one', async () => {
    await inWorld({ messages: threads }, async (world) => {
      const [name, columns] = halves[0]!;
      const release = withoutColumns(name, columns);
      expect((await world.sync({ release, keepRaw: true, segmentPages: 2 })).outcome).toBe('ok');
      world.pass(hourMs);
      await world.sync({ keepRaw: true, wrap: killedAt(1) });
      const filled = await world.sync({ keepRaw: true });
      expect(filled).toMatchObject({ outcome: 'ok', fillings: [{ by: 'kept_pages' }], notFilled: [] });
      await expectAsNew(world);
    });
  });

  it('and go again with an older one lack the rows that it brought', async () => {
    await inWorld({ messages: threads }, async (world) => {
      await world.sync();
      await world.post({ type: 'post', channelId: general, content: 'meanwhile' });
      world.pass(hourMs);
      expect((await world.sync({ release: withoutColumns('messages', ['body']) })).outcome).toBe('ok');
      expect((await world.sync()).notFilled).toMatchObject([{ table: 'messages', column: 'body' }]);
      await world.sync({ refresh: everything });
      await expectAsNew(world);
    });
  });

  it('are told of a lake that says nothing of its columns', async () => {
    await inWorld({ messages: threads }, async (world) => {
      await world.sync({ release: withoutColumns('messages', ['subject']), forgetFacts: ['tables'] });
      world.pass(hourMs);
      const adopted = await world.sync();
      expect(adopted).toMatchObject({
        outcome: 'partial',
        adopted: true,
        notFilled: [{ table: 'messages', column: 'subject' }],
      });
      expect(await world.sync({ refresh: everything })).toMatchObject({ outcome: 'ok' });
      await expectAsNew(world);
    });
  });

  it('are not missed where a lake without that word has them', async () => {
    await inWorld({ messages: threads }, async (world) => {
      await world.sync({ forgetFacts: ['tables', 'source'] });
      const report = await world.sync();
      expect(report).toMatchObject({ outcome: 'ok', adopted: true, notFilled: [], fillings: [] });
      expect(report.adoptedFor).toContain(world.twin.env['TEAMS_TENANT_ID']);
      expect((await world.sync()).adoptedFor).toBeUndefined();
    });
  });

  it('count the record itself, kept from a later run on', async () => {
    await inWorld({ messages: threads }, async (world) => {
      await world.sync();
      const names = (await world.sync({ rawColumn: true })).notFilled.map(({ table, column }) => `${table}.${column}`);
      expect(names).toEqual(['message_replies._raw', 'messages._raw']);
      expect((await world.sync({ refresh: everything })).outcome).toBe('ok');
      expect(await world.count('messages', '_raw IS NULL')).toBe(0);
    });
  });
});

describe('7: what is read again', () => {
  it('keeps its rows and the lower edge that the lake began with', async () => {
    await inWorld({ messages: threads }, async (world) => {
      const sinceMs = world.nowMs() - 5 * dayMs;
      await world.sync({ sinceMs });
      const before = await rowsOf(world.lake);
      world.pass(hourMs);
      expect((await world.sync({ refresh: everything })).outcome).toBe('ok');
      expect(await rowsOf(world.lake)).toEqual(before);
      // A narrower edge that is asked for now takes nothing from what was there.
      world.pass(hourMs);
      await world.sync({ refresh: everything, sinceMs: world.nowMs() - dayMs });
      expect(await rowsOf(world.lake)).toEqual(before);
    });
  });

  it('is one channel of an exported team, when only that is asked for', async () => {
    await inWorld({ messages: threads }, async (world) => {
      await world.sync({ release: withoutColumns('messages', ['body']) });
      world.pass(hourMs);
      const places = [{ kind: 'channel', ids: ['t1', second] }];
      const only = await world.sync({ refresh: { ...everything, places }, teams: ['t1'], channels: [second] });
      expect(only.tables['messages']!.rows).toBeGreaterThan(0);
      expect((await world.sync()).notFilled).toMatchObject([{ table: 'messages', column: 'body' }]);
    });
  });
});
