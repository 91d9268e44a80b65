import { describe, expect, it, vi } from 'vitest';
import { exitCodeOf } from '../../../src/cli/exit-code.ts';
import { inWorld, type World } from '../../support/reading-world.ts';

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
