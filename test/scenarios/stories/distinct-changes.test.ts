import { describe, expect, it, vi } from 'vitest';
import { hundredDays, living } from '../../support/living-world.ts';
import { general, hourMs, inWorld, second, type World } from '../../support/reading-world.ts';

// Whole syncs: slow on a busy machine.
vi.setConfig({ testTimeout: 240_000 });

const strategies = ['export', 'recent', 'delta', 'full'] as const;

/** A thread whose replies its list does not show whole: they are asked for, the shown ones a second time. */
const longThread = [
  { id: '1700000000000', channelId: second, ageMs: 50 * hourMs },
  ...Array.from({ length: 240 }, (_, at) => ({
    channelId: second,
    replyToId: '1700000000000',
    ageMs: 49 * hourMs - at * 60_000,
  })),
];
const messages = [...hundredDays, ...longThread];

/** Rows of a table's changes that say what another row says. */
async function repeated(world: World): Promise<Record<string, string[][]>> {
  const found: Record<string, string[][]> = {};
  for (const table of ['messages', 'message_replies']) {
    found[table] = await world.ask(
      `SELECT id, _version, count(*) FROM ${table}_changes GROUP BY ALL HAVING count(*) > 1 ORDER BY ALL LIMIT 3`,
    );
  }
  return found;
}

const none = { messages: [], message_replies: [] };

describe('the changes hold every version of a message once', () => {
  it.each(strategies)('after a first load by %s in small segments, while people write', async (strategy) => {
    await inWorld({ messages }, async (world) => {
      await world.sync({ strategy, segmentPages: 1, wrap: living(world) });
      expect(await repeated(world)).toEqual(none);
      expect(await world.count('message_replies')).toBeGreaterThanOrEqual(240);
    });
  });

  it.each([
    ['export', 'export'],
    ['export', 'recent'],
    ['recent', 'export'],
    ['delta', 'export'],
    ['full', 'delta'],
  ] as const)('after a killed first load by %s that %s goes on with', async (first, then) => {
    await inWorld({ messages: hundredDays }, async (world) => {
      await world.sync({ strategy: first, segmentPages: 1, wrap: living(world, 4) });
      world.pass(hourMs);
      await world.sync({ strategy: then, segmentPages: 2 });
      await world.post({ type: 'post', channelId: general });
      await world.sync({ segmentPages: 1 });
      expect(await repeated(world)).toEqual(none);
    });
  });
});
