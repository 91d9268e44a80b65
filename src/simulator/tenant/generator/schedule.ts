import { pick, quantile, type Random } from './chance.ts';

const SECOND_MS = 1000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Lags measured on public chat communities, ms: (share of events, lag). Teams itself publishes none. */
export const LAGS_MS = {
  reply: [
    [0, 8 * SECOND_MS],
    [0.5, 68 * 60 * SECOND_MS],
    [0.9, 23 * HOUR_MS],
    [0.99, 4.7 * DAY_MS],
    [1, 295 * DAY_MS],
  ],
  edit: [
    [0, 3 * SECOND_MS],
    [0.5, 24 * SECOND_MS],
    [0.9, 280 * SECOND_MS],
    [0.99, 8904 * SECOND_MS],
    [1, 250_656 * SECOND_MS],
  ],
  delete: [
    [0, 4 * SECOND_MS],
    [0.5, 86 * SECOND_MS],
    [0.9, 2351 * SECOND_MS],
    [1, 20 * HOUR_MS],
  ],
  reaction: [
    [0, 5 * SECOND_MS],
    [0.5, 9 * 60 * SECOND_MS],
    [0.9, 8 * HOUR_MS],
    [1, 9 * DAY_MS],
  ],
} as const;

/** Reactions of a message that has any, from the same measurements. */
export const REACTION_COUNTS = [
  [0, 1],
  [0.5, 1],
  [0.9, 3],
  [0.99, 12],
  [1, 87],
] as const;

/** When a thread was begun and answered, oldest first. */
export interface ThreadTimes {
  readonly rootMs: number;
  readonly replyMs: readonly number[];
}

export interface ScheduleOptions {
  readonly roots: number;
  /** Threads that have replies, at most `roots`. */
  readonly answered: number;
  /** Replies of all threads together. */
  readonly replies: number;
  /** The moment of a share of the whole time, as {@link workTimes} gives it. */
  readonly timeAt: (share: number) => number;
  /** No reply is younger. */
  readonly endMs: number;
  /** A root time of another channel, which the first thread takes over: message ids repeat across channels. */
  readonly sharedRootMs?: number | undefined;
}

/**
 * The times of all threads of one channel. Times of roots differ from one another, and those of one thread's replies.
 * How often it draws from `random` does not depend on the times.
 */
export function scheduleThreads(random: Random, options: ScheduleOptions): ThreadTimes[] {
  const { roots, timeAt, endMs } = options;
  const rootMs = Array.from({ length: roots }, () => timeAt(random()));
  if (options.sharedRootMs !== undefined && roots > 0) rootMs[0] = options.sharedRootMs;
  const counts = replyCounts(random, options);
  const times = strictlyAscending(rootMs).map((ms, index) => ({
    rootMs: ms,
    replyMs: replyTimes(random, ms, counts[index]!, endMs),
  }));
  repeatTimesAcrossThreads(random, times);
  return times;
}

/** Every answered thread gets one reply, the rest goes mostly to a few long ones. */
function replyCounts(random: Random, { roots, answered, replies }: ScheduleOptions): number[] {
  const counts = new Array<number>(roots).fill(0);
  const order = shuffled(random, roots).slice(0, answered);
  for (const index of order) counts[index] = 1;
  for (let extra = replies - answered; extra > 0; extra--) {
    const index = order[Math.floor(random() ** 2 * order.length)]!;
    counts[index] = counts[index]! + 1;
  }
  return counts;
}

function shuffled(random: Random, length: number): number[] {
  const order = Array.from({ length }, (_, index) => index);
  for (let at = length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [order[at], order[other]] = [order[other]!, order[at]!];
  }
  return order;
}

function replyTimes(random: Random, rootMs: number, count: number, endMs: number): number[] {
  const times = Array.from({ length: count }, () => {
    const ms = rootMs + Math.round(quantile(random, LAGS_MS.reply));
    const share = random();
    return ms <= endMs ? ms : Math.floor(rootMs + 1 + share * (endMs - rootMs));
  });
  return strictlyAscending(times);
}

function strictlyAscending(times: number[]): number[] {
  times.sort((a, b) => a - b);
  for (let index = 1; index < times.length; index++) {
    times[index] = Math.max(times[index]!, times[index - 1]! + 1);
  }
  return times;
}

/** Now and then the last reply of one thread comes in the same millisecond as the first of a later one. */
function repeatTimesAcrossThreads(random: Random, times: { rootMs: number; replyMs: number[] }[]): void {
  const answered = times.filter(({ replyMs }) => replyMs.length > 0);
  for (let index = 1; index < answered.length; index++) {
    if (index > 1 && random() > 0.02) continue;
    const sharedMs = answered[index]!.replyMs[0]!;
    const earlier = answered[index - 1]!.replyMs;
    const beforeLast = earlier.at(-2);
    if (beforeLast === undefined || beforeLast < sharedMs) earlier[earlier.length - 1] = sharedMs;
  }
}

/** Splits a total over parts by random weights; the parts add up to it exactly. */
export function shareOut(random: Random, total: number, parts: number): number[] {
  const weights = Array.from({ length: parts }, () => pick(random, [0.5, 0.8, 1, 1, 1.2, 2]));
  const sum = weights.reduce((a, b) => a + b, 0);
  let given = 0;
  let weighed = 0;
  return weights.map((weight) => {
    weighed += weight;
    const share = Math.round((total * weighed) / sum) - given;
    given += share;
    return share;
  });
}
