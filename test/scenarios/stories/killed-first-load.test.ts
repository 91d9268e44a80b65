import { describe, expect, it, vi } from 'vitest';
import type { ObjectStore } from '../../../src/lake/stores/object-store.ts';
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

  /** No range of time holds them: beyond the first page their channels are listed. */
  const untimed = hundredDays.map((message, at) => (at % 7 ? message : { ...message, modifiedStamp: 'null' as const }));

  it.each([6, 8, 10])('reads messages without a time too, when it is killed at file %i', async (killAt) => {
    await inWorld({ messages: untimed }, async (world) => {
      let files = 0;
      const wrap = (store: ObjectStore): ObjectStore => ({
        ...store,
        putFile: async (...args) => {
          files += 1;
          if (files === killAt) throw new Error('killed');
          return store.putFile(...args);
        },
      });
      expect((await world.sync({ segmentPages: 1, wrap })).outcome).toBe('failed');
      world.pass(hourMs);
      expect((await world.sync()).outcome).toBe('ok');
      await expectTruth(world);
    });
  });
});
