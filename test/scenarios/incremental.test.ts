import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { fastRuntime } from '../support/fast-runtime.ts';
import { allRows, allTruth, ask, withFolder } from '../support/lake.ts';
import { runSync } from '../support/sync.ts';
import { startTwin, type TestTwin } from '../support/twin.ts';

// Whole syncs: slow on a busy machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const SEED = Number(process.env['SLUICE_SEED'] ?? 7);
const MESSAGE_TABLES = ['messages', 'message_replies'];

const runtime = fastRuntime(10);
let twin: TestTwin;
beforeEach(async () => {
  twin = await startTwin({ teams: 3, channels: 3, messages: 40, users: 25, seed: SEED, limits: 'none' }, { runtime });
});
afterEach(() => twin.close());

/** Rows of `after` that are not in `before`: what a change touched. */
const newIn = (before: readonly string[], after: readonly string[]) => {
  const known = new Set(before);
  return after.filter((row) => !known.has(row));
};

/** 100 things that happen; what they leave open the tenant picks by its seed. */
function script(team: string, channel: string): object[] {
  const often = (times: number, event: object) => Array.from({ length: times }, () => event);
  return [
    ...often(25, { type: 'post' }),
    ...often(20, { type: 'reply' }),
    ...often(15, { type: 'edit' }),
    ...often(12, { type: 'react' }),
    ...often(6, { type: 'unreact' }),
    ...often(6, { type: 'delete' }),
    ...often(2, { type: 'undelete' }),
    ...often(2, { type: 'createUser' }),
    ...often(3, { type: 'addMember', teamId: team }),
    ...often(2, { type: 'removeMember', teamId: team }),
    { type: 'createChannel', teamId: team, displayName: 'Launch' },
    { type: 'createChannel', teamId: team, membershipType: 'private' },
    { type: 'renameChannel', teamId: team, channelId: channel, displayName: 'Renamed' },
    { type: 'renameTeam', teamId: team, displayName: 'Renamed too' },
    { type: 'archiveTeam', teamId: team },
    { type: 'unarchiveTeam', teamId: team },
    { type: 'createTeam', displayName: 'New team' },
  ];
}

describe.each(['export', 'recent', 'delta'])('after 100 changes, by %s', (strategy) => {
  it('exactly the changed rows arrive, and then nothing', async () => {
    await withFolder(async (lake) => {
      const call = { env: twin.env, lake, runtime, strategy };
      expect((await runSync(call)).outcome).toBe('ok');
      // A second round, so that delta has its links.
      await runSync(call);
      const before = await allTruth(twin.ledger);
      const { id: channel, team_id: team } = (await twin.ledger('channels'))[1]!;
      const events = script(String(team), String(channel));
      expect(events).toHaveLength(100);
      await twin.post('/events', events);
      const truth = await allTruth(twin.ledger);

      const second = await runSync(call);
      expect(second.outcome, JSON.stringify(second)).toBe('ok');
      expect(await allRows(lake)).toEqual(truth);
      for (const table of MESSAGE_TABLES) {
        expect(second.tables[table]!.rows, table).toBe(newIn(before[table]!, truth[table]!).length);
      }
      expect(second.tables['users']).toMatchObject({ rows: 2, deletes: 0 });
      expect(second.tables['members']!.deletes).toBe(newIn(truth['members']!, before['members']!).length);
      expect(await ask(lake, `SELECT displayName FROM channels WHERE id = '${channel}'`)).toEqual([['Renamed']]);
      expect(await ask(lake, `SELECT displayName FROM teams WHERE id = '${team}'`)).toEqual([['Renamed too']]);

      const third = await runSync(call);
      expect(third.outcome).toBe('ok');
      expect(Object.values(third.tables).map(({ rows }) => rows)).toEqual(Object.keys(third.tables).map(() => 0));
    });
  });
});

describe('an idle run', () => {
  it('costs one request per team for messages, and discovery', async () => {
    await withFolder(async (lake) => {
      const call = { env: twin.env, lake, runtime, strategy: 'export' };
      await runSync(call);
      const idle = await runSync({ ...call, tables: MESSAGE_TABLES });
      const { length: teams } = await twin.ledger('teams');
      const [[shared]] = (await ask(lake, "SELECT count(*) FROM channels WHERE membershipType = 'shared'")) as [
        [number],
      ];
      expect(idle.tables['messages']).toMatchObject({ rows: 0 });
      // The list of teams, then per team: its channels (shared ones are read beside the export) and its messages.
      expect(idle.requests.total).toBe(1 + 2 * teams + shared);
    });
  });
});

it('a late reply to the oldest thread arrives, and a root it does not touch stays as it is', async () => {
  await withFolder(async (lake) => {
    for (const strategy of ['recent', 'export', 'delta']) {
      const call = { env: twin.env, lake, runtime, strategy };
      await runSync(call);
      const oldest = (await ask(lake, 'SELECT channel_id, id FROM messages ORDER BY createdDateTime LIMIT 1'))[0]!;
      await twin.post('/events', { type: 'reply', channelId: oldest[0], messageId: oldest[1], content: strategy });
      await runSync(call);
      const found = await ask(
        lake,
        `SELECT count(*) FROM message_replies WHERE parent_message_id = '${oldest[1]}' AND contains(body.content, '${strategy}')`,
      );
      expect(found, strategy).toEqual([[1]]);
      expect(await allRows(lake), strategy).toEqual(await allTruth(twin.ledger));
    }
  });
});

it('rows of channels, teams and members that are gone are deleted; their messages stay', async () => {
  await withFolder(async (lake) => {
    const call = { env: twin.env, lake, runtime };
    await runSync(call);
    const [first, second] = (await twin.ledger('teams')).map(({ id }) => String(id));
    const channels = await twin.ledger('channels');
    const gone = channels.filter(({ team_id }) => team_id === second).at(-1)!;
    const messages = await ask(lake, 'SELECT count(*) FROM messages');
    await twin.post('/events', [
      { type: 'removeMember', teamId: second },
      { type: 'deleteTeam', teamId: first },
      { type: 'deleteChannel', teamId: second, channelId: gone['id'] },
    ]);
    const report = await runSync(call);
    expect(report.outcome, JSON.stringify(report)).toBe('ok');
    const [rows, truth] = [await allRows(lake), await allTruth(twin.ledger)];
    for (const table of ['teams', 'channels', 'members', 'channel_members', 'users']) {
      expect(rows[table], table).toEqual(truth[table]);
    }
    expect(Number((await ask(lake, 'SELECT count(*) FROM messages'))[0]![0])).toBeGreaterThanOrEqual(
      Number(messages[0]![0]),
    );
  });
});

describe('a first load by skip while people write', () => {
  const runtime = fastRuntime(1);
  let busy: TestTwin;
  beforeAll(async () => {
    busy = await startTwin(
      { teams: 1, channels: 3, messages: 400, users: 25, seed: SEED, limits: 'none' },
      { runtime },
    );
  });
  afterAll(() => busy.close());

  it('loses no row', async () => {
    await withFolder(async (lake) => {
      const call = { env: busy.env, lake, runtime, strategy: 'export' };
      // Slow pages keep the lists open while messages leave them.
      await busy.post('/faults', { kind: 'slow', delayMs: 120, route: '/teams/{id}/channels/getAllMessages' });
      await busy.post('/live', { eventsPerSecond: 5 });
      const first = await runSync(call);
      await busy.post('/live', { eventsPerSecond: 0 });
      await busy.delete('/faults');
      expect(first.outcome, JSON.stringify(first)).toBe('ok');
      expect((await runSync(call)).outcome).toBe('ok');
      expect(await allRows(lake)).toEqual(await allTruth(busy.ledger));
    });
  });
});
