import { describe, expect, it, vi } from 'vitest';
import { dayMs, general, hourMs, inWorld, minuteMs } from '../../support/reading-world.ts';

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
