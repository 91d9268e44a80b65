import { expect } from 'vitest';
import type { ObjectStore } from '../../src/lake/stores/object-store.ts';
import { allRows, allTruth } from './lake.ts';
import { general, hourMs, type World, type WorldMessage } from './reading-world.ts';

/** Messages of a hundred days, ten hours apart: several pages for every strategy. */
export const hundredDays: readonly WorldMessage[] = Array.from({ length: 240 }, (_, at) => ({
  ageMs: hourMs + at * 10 * hourMs,
}));

/** People write whenever rows reach the lake; at the file `killAt` the process is gone. */
export function living(world: World, killAt = Number.POSITIVE_INFINITY): (store: ObjectStore) => ObjectStore {
  let files = 0;
  return (store) => ({
    ...store,
    putFile: async (...args) => {
      files += 1;
      if (files === killAt) throw new Error('killed');
      await world.post({ type: 'post', channelId: general });
      await world.post({ type: 'edit', channelId: general });
      await world.post({ type: 'reply', channelId: general });
      return store.putFile(...args);
    },
  });
}

/** The lake has what the twin has, every message in its last state. */
export async function expectTruth(world: World): Promise<void> {
  const truth = await allTruth((table) => world.twin.ledger(table));
  const rows = await allRows(world.lake, ['messages', 'message_replies']);
  expect({ ...rows }).toEqual({ messages: truth['messages'], message_replies: truth['message_replies'] });
}
