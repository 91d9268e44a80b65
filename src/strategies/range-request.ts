import { expandRoute } from '../graph/endpoint.ts';
import type { Page, PageRequest } from '../graph/types.ts';
import { GAP_ATTEMPTS } from './gaps.ts';
import type { Range } from './position.ts';
import { filtered, joined } from './sent-filter.ts';
import type { ReadContext, Way } from './strategy.ts';
import { rangeFilter } from './time-slices.ts';

/** Nothing is dated there: a request that must succeed when the service works. */
const NOWHERE: Pick<Range, 'from' | 'to'> = { from: '9999-12-31T00:00:00.000Z', to: '9999-12-31T00:00:00.001Z' };

export function rangeRequest(
  read: Pick<Way, 'route' | 'query' | 'asked'>,
  ids: Readonly<Record<string, string>>,
  range: Pick<Range, 'from' | 'to' | 'nextLink'>,
): PageRequest {
  const query = filtered(read.query, joined(rangeFilter(range), read.asked));
  return { url: range.nextLink ?? expandRoute({ ...read, query }, ids), route: read.route, ids };
}

/** Asks for nothing, to learn whether others can be read. @throws `failure`, which is looked into, when they cannot */
export async function probe(
  { graph, signal, way }: Pick<ReadContext, 'graph' | 'signal' | 'way'>,
  ids: Readonly<Record<string, string>>,
  failure: unknown,
): Promise<Page> {
  try {
    return await graph.page({ ...rangeRequest(way, ids, NOWHERE), attempts: GAP_ATTEMPTS }, signal);
  } catch {
    signal.throwIfAborted();
    throw failure;
  }
}
