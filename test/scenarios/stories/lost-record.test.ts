import { describe, expect, it, vi } from 'vitest';
import { dayMs, general, hourMs, inWorld, minuteMs, second } from '../../support/reading-world.ts';

// Whole syncs: slow on a busy machine.
vi.setConfig({ testTimeout: 240_000 });

const messages = Array.from({ length: 120 }, (_, at) => ({ ageMs: hourMs + at * hourMs }));

describe('2, 24: a message that is no JSON', () => {
  it.each(['export', 'recent', 'delta'])(
    'read by %s costs itself alone, is set aside once, is named in every run, and is read when it heals',
    async (strategy) => {
      await inWorld({ messages }, async (world) => {
        await world.fault({ kind: 'edit', edit: 'control-character', holds: { message: 60, of: 120 } });
        const first = await world.sync({ strategy });
        expect([first.outcome, first.tables['messages']?.quarantined]).toEqual(['partial', 1]);
        expect(first.gaps).toMatchObject([{ resource: 'channel_messages', code: 'page_invalid', tries: 1 }]);
        expect(first.skipped).toEqual([]);
        expect(await world.count('messages')).toBe(119);

        await world.post({ type: 'post', channelId: general, content: 'new' });
        world.pass(20 * minuteMs);
        const second = await world.sync({ strategy });
        expect([second.outcome, second.tables['messages']]).toEqual([
          'partial',
          expect.objectContaining({ rows: 1, quarantined: 0 }),
        ]);
        expect(second.gaps).toMatchObject([{ code: 'page_invalid', tries: 2, since: first.gaps[0]!.since }]);
        expect(await world.count('messages')).toBe(120);

        await world.heal();
        world.pass(2 * dayMs);
        expect(await world.sync({ strategy })).toMatchObject({ outcome: 'ok', gaps: [], skipped: [] });
        expect(await world.count('messages')).toBe(121);
      });
    },
  );
});

it.each(['export', 'recent'])(
  '4, 24: what is below a team whose record is no JSON is read on by %s',
  async (strategy) => {
    await inWorld({ teams: ['t1', 't2'], messages: messages.slice(0, 2) }, async (world) => {
      await world.sync({ strategy });
      await world.fault({ kind: 'edit', edit: 'control-character', field: 'displayName', route: '/teams' });
      await world.post({ type: 'post', channelId: second });
      world.pass(hourMs);
      const report = await world.sync({ strategy });
      expect(report.skipped.map(({ resource, partition }) => `${resource} ${partition}`)).toEqual(['teams tenant']);
      expect(await world.count('messages')).toBe(3);
      await world.heal();
      expect(await world.sync({ strategy })).toMatchObject({ outcome: 'ok', skipped: [] });
    });
  },
);

it('4, 24: a record of a listing that is no JSON costs itself alone, is set aside once, and deletes nothing', async () => {
  await inWorld({ teams: ['t1', 't2'], messages: messages.slice(0, 2) }, async (world) => {
    await world.sync();
    for (const route of ['/users', '/teams/{id}/channels', '/teams/{id}/members'])
      await world.fault({ kind: 'edit', edit: 'control-character', field: 'displayName', route });
    await world.post({ type: 'post', channelId: second });
    world.pass(hourMs);
    const named = ['channels t1', 'channels t2', 'team_members t1', 'team_members t2', 'users tenant'];
    for (const setAside of [
      { users: 1, channels: 2, members: 2 },
      { users: 0, channels: 0, members: 0 },
    ]) {
      const report = await world.sync();
      expect([report.outcome, report.error]).toEqual(['partial', undefined]);
      expect(report.skipped.map(({ resource, partition }) => `${resource} ${partition}`).sort()).toEqual(named);
      for (const [table, quarantined] of Object.entries(setAside))
        expect(report.tables[table]).toMatchObject({ quarantined, deletes: 0 });
    }
    expect(await world.count('messages')).toBe(3);
    await world.heal();
    expect(await world.sync()).toMatchObject({ outcome: 'ok', skipped: [] });
  });
});
