import { modifiedRange } from '../graph/modified-range.ts';
import { firstQuery } from '../graph/page.ts';
import { GraphRefusal } from '../protocol/graph-refusal.ts';
import type { FaultTarget } from './fault-script.ts';

/** What a request asks for, in the terms of fault rules. A request that Graph refuses anyway asks for its first page. */
export function asked(query: URLSearchParams): Pick<FaultTarget, 'query' | 'carried' | 'page' | 'range'> {
  const { query: carried, page } = unlessRefused(() => firstQuery(query), { query, position: undefined, page: 1 });
  return { query, carried, page, range: unlessRefused(() => modifiedRange(carried, ['gt', 'lt']), {}) };
}

function unlessRefused<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof GraphRefusal) return otherwise;
    throw error;
  }
}
