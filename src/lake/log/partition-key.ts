import type { PartitionKey } from '../types.ts';

/** The key under which a lake keeps the position of a partition. Names of resources hold no slash. */
export const positionKey = (resource: string, partition: string): PartitionKey => `${resource}/${partition}`;

/** The resource and the partition that a key names. */
export function splitKey(key: PartitionKey): { readonly resource: string; readonly partition: string } {
  const at = key.indexOf('/');
  return { resource: key.slice(0, at), partition: key.slice(at + 1) };
}

/** Whether a key is of a partition of the resource. */
export const isPartitionOf = (key: PartitionKey, resource: string): boolean => splitKey(key).resource === resource;
