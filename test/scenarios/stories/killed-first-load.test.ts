import { describe, expect, it, vi } from 'vitest';
import { expectTruth, hundredDays, living } from '../../support/living-world.ts';
import { hourMs, inWorld } from '../../support/reading-world.ts';

// Whole syncs: slow on a busy machine.
vi.setConfig({ testTimeout: 240_000 });

describe('10: a first load that is killed while people write', () => {
  // The second round reads what changed in the first: killed early, in its midst and late.
  const kills = ['export', 'recent', 'delta'].flatMap((first) => [3, 6].map((killAt) => [first, killAt] as const));

  it.each(kills)(
    'by %s, at file %i, is whole when the default run says "ok" an hour later',
    async (strategy, killAt) => {
      await inWorld({ messages: hundredDays }, async (world) => {
        const wrap = living(world, killAt);
        const killed = await world.sync({ strategy, segmentPages: 1, wrap });
        expect(killed.outcome).toBe('failed');
        world.pass(hourMs);
        expect((await world.sync()).outcome).toBe('ok');
        await expectTruth(world);
      });
    },
  );
});
