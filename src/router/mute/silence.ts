import type { MatcherSpec } from '../match/matcher.ts';

/** Mutes what its matchers match, from `startsAt` until `endsAt` (milliseconds since 1970, the end not included). Plain JSON. */
export interface Silence {
  readonly id: string;
  readonly tenant: string;
  readonly matchers: readonly MatcherSpec[];
  readonly startsAt: number;
  readonly endsAt: number;
  /** Absent in those that an earlier release stored. */
  readonly createdAt?: number | undefined;
  readonly createdBy: string;
  readonly comment: string;
}
