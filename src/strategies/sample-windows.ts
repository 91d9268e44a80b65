import type { Window } from './time-windows.ts';

/** A window of more than one page is looked at in so many parts: calls are not spread evenly over the days. */
const PARTS = 4;
/** A part is narrowed by this until one page holds it. */
const NARROW = 4;
/** No part is narrower, ms. */
const NARROWEST_MS = 60_000;

/** What one page says of a window. */
export interface Look<T> {
  readonly held: readonly T[];
  /** There is more of it than the page. */
  readonly overflows: boolean;
}

interface Sample<T> {
  /** Records that were seen. */
  readonly held: readonly T[];
  /** How many there are, as far as can be said. */
  readonly count: number;
  /** One page holds all of it. */
  readonly isWhole: boolean;
}

interface Looking<T> {
  readonly look: (window: Window) => Promise<Look<T>>;
  readonly random: () => number;
}

/**
 * Estimates how much a window of time holds, of which the service gives no count. What one page holds is counted; a larger
 * one is cut into parts, and of each a shorter stretch that one page holds stands for the part.
 */
export async function sampleWindows<T>(window: Window, looking: Looking<T>): Promise<Sample<T>> {
  const { held, overflows } = await looking.look(window);
  if (!overflows) return { held, count: held.length, isWhole: true };
  const lengthMs = (window.toMs - window.fromMs) / PARTS;
  const parts = Array.from({ length: PARTS }, (_, at) => window.fromMs + at * lengthMs);
  const sampled = await Promise.all(parts.map((fromMs) => samplePart({ fromMs, toMs: fromMs + lengthMs }, looking)));
  const count = sampled.reduce((sum, part) => sum + part.count, 0);
  return { held: sampled.flatMap((part) => part.held), count: Math.max(count, held.length + 1), isWhole: false };
}

async function samplePart<T>(
  { fromMs, toMs }: Window,
  { look, random }: Looking<T>,
): Promise<Omit<Sample<T>, 'isWhole'>> {
  const lengthMs = toMs - fromMs;
  for (let shareMs = lengthMs; ; shareMs /= NARROW) {
    const startMs = fromMs + random() * (lengthMs - shareMs);
    const { held, overflows } = await look({ fromMs: startMs, toMs: startMs + shareMs });
    if (!overflows || shareMs / NARROW < NARROWEST_MS) return { held, count: held.length * (lengthMs / shareMs) };
  }
}
