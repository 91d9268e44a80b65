import type { Page } from '../graph/types.ts';
import { recordLost } from './errors.ts';
import { failureOf } from './gaps.ts';
import { lostTimes } from './message-times.ts';
import { type Failure, instant, type ListRest } from './position.ts';

/**
 * The open parts of a list after a page of it was landed: the records of the page that are no JSON are one more, by the
 * time of their change; without such a time, down to the part's own end. One that was open already stays as it is.
 */
export function withLost(
  parts: readonly ListRest[],
  read: {
    readonly page: Pick<Page, 'bytes'>;
    /** Route of the list. */
    readonly route: string;
    /** The link that led to the page. */
    readonly link?: string | undefined;
    /** Why the part that was read was open. */
    readonly before?: Failure | undefined;
    readonly nowMs: number;
  },
): ListRest[] {
  const { page, route, link, before, nowMs } = read;
  const times = lostTimes(page);
  if (times.length === 0) return [...parts];
  const isPlaced = !times.some(Number.isNaN);
  const from = isPlaced ? instant(Math.min(...times) - 1) : undefined;
  const to = isPlaced ? instant(Math.max(...times)) : undefined;
  const isKnown = parts.some((part) => part.failed !== undefined && part.from === from && part.to === to);
  if (isKnown) return [...parts];
  return [...parts, { nextLink: link, from, to, failed: failureOf(recordLost(route), before, nowMs) }];
}
