import { describe, expect, it, vi } from 'vitest';
import { expectTruth, hundredDays } from '../../support/living-world.ts';
import { dayMs, general, hourMs, inWorld } from '../../support/reading-world.ts';

// Whole syncs: slow on a busy machine.
vi.setConfig({ testTimeout: 240_000 });

describe('23: a service whose clock runs two hours ahead', () => {
  it.each(['export', 'recent', 'delta'])('loses no message by %s', async (strategy) => {
    await inWorld({ messages: hundredDays.slice(0, 60) }, async (world) => {
      await world.twin.post('/behaviour', { dateSkewMs: 2 * hourMs });
      expect((await world.sync({ strategy })).outcome).toBe('ok');
      await world.post({ type: 'post', channelId: general, content: 'within the two hours' });
      world.pass(dayMs);
      await world.twin.post('/behaviour', { dateSkewMs: 0 });
      expect((await world.sync({ strategy })).outcome).toBe('ok');
      await expectTruth(world);
    });
  });
});
