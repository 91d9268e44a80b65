import type { TwinAnswer } from '../protocol/exchange.ts';
import { GraphRefusal, refusals } from '../protocol/graph-refusal.ts';
import type { GraphCall } from './call.ts';
import { context, link, messagePage, rowsOfPage } from './page.ts';
import { pageSize, type Top } from './query-options.ts';

/** "Delta will only return messages within the last eight months." */
export const horizonMs = 8 * 30.5 * 86_400_000;

/** The change up to which the client knows. Refuses a delta token past its life. */
export function knownChange(call: GraphCall, path: string): number {
  const [since = 0, issuedMs = call.nowMs] = call.position?.split(',').map(Number) ?? [];
  const isDelta = call.request.url.searchParams.has('$deltatoken');
  if (!isDelta || call.nowMs - issuedMs <= call.behaviour.deltaTokenLifetimeMs) return since;
  if (call.behaviour.expiredDeltaToken === 'bad-request') throw new GraphRefusal(refusals.deltaTokenBad());
  throw new GraphRefusal(refusals.deltaTokenGone(`${call.root}${path}?$deltatoken=`));
}

/** Position of a delta: a change, and when the client was told of it. */
export const changePosition = (call: GraphCall, change: number): string => `${change},${call.nowMs}`;

interface Delta<T> {
  readonly path: string;
  readonly top: Top;
  /** What changed since the client asked last, in order of change. */
  readonly changed: readonly T[];
  /** The last change there is. */
  readonly revision: number;
  readonly row: (item: T) => Uint8Array;
}

/** A page of a delta, with the link to the next one or to the next round. */
export function deltaPage<T extends { readonly changeSequence: number }>(
  call: GraphCall,
  { path, top, changed, revision, row }: Delta<T>,
): TwinAnswer {
  const rows = changed.slice(0, rowsOfPage(call, pageSize(call.query, top, call.behaviour), changed.length));
  const isEnd = rows.length === changed.length;
  const position = changePosition(call, isEnd ? revision : rows.at(-1)!.changeSequence);
  const next = link(call, path, isEnd ? '$deltatoken' : '$skiptoken', position);
  const head = { context: context(call, 'Collection(chatMessage)') };
  return messagePage({ ...head, ...(isEnd ? { deltaLink: next } : { nextLink: next }) }, rows.map(row));
}
