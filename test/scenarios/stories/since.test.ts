import { describe, expect, it, vi } from 'vitest';
import { expectTruth } from '../../support/living-world.ts';
import { dayMs, general, hourMs, inWorld, minuteMs, second, type World } from '../../support/reading-world.ts';

// Whole syncs: slow on a busy machine.
vi.setConfig({ testTimeout: 240_000 });

const tables = ['messages', 'message_replies'] as const;

/** Threads of sixty days: of some the root is old and the reply is not. */
const threads = Array.from({ length: 60 }, (_, at) => [
  { id: `${1_700_000_000_000 + at}`, ageMs: dayMs * (at + 1), channelId: at % 3 ? general : second },
  { replyToId: `${1_700_000_000_000 + at}`, ageMs: dayMs * (at / 2) + hourMs, channelId: at % 3 ? general : second },
]).flat();

const older = (world: World, sinceMs: number) =>
  Promise.all(tables.map((table) => world.count(table, `lastModifiedDateTime < '${new Date(sinceMs).toISOString()}'`)));

async function idsOf(world: World): Promise<string[][]> {
  return await world.ask(
    tables.map((table) => `SELECT '${table}' AS name, id FROM ${table}`).join(' UNION ALL ') + ' ORDER BY ALL',
  );
}

describe('--since is the edge of the messages, whatever the page holds', () => {
  it.each(['export', 'recent', 'full', 'delta'] as const)(
    'of a first load by %s, and of the runs after it, until it is wider',
    async (strategy) => {
      await inWorld({ messages: threads }, async (world) => {
        const sinceMs = world.nowMs() - 20 * dayMs - 30 * minuteMs;
        await world.sync({ strategy, sinceMs });
        expect(await older(world, sinceMs)).toEqual([0, 0]);
        expect([await world.count('messages'), await world.count('message_replies')]).toEqual([20, 40]);

        world.pass(2 * hourMs);
        const written = await world.count('messages');
        await world.post({ type: 'post', channelId: general });
        expect(await world.sync({ strategy, sinceMs })).toMatchObject({ outcome: 'ok' });
        expect(await older(world, sinceMs)).toEqual([0, 0]);
        expect(await world.count('messages')).toBe(written + 1);

        await world.sync({ strategy, sinceMs: sinceMs - 25 * dayMs });
        expect([await world.count('messages'), await world.count('message_replies')]).toEqual([46, 60]);
      });
    },
  );

  it.each(['recent', 'delta'] as const)(
    'a first load by %s lands what a first load by export lands',
    async (strategy) => {
      await inWorld({ messages: threads }, async (world) => {
        const sinceMs = world.nowMs() - 20 * dayMs;
        await world.sync({ strategy: 'export', sinceMs });
        const exported = await idsOf(world);
        await inWorld({ messages: threads }, async (other) => {
          await other.sync({ strategy, sinceMs: other.nowMs() - 20 * dayMs });
          expect((await idsOf(other)).map(([table]) => table)).toEqual(exported.map(([table]) => table));
        });
      });
    },
  );

  it('is wide open for a whole list without it', async () => {
    await inWorld({ messages: threads }, async (world) => {
      await world.sync({ strategy: 'recent', sinceMs: world.nowMs() - 20 * dayMs });
      await world.sync({ strategy: 'full' });
      await expectTruth(world);
    });
  });
});
