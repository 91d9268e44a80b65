import type { Endpoint } from '../graph/endpoint.ts';
import { listingRead, lookUpsOf, pathTo, type Resource, showingRead } from '../resources/types.ts';
import { tables } from '../tables/index.generated.ts';
import { resourcesOf } from './plan.ts';
import type { NotPermitted } from './report.ts';

/** What does instead of a permission where the app is installed: in one team, in one chat. */
export interface ResourceSpecific {
  readonly permission: string;
  /** The permission for all of the tenant. */
  readonly insteadOf: string;
}

/**
 * The fewest and least application permissions with which some collections are read: of each endpoint the least, but none
 * that another one covers.
 *
 * @see https://learn.microsoft.com/en-us/graph/permissions-reference
 */
export function leastPermissions(resources: readonly Resource[]): readonly string[] {
  const needs = endpointsFor(resources).map(({ permissions }) => permissions);
  const least = new Set(needs.flatMap(([first]) => first ?? []));
  for (const one of least) {
    const isCovered = needs.every(
      (enough) => !enough.includes(one) || enough.some((other) => other !== one && least.has(other)),
    );
    if (isCovered) least.delete(one);
  }
  return [...least];
}

/**
 * What can be granted for single teams and chats instead. The lists of teams, users and chats, and exports, have no such
 * permission: teams and chats are then named by their ids, and messages are read by their lists.
 *
 * @see https://learn.microsoft.com/en-us/microsoftteams/platform/graph-api/rsc/resource-specific-consent
 */
export function resourceSpecific(resources: readonly Resource[]): readonly ResourceSpecific[] {
  const least = leastPermissions(resources);
  const found = resources.flatMap(({ reads, details }) =>
    [...reads, ...(details ? [details] : [])].flatMap(({ permissions, resourceSpecific: permission }) => {
      const insteadOf = least.find((one) => permissions.includes(one));
      return permission === undefined || insteadOf === undefined ? [] : { permission, insteadOf };
    }),
  );
  return [...new Map(found.map((one) => [one.permission, one])).values()];
}

/**
 * The part of the manifest of a Teams app that asks for them.
 *
 * @see https://learn.microsoft.com/en-us/microsoftteams/platform/graph-api/rsc/grant-resource-specific-consent
 */
export function manifestOf(clientId: string | undefined, permissions: readonly ResourceSpecific[]) {
  return {
    // The second one has no meaning, and must be there.
    webApplicationInfo: { id: clientId ?? '<client id>', resource: 'https://RscBasedStoreApp' },
    authorization: {
      permissions: {
        resourceSpecific: permissions.map(({ permission }) => ({ name: permission, type: 'Application' })),
      },
    },
  };
}

/** What is to be granted so that what was left out can be read: no more than is needed. */
export function toGrant(notPermitted: readonly NotPermitted[]): readonly string[] {
  const missing = [...new Set(notPermitted.flatMap((one) => one.missing))];
  const names = new Set(notPermitted.map(({ table }) => table));
  const least = leastPermissions(resourcesOf(tables.filter(({ name }) => names.has(name))));
  const enough = missing.filter((permission) => least.includes(permission));
  return enough.length > 0 ? enough : missing;
}

/** The endpoints that a run asks first, of collections and of what they are below. */
function endpointsFor(resources: readonly Resource[]): readonly Endpoint[] {
  const above = [...new Set(resources.flatMap(({ of }) => pathTo(of)))];
  return [
    ...above.map((level) => listingRead(level) ?? showingRead(level) ?? level.reads[0]),
    ...resources.flatMap((one) => [one.reads[0], ...(one.details ? [one.details] : []), ...lookUpsOf(one)]),
  ];
}
