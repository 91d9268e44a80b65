import { setImmediate as nextTurn } from 'node:timers/promises';

/** Items between two turns of the event loop: some milliseconds of work. */
const SLICE = 250;

/** Goes through a list and lets the event loop turn after every slice: a long one holds up nobody else. */
export async function* inSlices<T>(items: readonly T[]): AsyncGenerator<T> {
  for (const [index, item] of items.entries()) {
    if (index > 0 && index % SLICE === 0) await nextTurn();
    yield item;
  }
}
