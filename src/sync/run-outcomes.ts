import { isOfAccount, isUnlicensed } from '../errors/graph-refusals.ts';
import { isSluiceError } from '../errors/sluice-error.ts';
import type { Unfinished } from '../strategies/budget.ts';
import type { Gap } from '../strategies/gaps.ts';
import type { Fallback } from '../strategies/strategy.ts';
import type { Findings } from './findings.ts';
import type { Grantable } from './not-permitted.ts';
import { skippedPartition } from './outcomes.ts';

/** Where a walk names what it meets. */
export interface Outcomes {
  /** Names a partition that could not be read; throws what concerns the whole run. */
  /** @returns false: the service has nothing there, which is no failure */
  skip(error: unknown, resource: string, partition: string): boolean;
  gap(gap: Gap): void;
  /** Names what a cap left for the next run. */
  unfinished(unfinished: Unfinished): void;
  fallback(error: unknown, fallback: Omit<Fallback, 'code'>): void;
}

/** Where a walk names what it meets, of one run. */
export function outcomesOf({
  findings,
  grantable,
  tablesOf,
  signal,
}: {
  readonly findings: Findings;
  /** What may be left out; undefined: the tables were named. */
  readonly grantable: Grantable | undefined;
  readonly tablesOf: (resource: string) => readonly string[];
  readonly signal: AbortSignal;
}): Outcomes {
  return {
    skip(error, resource, partition) {
      const skipped = skippedPartition(error, resource, partition, signal);
      // Policies are granted user by user: where nobody asked for their meetings, most have none.
      const isAbsent = isUnlicensed(error) || (grantable !== undefined && isOfAccount(error));
      if (isAbsent) findings.leaveOut(skipped, levelOf(error));
      else if (!grantable?.keep(error, skipped)) findings.skip(skipped);
      return !isAbsent;
    },
    gap: (gap) => findings.gap(gap),
    unfinished: (unfinished) => findings.unfinish({ ...unfinished, tables: tablesOf(unfinished.resource) }),
    fallback(error, of) {
      const fallback = { ...of, code: isSluiceError(error) ? error.code : 'refused' };
      if (!grantable?.keepFallback(fallback)) findings.fallback(fallback);
    },
  };
}

/** The beginning of the route that was refused, down to its first id. */
const levelOf = (error: unknown): string | undefined =>
  isSluiceError(error) ? error.request?.route.replace(/\}.*/s, '}') : undefined;
