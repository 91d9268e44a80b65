import { instant, msOf, type Range } from './position.ts';

const DAY_MS = 86_400_000;

/** How far before now the slices of a first load begin, days. Recent ones are short: most changes meet recent messages. */
const AGES_DAYS = [3, 30, 180, 730];

/** Where an open start is taken to lie when a range must be halved and has shown nothing. */
const EARLIEST_MS = Date.parse('0001-01-01T00:00:00.000Z');
/** Where an open end is taken to lie. */
const LATEST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** A range that nothing was read of. Owns (from, to]; a missing end is open. */
export function newRange(fromMs: number | undefined, toMs: number | undefined): Range {
  return {
    ...(fromMs !== undefined && { from: instant(fromMs) }),
    ...(toMs !== undefined && { to: instant(toMs) }),
    pages: 0,
    done: false,
  };
}

/**
 * Cuts all time into ranges that can be read side by side, newest first: one list of pages is sequential, several are
 * not. The oldest has no beginning unless one is asked for, the newest no end.
 *
 * @param fromMs - exclusive start; default: none
 */
export function sliceRange(fromMs: number | undefined, nowMs: number): Range[] {
  const cuts = AGES_DAYS.map((days) => nowMs - days * DAY_MS).filter((cut) => fromMs === undefined || cut > fromMs);
  const ends = [undefined, ...cuts, fromMs];
  return ends.slice(1).map((from, index) => newRange(from, ends[index]));
}

/** The ranges as far as they lie before an instant. @param untilMs - exclusive; undefined: all of them */
export function endedAt(ranges: readonly Range[], untilMs: number | undefined): readonly Range[] {
  if (untilMs === undefined) return ranges;
  const endMs = untilMs - 1;
  return ranges
    .filter(({ from }) => from === undefined || Date.parse(from) < endMs)
    .map((range) => ({ ...range, to: instant(Math.min(msOf(range.to) ?? endMs, endMs)) }));
}

/** Two halves, the newer first, or undefined when the range is too short to cut. It is cut between what it showed. */
export function halve(range: Range): readonly [Range, Range] | undefined {
  const [fromMs, toMs] = [msOf(range.from), msOf(range.to)];
  const lowMs = Math.max(fromMs ?? EARLIEST_MS, msOf(range.span?.[0]) ?? EARLIEST_MS);
  const highMs = Math.min(toMs ?? LATEST_MS, msOf(range.span?.[1]) ?? LATEST_MS);
  const between = Math.floor((lowMs + highMs) / 2);
  const middleMs = isInside(between, fromMs, toMs)
    ? between
    : Math.floor(((fromMs ?? EARLIEST_MS) + (toMs ?? LATEST_MS)) / 2);
  if (!isInside(middleMs, fromMs, toMs)) return undefined;
  return [newRange(middleMs, toMs), newRange(fromMs, middleMs)];
}

const isInside = (ms: number, fromMs = EARLIEST_MS, toMs = LATEST_MS) => ms > fromMs && ms < toMs;

/**
 * `$filter` for a range; undefined for all of time. Graph's `gt` and `lt` are both exclusive; a range owns (from, to], so
 * its end is asked for one millisecond later.
 */
export function rangeFilter({ from, to }: Pick<Range, 'from' | 'to'>): string | undefined {
  const clauses = [
    ...(from === undefined ? [] : [`lastModifiedDateTime gt ${from}`]),
    ...(to === undefined ? [] : [`lastModifiedDateTime lt ${instant(Date.parse(to) + 1)}`]),
  ];
  return clauses.length > 0 ? clauses.join(' and ') : undefined;
}

/** What is left of the time after `fromMs`, newest first, without ranges that are known to fail. */
export function openRanges(fromMs: number | undefined, failed: readonly Pick<Range, 'from' | 'to'>[]): Range[] {
  const holes = failed
    .map(({ from, to }) => ({ fromMs: msOf(from) ?? EARLIEST_MS, toMs: msOf(to) ?? LATEST_MS }))
    .filter(({ toMs }) => toMs > (fromMs ?? EARLIEST_MS) && toMs < LATEST_MS)
    .sort((a, b) => b.toMs - a.toMs);
  const ranges: Range[] = [];
  let endMs: number | undefined;
  for (const hole of holes) {
    if (endMs === undefined || hole.toMs < endMs) ranges.push(newRange(hole.toMs, endMs));
    endMs = Math.min(hole.fromMs, endMs ?? LATEST_MS);
  }
  if (endMs === undefined || endMs > (fromMs ?? EARLIEST_MS)) ranges.push(newRange(fromMs, endMs));
  return ranges;
}
