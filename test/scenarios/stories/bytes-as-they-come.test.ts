import { describe, expect, it, vi } from 'vitest';
import { expectTruth } from '../../support/living-world.ts';
import { general, hourMs, inWorld, minuteMs, type WorldMessage } from '../../support/reading-world.ts';

// Whole syncs: slow on a busy machine.
vi.setConfig({ testTimeout: 240_000 });

const SHOWN_REPLIES = 4;

/** Threads with more replies than a list shows, imports without a time of change, and texts that look like links. */
const messages: readonly WorldMessage[] = Array.from({ length: 70 }, (_, at) => {
  const ageMs = hourMs + at * 10 * hourMs;
  const id = `${1_000_000 + at}`;
  const root: WorldMessage = {
    id,
    ageMs,
    content: '<p>"@odata.nextLink":"https://elsewhere.example/1", "value" : [ 1 , 2 ]</p>',
    ...(at % 7 === 0 && { modifiedStamp: at % 2 === 0 ? ('null' as const) : ('absent' as const) }),
  };
  const replies = Array.from({ length: at % 10 === 0 ? 11 : 0 }, (__, nth) => ({
    id: `${2_000_000 + at * 100 + nth}`,
    replyToId: id,
    ageMs: ageMs - (nth + 1) * minuteMs,
  }));
  return [root, ...replies];
}).flat();

describe('32: bytes as they really come', () => {
  it.each(['export', 'recent', 'delta', 'full'])(
    'by %s, a gateway that puts blanks into every page hides no link, and empty values stand as they are',
    async (strategy) => {
      await inWorld({ messages }, async (world) => {
        await world.twin.post('/behaviour', { inlineReplies: SHOWN_REPLIES });
        await world.fault({ kind: 'edit', edit: 'blanks' });
        expect(await world.sync({ strategy })).toMatchObject({ outcome: 'ok' });
        await expectTruth(world);

        world.pass(hourMs);
        await world.post({ type: 'reply', channelId: general });
        await world.post({ type: 'edit', channelId: general });
        await world.post({ type: 'post', channelId: general });
        expect(await world.sync({ strategy })).toMatchObject({ outcome: 'ok' });
        await expectTruth(world);

        world.pass(hourMs);
        const idle = await world.sync({ strategy });
        expect(Object.values(idle.tables).filter(({ rows, deletes }) => rows + deletes > 0)).toEqual([]);
      });
    },
  );
});
