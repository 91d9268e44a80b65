import { splitKey } from '../lake/log/partition-key.ts';
import type { PartitionKey } from '../lake/types.ts';

/** What a position is about: a place of this kind, named by its ids from the top. */
export interface PositionPlace {
  readonly kind: string;
  readonly ids: readonly string[];
}

/** `channel:<team>/<channel>`: how a place is called in a lake's positions and in reports. */
export const partitionName = (kind: string, ...ids: readonly string[]): string =>
  `${kind}:${ids.map(escaped).join('/')}`;

/** What is read once for the whole tenant has no id in its name. */
const TENANT = 'tenant';

/** @returns undefined: the name says no place */
export function placeOfName(partition: string): PositionPlace | undefined {
  if (partition === TENANT) return { kind: TENANT, ids: [] };
  const [, kind, ids] = /^([a-z]+):(.+)$/s.exec(partition) ?? [];
  return kind === undefined ? undefined : { kind, ids: ids!.split('/').map(unescaped) };
}

/** The place of a position of the resource; undefined: it is another's, or says no place. */
export function placeOfKey(key: PartitionKey, resource?: string): PositionPlace | undefined {
  const { resource: owner, partition } = splitKey(key);
  return resource === undefined || owner === resource ? placeOfName(partition) : undefined;
}

/** No id of Graph holds a slash; one that did would be another place. */
const escaped = (id: string): string => id.replace(/[%/]/g, (sign) => (sign === '/' ? '%2F' : '%25'));
const unescaped = (text: string): string => text.replace(/%2F|%25/g, (sign) => (sign === '%2F' ? '/' : '%'));
