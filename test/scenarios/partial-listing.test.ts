import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { exitCodeOf } from '../../src/cli/exit-code.ts';
import { fastRuntime } from '../support/fast-runtime.ts';
import { allRows, allTruth, withFolder } from '../support/lake.ts';
import { runSync } from '../support/sync.ts';
import { startTwin, type TestTwin } from '../support/twin.ts';

// Whole syncs: slow on a busy machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

/** The first page of one row, and one after it. */
const PAGES = 2;

const runtime = fastRuntime(40);
let twin: TestTwin;
let team: string;

beforeAll(async () => {
  twin = await startTwin({ teams: 2, channels: 3, messages: 5, users: 8, seed: 3, limits: 'none' }, { runtime });
  team = String((await twin.ledger('teams'))[0]!['id']);
});
afterAll(() => twin.close());

const listings = [
  { listing: 'users', route: () => '/users', table: 'users' },
  { listing: 'channels of a team', route: () => `/teams/${team}/channels`, table: 'channels' },
  { listing: 'members of a team', route: () => `/teams/${team}/members`, table: 'members' },
  { listing: 'messages of a team', route: () => `/teams/${team}/channels/getAllMessages`, table: 'messages' },
];

const cases = listings.flatMap((listing) => Array.from({ length: PAGES }, (_, at) => ({ ...listing, page: at + 1 })));

describe('a listing that fails at one page', () => {
  it.each(cases)('$listing, page $page: its rows are kept, the others go on', async ({ route, table, page }) => {
    await withFolder(async (lake) => {
      const call = { env: twin.env, lake, runtime, strategy: 'export' };
      expect((await runSync(call)).outcome).toBe('ok');
      const before = await allRows(lake);
      await twin.post('/events', { type: 'createUser' });
      for (const { id } of await twin.ledger('teams')) await twin.post('/events', { type: 'post', teamId: id });

      await twin.post('/faults', { kind: 'one-item-pages', route: route() });
      // Every attempt at this page fails, and all that come after it.
      const nth = Array.from({ length: 60 }, (_, at) => page + at);
      await twin.post('/faults', { kind: 'status', status: 500, route: route(), nth });
      const report = await runSync(call);
      await twin.delete('/faults');

      expect(report.outcome, JSON.stringify(report)).toBe('partial');
      expect(exitCodeOf(report.outcome)).toBe(3);
      expect(Object.values(report.tables).filter(({ deletes }) => deletes > 0)).toEqual([]);
      const [rows, truth] = [await allRows(lake), await allTruth(twin.ledger)];
      const isTouched = (row: string) => table === 'users' || row.startsWith(team);
      const keptOf = (list: readonly string[]) => list.filter(isTouched);
      const readOf = (list: readonly string[]) => list.filter((row) => !isTouched(row));
      expect(keptOf(rows[table]!)).toEqual(expect.arrayContaining(keptOf(before[table]!)));
      expect(readOf(rows['messages']!)).toEqual(readOf(truth['messages']!));
      if (table !== 'users') expect(rows['users']).toEqual(truth['users']);

      expect((await runSync(call)).outcome).toBe('ok');
      expect(await allRows(lake)).toEqual(await allTruth(twin.ledger));
    });
  });

  it('the teams, page 2: all that is below the teams of before is read', async () => {
    await withFolder(async (lake) => {
      const call = { env: twin.env, lake, runtime };
      expect((await runSync(call)).outcome).toBe('ok');
      for (const { id } of await twin.ledger('teams')) await twin.post('/events', { type: 'post', teamId: id });
      await twin.post('/faults', { kind: 'one-item-pages', route: '/teams' });
      await twin.post('/faults', { kind: 'status', status: 500, route: '/teams', pages: [2] });
      const report = await runSync(call);
      await twin.delete('/faults');
      expect(report).toMatchObject({
        outcome: 'partial',
        skipped: [{ resource: 'teams', partition: 'tenant', code: 'service_error' }],
      });
      const [rows, truth] = [await allRows(lake), await allTruth(twin.ledger)];
      expect(rows).toEqual(truth);
    });
  });
});
