import { partitionOf } from './context.ts';
import { estimateList } from './list-estimate.ts';
import { listRead } from './list-read.ts';
import { readRecent } from './recent.ts';
import type { Reader } from './strategy.ts';

export const reader: Reader = {
  read: async (context, place) => {
    await readRecent(context, listRead(context, place), { full: true });
  },
  estimate: (context, place) => estimateList(context, listRead(context, place), place, { full: true }),
  partitionOf,
};
