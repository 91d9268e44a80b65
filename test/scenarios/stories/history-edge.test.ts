import { describe, expect, it, vi } from 'vitest';
import { expectTruth, hundredDays } from '../../support/living-world.ts';
import { general, inWorld } from '../../support/reading-world.ts';

// Whole syncs: slow on a busy machine.
vi.setConfig({ testTimeout: 240_000 });

describe('1: history without an edge', () => {
  it.each(['export', 'recent', 'full', 'delta'])(
    'is loaded whole by %s: 1970, 2004, 2016 and now',
    async (strategy) => {
      await inWorld({ messages: hundredDays.slice(0, 10) }, async (world) => {
        const times = ['1970-01-02T00:00:00Z', '2004-02-29T12:00:00Z', '2016-10-31T23:59:59Z', '2016-11-01T00:00:00Z'];
        await world.post({ type: 'import', channelId: general, times, repliesShare: 0 });
        expect((await world.sync({ strategy })).outcome).toBe('ok');
        expect(await world.count('messages')).toBe(14);
        await expectTruth(world);
      });
    },
  );
});
