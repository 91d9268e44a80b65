import { describe, expect, it, vi } from 'vitest';
import { exitCodeOf } from '../../../src/cli/exit-code.ts';
import { general, inWorld, second, type World } from '../../support/reading-world.ts';

// Whole syncs: slow on a busy machine.
vi.setConfig({ testTimeout: 300_000 });

const TEAMS = Array.from({ length: 8 }, (_, at) => `t${at + 1}`);
const PRIVATE_CHANNELS = 7;

interface Listed {
  readonly table: string;
  readonly resource: string;
  readonly partition: string;
  readonly route: string;
}

/** A tenant of which every listing has more than a handful, landed once. */
async function inFullWorld(story: (world: World, listings: readonly Listed[]) => Promise<void>): Promise<void> {
  await inWorld({ teams: TEAMS, users: 8 }, async (world) => {
    for (let n = 0; n < PRIVATE_CHANNELS; n++) {
      const channel = { type: 'createChannel', teamId: 't2', displayName: `Private ${n}`, membershipType: 'private' };
      await world.post(channel);
    }
    const inChannels = await world.twin.ledger('channel_members');
    const channel = String(inChannels[0]!['channel_id']);
    const held = inChannels.filter(({ channel_id }) => channel_id === channel).map(({ userId }) => userId);
    for (const { id } of await world.twin.ledger('users')) {
      if (!held.includes(id!)) await world.post({ type: 'addMember', channelId: channel, userId: id });
    }
    expect((await world.sync()).outcome).toBe('ok');
    await story(world, [
      { table: 'teams', resource: 'teams', partition: 'tenant', route: '/teams' },
      { table: 'users', resource: 'users', partition: 'tenant', route: '/users' },
      { table: 'channels', resource: 'channels', partition: 't2', route: '/teams/t2/channels' },
      { table: 'members', resource: 'team_members', partition: 't2', route: '/teams/t2/members' },
      {
        table: 'channel_members',
        resource: 'channel_members',
        partition: `t2/${channel}`,
        route: `/teams/t2/channels/${encodeURIComponent(channel)}/members`,
      },
    ]);
  });
}

const TABLES = ['teams', 'users', 'channels', 'members', 'channel_members'];

async function counts(world: World): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const table of TABLES) found[table] = await world.count(table);
  return found;
}

describe('a listing that says less than it should', () => {
  it.each([
    { kind: 'empty-listing', share: undefined },
    { kind: 'shrunken-listing', share: 0.15 },
  ])('is asked again, then deletes nothing in any table and is named: $kind', async (fault) => {
    await inFullWorld(async (world, listings) => {
      const before = await counts(world);
      for (const { resource, partition, route } of listings) {
        await world.fault({ ...fault, route });
        const report = await world.sync();
        await world.heal();
        expect(exitCodeOf(report.outcome), route).toBe(3);
        const [named, ...others] = report.skipped;
        expect([named, others]).toMatchObject([{ resource, partition, code: 'listing_shrank' }, []]);
        expect(named!.rows!.after).toBeLessThan(named!.rows!.before / 2);
        expect(named!.message).toContain(`from ${named!.rows!.before} to ${named!.rows!.after}`);
        expect(await counts(world), route).toEqual(before);
      }
      expect((await world.sync()).outcome).toBe('ok');
    });
  });

  it('is believed when its second answer is whole', async () => {
    await inFullWorld(async (world, listings) => {
      const before = await counts(world);
      for (const { route } of listings) await world.fault({ kind: 'empty-listing', route, times: 1 });
      expect(await world.sync()).toMatchObject({ outcome: 'ok', skipped: [] });
      expect(await counts(world)).toEqual(before);
    });
  });

  it('lands what it does name, and is believed under --allow-shrink', async () => {
    await inFullWorld(async (world) => {
      await world.post({ type: 'renameTeam', teamId: 't2', displayName: 'Renamed' });
      const users = await world.count('users');
      for (const route of ['/teams', '/users']) await world.fault({ kind: 'shrunken-listing', share: 0.3, route });
      expect((await world.sync()).outcome).toBe('partial');
      expect(await world.count('users')).toBe(users);
      const report = await world.sync({ allowShrink: true });
      expect(report).toMatchObject({ outcome: 'ok', skipped: [] });
      expect(await world.count('users')).toBeLessThan(users);
      expect(await world.count('teams')).toBeLessThan(TEAMS.length);
    });
  });

  it('is doubted when it lacks only the primary channel of a team, whatever else it names', async () => {
    await inFullWorld(async (world) => {
      const [primary] = (
        await world.ask(`SELECT id FROM channels WHERE team_id = 't1' AND displayName = 'General'`)
      )[0]!;
      const before = await counts(world);
      const lacks = { kind: 'unlisted-record', route: '/teams/t1/channels', holds: { id: primary } };
      for (const others of [[], [{ kind: 'status', status: 404, route: '/teams/t1/primaryChannel' }]]) {
        for (const fault of [lacks, ...others]) await world.fault(fault);
        const report = await world.sync();
        await world.heal();
        expect(report.skipped).toMatchObject([{ resource: 'channels', partition: 't1', code: 'listing_shrank' }]);
        expect([report.outcome, report.skipped[0]!.message]).toEqual([
          'partial',
          expect.stringContaining('without the primary channel'),
        ]);
        expect(await counts(world)).toEqual(before);
      }
      await world.fault({ ...lacks, times: 1 });
      expect(await world.sync()).toMatchObject({ outcome: 'ok', skipped: [] });
      expect(await counts(world)).toEqual(before);
      await world.fault(lacks);
      expect(await world.sync({ allowShrink: true })).toMatchObject({ outcome: 'ok' });
      expect(await world.count('channels')).toBe(before['channels']! - 1);
    });
  });

  it('is doubted by a first load too when it lacks the primary channel of a team, in every run until it is whole', async () => {
    await inWorld({ messages: [{ ageMs: 60_000 }] }, async (world) => {
      const lacks = { kind: 'unlisted-record', route: '/teams/t1/channels', holds: { id: general } };
      await world.fault(lacks);
      for (const _run of [1, 2]) {
        const skipped = [{ resource: 'channels', partition: 't1', code: 'listing_shrank' }];
        expect(await world.sync()).toMatchObject({ outcome: 'partial', skipped });
        expect(await world.count('channels')).toBe(1);
      }
      await world.heal();
      expect(await world.sync()).toMatchObject({ outcome: 'ok', skipped: [] });
      expect(await world.count('channels')).toBe(2);
      // One that was renamed is asked about, once, and believed.
      await world.fault({
        kind: 'edit',
        edit: 'set',
        field: 'displayName',
        value: 'Hall',
        route: '/teams/t1/channels',
      });
      const route = '/teams/{team-id}/primaryChannel';
      const asked = async () => (await world.twin.get<{ byRoute: Record<string, number> }>('/requests')).byRoute[route];
      const before = await asked();
      for (const _run of [1, 2]) expect(await world.sync()).toMatchObject({ outcome: 'ok', skipped: [] });
      expect((await asked())! - (before ?? 0)).toBe(1);
      // It is still missed.
      await world.fault(lacks);
      expect(await world.sync()).toMatchObject({ outcome: 'partial' });
    });
  });

  it('is believed when another channel is gone, though it is older in the lake than the primary one', async () => {
    await inFullWorld(async (world) => {
      const channels = await world.count('channels', "team_id = 't1'");
      await world.post({ type: 'deleteChannel', channelId: second });
      expect(await world.sync()).toMatchObject({ outcome: 'ok', skipped: [] });
      expect(await world.count('channels', "team_id = 't1'")).toBe(channels - 1);
    });
  });

  it.each(['export', 'recent'] as const)(
    'is doubted in a lake that holds only messages, read by %s: of the teams and of the channels',
    async (strategy) => {
      await inWorld({ teams: TEAMS, messages: [{ ageMs: 60_000 }] }, async (world) => {
        const tables = ['messages', 'message_replies'];
        expect((await world.sync({ tables, strategy })).outcome).toBe('ok');
        for (const fault of [{ kind: 'empty-listing' }, { kind: 'shrunken-listing', share: 0.15 }]) {
          await world.fault({ ...fault, route: '/teams' });
          const report = await world.sync({ tables, strategy });
          await world.heal();
          expect(report).toMatchObject({
            outcome: 'partial',
            skipped: [{ resource: 'teams', code: 'listing_shrank' }],
          });
        }
        await world.fault({ kind: 'unlisted-record', route: '/teams/t1/channels', holds: { id: general } });
        const report = await world.sync({ tables, strategy });
        await world.heal();
        if (strategy === 'recent') expect(report.skipped).toMatchObject([{ partition: 't1', code: 'listing_shrank' }]);
        // A tenant that lost its teams is believed once, and is quiet after.
        for (const id of TEAMS.slice(1)) await world.post({ type: 'deleteTeam', teamId: id });
        expect((await world.sync({ tables, strategy })).outcome).toBe('partial');
        expect((await world.sync({ tables, strategy, allowShrink: true })).outcome).toBe('ok');
        expect(await world.sync({ tables, strategy })).toMatchObject({ outcome: 'ok', skipped: [] });
        expect(await world.count('messages')).toBe(1);
      });
    },
  );

  it('is believed when a few are gone', async () => {
    await inFullWorld(async (world) => {
      await world.post({ type: 'deleteTeam', teamId: 't8' });
      const member = (await world.twin.ledger('members')).find(({ team_id }) => team_id === 't1')!;
      await world.post({ type: 'removeMember', teamId: 't1', userId: member['userId'] });
      expect(await world.sync()).toMatchObject({ outcome: 'ok', skipped: [] });
      expect(await world.count('teams')).toBe(TEAMS.length - 1);
      expect(await world.count('members', "team_id = 't1'")).toBe(7);
    });
  });
});
