import type { WindowRow } from '../../limits/graph-limits.ts';
import { type AppliedRow, holdsOf, limitClass, rowsOf, type WeighedCall } from './rows.ts';
import { SlidingWindow } from './sliding-window.ts';

/** How strict the twin is. */
export interface LimitOptions {
  /** Multiplies every published limit of a time: 0.25 is four times stricter. Default 1. */
  readonly factor?: number;
  /** Share of the 429s that carry a Retry-After. Default 0.8: Teams leaves it out at times. */
  readonly retryAfterShare?: number;
  /** Length of the window the sustained limit is kept over; Microsoft does not publish it. Default 30,000. */
  readonly sustainedWindowMs?: number;
  /**
   * A request that arrives this soon after a 429 was on its way already and is not held against the client.
   * Default 250.
   */
  readonly graceMs?: number;
}

/** What the limits say to one call. */
export interface Verdict {
  /** Name of the limit class the call is counted under. */
  readonly limitClass: string;
  /** Set when the call is throttled. */
  readonly throttled?: { readonly row: WindowRow; readonly waitMs: number; stop(forMs: number): void };
  /** The call came while a Retry-After of its bucket was running; `late` when it was sent after the client knew. */
  readonly duringRetryAfter?: { readonly late: boolean };
}

interface Bucket {
  readonly row: WindowRow;
  readonly windows: readonly SlidingWindow[];
  stoppedAtMs: number;
  stoppedUntilMs: number;
}

/** Weighs calls against every window that applies to them. */
export interface Meter {
  weigh(call: WeighedCall, nowMs: number): Verdict;
  /** Lets a call in beside those that are under way. @returns what ends it; undefined: there are too many */
  enter(call: WeighedCall): (() => void) | undefined;
}

/** A meter that lets everything pass, and still names the class. */
export function unlimitedMeter(size: () => 'S' | 'M' | 'L'): Meter {
  const rows = rowMemory(size);
  return { weigh: (call) => ({ limitClass: rows(call).limitClass }), enter: () => () => undefined };
}

/** A meter with the published windows, each counted as a burst and, where one is published, a sustained window. */
export function publishedMeter(options: LimitOptions, size: () => 'S' | 'M' | 'L'): Meter {
  const buckets = new Map<string, Bucket>();
  const rows = rowMemory(size);
  const graceMs = options.graceMs ?? 250;

  function bucketOf({ row, key }: AppliedRow): Bucket {
    let bucket = buckets.get(key);
    if (!bucket) {
      bucket = { row, windows: windowsOf(row, options), stoppedAtMs: 0, stoppedUntilMs: 0 };
      buckets.set(key, bucket);
    }
    return bucket;
  }

  return {
    enter: doors(),
    weigh: (call, nowMs) => {
      const { applied, limitClass: name } = rows(call);
      const weighed = applied.map((entry) => ({ bucket: bucketOf(entry), weight: entry.weight }));
      const states = weighed.map((entry) => count(entry.bucket, entry.weight, nowMs));
      const worst = states.reduce<State | undefined>((a, b) => (b.waitMs > (a?.waitMs ?? 0) ? b : a), undefined);
      const stopped = states.filter((state) => state.stopped);
      return {
        limitClass: name,
        ...(worst && {
          throttled: { row: worst.bucket.row, waitMs: worst.waitMs, stop: stopper(worst.bucket, nowMs) },
        }),
        ...(stopped.length > 0 && {
          duringRetryAfter: { late: stopped.some(({ bucket }) => nowMs > bucket.stoppedAtMs + graceMs) },
        }),
      };
    },
  };
}

function doors(): Meter['enter'] {
  const inside = new Map<string, number>();
  return (call) => {
    const holds = holdsOf(call);
    if (holds.some(({ key, limit }) => (inside.get(key) ?? 0) >= limit)) return undefined;
    for (const { key } of holds) inside.set(key, (inside.get(key) ?? 0) + 1);
    let isIn = true;
    return () => {
      if (isIn) for (const { key } of holds) inside.set(key, inside.get(key)! - 1);
      isIn = false;
    };
  };
}

interface State {
  readonly bucket: Bucket;
  readonly stopped: boolean;
  /** Zero when the call fits. */
  readonly waitMs: number;
}

/** A throttled call uses up quota as well: Microsoft Graph keeps logging while it throttles. */
function count(bucket: Bucket, weight: number, nowMs: number): State {
  const over = bucket.windows.filter((window) => !window.add(nowMs, weight));
  const stopped = nowMs < bucket.stoppedUntilMs;
  const waits = over.map((window) => window.waitMs(nowMs, weight));
  return { bucket, stopped, waitMs: Math.max(0, ...waits, stopped ? bucket.stoppedUntilMs - nowMs : 0) };
}

const stopper = (bucket: Bucket, nowMs: number) => (forMs: number) => {
  if (nowMs >= bucket.stoppedUntilMs) bucket.stoppedAtMs = nowMs;
  bucket.stoppedUntilMs = Math.max(bucket.stoppedUntilMs, nowMs + forMs);
};

/** Scales a row. A limit that falls below one request gets a longer window instead, so the rate is exact. */
function windowsOf(row: WindowRow, options: LimitOptions): SlidingWindow[] {
  const perMs = (row.limit * (options.factor ?? 1)) / row.windowMs;
  const burst = Math.max(1, Math.ceil(perMs * row.windowMs));
  const windows = [new SlidingWindow(burst, burst / perMs)];
  if (row.sustainedFactor !== undefined) {
    const sustainedMs = Math.max(options.sustainedWindowMs ?? 30_000, row.windowMs);
    windows.push(new SlidingWindow(Math.ceil(perMs * sustainedMs * row.sustainedFactor), sustainedMs));
  }
  return windows;
}

/** Which rows apply depends on the call's shape alone; working it out for each call would cost more than the call. */
function rowMemory(size: () => 'S' | 'M' | 'L') {
  const known = new Map<string, { applied: AppliedRow[]; limitClass: string }>();
  return (call: WeighedCall) => {
    const cost = ['$select', '$expand', '$top'].map((name) => call.query.get(name) ?? '').join(' ');
    const key = `${call.clientId} ${call.tenantId} ${size()} ${call.method} ${call.path} ${cost}`;
    let rows = known.get(key);
    if (!rows) {
      const applied = rowsOf(call, size());
      const own = applied.find(({ row }) => row.scope === 'app-tenant') ?? applied.at(-1);
      rows = { applied, limitClass: own ? limitClass(own.row) : 'other' };
      if (known.size > 50_000) known.clear();
      known.set(key, rows);
    }
    return rows;
  };
}
