import type { SenderGroup } from '../../messages/types.ts';

/** What a group of the router's own is known by: tenant, route, labels by name, and what sets it apart. */
type RouteGroup = readonly [
  tenant: string,
  route: string,
  labels: readonly (readonly [string, string])[],
  ...unknown[],
];

/** The key of a group that a route made. */
export const routeGroupKey = (parts: RouteGroup): string => JSON.stringify(parts);

/**
 * The key of a group that its sender made: the same in each of its messages to a receiver, so that an earlier one can be
 * edited or replaced. Two installations may use the same keys, so where the sender's pages are belongs to it. Never the
 * same as a key of {@link routeGroupKey}: there the third part is a list.
 */
export const senderGroupKey = (
  { sender, groupKey, externalUrl }: Pick<SenderGroup, 'sender' | 'groupKey' | 'externalUrl'>,
  to: { readonly tenant: string; readonly receiver: string },
): string => JSON.stringify([to.tenant, to.receiver, sender, externalUrl ?? '', groupKey]);
