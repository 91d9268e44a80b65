import { describe, expect, it, vi } from 'vitest';
import { expectTruth, hundredDays, living } from '../../support/living-world.ts';
import { hourMs, inWorld } from '../../support/reading-world.ts';

// Whole syncs: slow on a busy machine.
vi.setConfig({ testTimeout: 240_000 });

describe('10: an export that was refused once', () => {
  it('is gone on with by default runs, and nothing is missing', async () => {
    await inWorld({ messages: hundredDays }, async (world) => {
      await world.fault({ kind: 'forbidden', route: '/teams/{id}/channels/getAllMessages' });
      const first = await world.sync({ segmentPages: 1, wrap: living(world) });
      expect(first.fallbacks.map(({ from, to }) => [from, to])).toContainEqual(['export', 'recent']);
      await world.heal();
      world.pass(hourMs);
      expect(await world.sync()).toMatchObject({ outcome: 'ok', fallbacks: [] });
      await expectTruth(world);
    });
  });
});
