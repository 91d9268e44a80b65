import { positionKey } from '../lake/log/partition-key.ts';
import type { Position } from '../lake/types.ts';
import { partitionOf } from './context.ts';
import type { Positions } from './positions.ts';
import type { Item, Place } from './strategy.ts';

// Of a collection that is listed in parts, the rows do not tell which listing named a record: it is written down beside them.

/** The ids that the last complete listing at a place named; undefined: it was never complete. */
export function namedBefore(positions: Positions, resource: string, place: Place): readonly string[] | undefined {
  const named = positions.get(positionKey(resource, partitionOf(place)))?.['named'];
  return Array.isArray(named) ? named.filter((id) => typeof id === 'string') : undefined;
}

/** What is written down of a listing: what it names, and of one that is not believed what was named before too. */
export function namedPosition(
  items: readonly Item[],
  { held, before = [] }: { readonly held: boolean; readonly before?: readonly string[] | undefined },
): Position {
  const ids = new Set([...items.map(({ id }) => id), ...(held ? before : [])]);
  return { version: 1, named: [...ids].sort() };
}
