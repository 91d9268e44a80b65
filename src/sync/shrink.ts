import type { MustHold, Resource } from '../resources/types.ts';

/** What a listing says, beside what the lake has of it. */
export interface ListingFacts {
  /** Rows that stand. */
  readonly before: number;
  /** Records that the listing names. */
  readonly after: number;
  /** What must exist and is not listed. */
  readonly lacking?: string | undefined;
}

/** Of so few rows any number may go in a day, as long as some stay. */
const HANDFUL = 5;

/**
 * True when a listing is not believed at once: it shrank to nothing, or by more than half of more than a handful, or
 * lacks what must exist.
 */
export function isDoubtful({ before, after, lacking }: ListingFacts): boolean {
  if (lacking !== undefined) return true;
  if (after === 0) return before > 0;
  return before > HANDFUL && after * 2 < before;
}

/**
 * True when a listing that was doubted, was read again and still says so is not believed. Of a collection that may be
 * empty a handful may go at once.
 */
export const isHeldBack = (facts: ListingFacts, { mayBeEmpty }: Pick<Resource, 'mayBeEmpty'>): boolean =>
  isDoubtful(facts) && !(mayBeEmpty && facts.lacking === undefined && facts.before <= HANDFUL);

/** What a listing of the resource must hold and does not. A record without the field counts: old services leave it out. */
export function lackingOf({ mustHold }: Pick<Resource, 'mustHold'>, records: readonly object[]): string | undefined {
  if (mustHold === undefined) return undefined;
  return records.some((record) => has(record, mustHold.values)) ? undefined : mustHold.what;
}

/** True when some record looks like the one that is always listed: it has the values that this one has as a rule. */
export function looksLikeIt({ values, usually = {} }: MustHold, records: readonly object[]): boolean {
  return records.some((record) => has(record, { ...values, ...usually }));
}

const has = (record: object, values: Readonly<Record<string, string>>): boolean =>
  Object.entries(values).every(([field, value]) => ((record as Record<string, unknown>)[field] ?? value) === value);
