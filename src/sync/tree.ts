import { kindOf, type Level, pathTo, type Resource } from '../resources/types.ts';
import type { Item, Place } from '../strategies/strategy.ts';
import type { ResourceRead } from './plan.ts';

/** A level of the tree of what is read: the tenant, or a collection whose records something is read below. */
export interface Node {
  /** Undefined: the tenant. */
  readonly collection: Resource | undefined;
  /** What is read once for each of its records. */
  readonly reads: readonly ResourceRead[];
  readonly below: readonly Node[];
}

/** The tree of chosen reads, parents first. */
export function treeOf(reads: readonly ResourceRead[]): Node {
  return nodeOf(undefined, reads);
}

function nodeOf(collection: Resource | undefined, reads: readonly ResourceRead[]): Node {
  const depth = collection ? pathTo(collection).length : 0;
  const here = reads.filter(({ read }) => pathTo(read.per).length === depth);
  const deeper = reads.filter((read) => !here.includes(read));
  const children = new Set(deeper.map(({ read }) => pathTo(read.per)[depth]!));
  return {
    collection,
    reads: here,
    below: [...children].map((child) =>
      nodeOf(
        child,
        deeper.filter(({ read }) => pathTo(read.per)[depth] === child),
      ),
    ),
  };
}

/** Everything that is read of a node's records and below them. */
export const readsOf = ({ reads, below }: Node): readonly ResourceRead[] => [...reads, ...below.flatMap(readsOf)];

/** The collections whose records must be known for these reads: those that places lie below, and those that one list holds many records of. */
export function levelsOf(reads: readonly ResourceRead[]): ReadonlySet<Resource> {
  return new Set(
    reads.flatMap(({ resource, read }) => [
      ...pathTo(read.strategy.isPacked ? resource.of : read.per),
      ...(resource.shared ? [resource] : []),
    ]),
  );
}

/** The one place of the tenant. */
export const tenantPlace: Place = { kind: 'tenant', path: [], ids: {}, item: { id: 'tenant' } };

/** A record of a collection below a place. One that several places list is the same whoever lists it. */
export function placeBelow(parent: Place, collection: Resource, item: Item): Place {
  const { path, ids } = collection.shared ? tenantPlace : parent;
  return {
    kind: kindOf(collection),
    path: [...path, item.id],
    ids: { ...ids, [collection.gives!]: item.id },
    item,
    parent,
  };
}

/** How many levels a place is below the tenant. */
export const depthOf = ({ parent }: Place): number => (parent ? depthOf(parent) + 1 : 0);

/** What places are called whose path begins with that of a level: of the level, and down to what is read. */
export function kindsFrom(level: Level, { of }: Resource): ReadonlySet<string> {
  const levels = pathTo(of).slice(pathTo(level).length - 1);
  const end = levels.findIndex(({ shared }, at) => at > 0 && shared);
  return new Set((end < 0 ? levels : levels.slice(0, end)).map(kindOf));
}

/** False where the service has no such collection. */
export function isReadBelow({ onlyBelow = {} }: Resource, { item }: Place): boolean {
  return Object.entries(onlyBelow).every(([field, values]) => values.includes(String(item[field])));
}
