import type { GraphCall } from '../graph/call.ts';
import { GraphRefusal, refusals } from '../protocol/graph-refusal.ts';
import { invalidEvent, type TwinEvent } from '../tenant/event-schema.ts';
import { guid } from '../tenant/generator/chance.ts';
import type { Slot } from '../tenant/kept.ts';
import type { TenantStore } from '../tenant/store.ts';
import type { Tenant, TwinTeam, TwinUser } from '../tenant/types.ts';
import type { TwinCollection } from './collection.ts';
import { type GraphRecord, listRoute } from './list-route.ts';

const isTeamFilter = /^\s*resourceProvisioningOptions\/any\(\s*(\w+)\s*:\s*\1\s+eq\s+'Team'\s*\)\s*$/i;

/** The directory's view of a team: what only Teams knows (webUrl, settings, isArchived) is not in it. */
const asGroup = (team: TwinTeam): GraphRecord => ({
  id: team.id,
  createdDateTime: team.createdDateTime,
  displayName: team.displayName,
  description: team.description,
  groupTypes: ['Unified'],
  mailEnabled: true,
  mailNickname: team.internalId.replace(/\W/g, '').slice(0, 40),
  securityEnabled: false,
  visibility: team.visibility === 'private' ? 'Private' : 'Public',
  resourceProvisioningOptions: ['Team'],
});

/** A group that is no team. */
interface TwinGroup {
  readonly id: string;
  readonly displayName: string;
  /** Ids of users, of groups and of teams. */
  readonly members: readonly string[];
}

const slot: Slot<Map<string, TwinGroup>> = { make: () => new Map() };

/** @throws SluiceError `event_invalid` when it is there, or a member is nobody */
export function createGroup(tenant: TenantStore, event: Extract<TwinEvent, { type: 'createGroup' }>): TwinGroup {
  const known = tenant.kept(slot);
  const id = (event.groupId ?? guid(tenant.random)).toLowerCase();
  if (known.has(id) || tenant.team(id)) throw invalidEvent('groupId', 'is there already');
  const members = event.members ?? [];
  const isThere = (one: string) => tenant.user(one) ?? tenant.team(one) ?? known.get(one.toLowerCase());
  if (members.some((one) => one.toLowerCase() !== id && !isThere(one))) throw invalidEvent('members', 'one is nobody');
  const group = { id, displayName: event.displayName ?? 'A group', members };
  known.set(id, group);
  return group;
}

/** All users of a group, those of the groups inside of it too: each once, also where groups hold each other. */
function usersIn(tenant: Tenant, groupId: string, seen = new Set<string>()): readonly TwinUser[] {
  const id = groupId.toLowerCase();
  if (seen.has(id)) return [];
  seen.add(id);
  const team = tenant.team(id);
  const inside = team
    ? tenant.teamMembers(team.id).map(({ userId }) => userId)
    : (tenant.kept(slot).get(id)?.members ?? []);
  return inside.flatMap((one) => {
    const user = tenant.user(one);
    if (!user) return usersIn(tenant, one, seen);
    if (seen.has(user.id)) return [];
    seen.add(user.id);
    return [user];
  });
}

/** Members that a cast leaves. It is an advanced query. https://learn.microsoft.com/en-us/graph/aad-advanced-queries */
function castMembers({ tenant, ids, query, request }: GraphCall): readonly GraphRecord[] {
  const id = ids['group-id']!;
  if (!tenant.team(id) && !tenant.kept(slot).has(id.toLowerCase()))
    throw new GraphRefusal(refusals.resourceNotFound(id));
  const isAdvanced = request.header('consistencylevel')?.toLowerCase() === 'eventual' && query.get('$count') === 'true';
  if (!isAdvanced) throw new GraphRefusal(refusals.unsupportedQuery("The specified 'OData cast' is not supported."));
  return usersIn(tenant, id).map(({ id: userId, displayName, userPrincipalName }) => ({
    '@odata.type': '#microsoft.graph.user',
    id: userId,
    displayName,
    userPrincipalName,
  }));
}

/** Teams once more, as groups, and groups that are no teams. */
export const groups: TwinCollection = {
  name: 'groups',
  permissions: ['GroupMember.Read.All'],
  routes: [
    listRoute({
      // https://learn.microsoft.com/en-us/graph/teams-list-all-teams
      pattern: '/groups',
      roles: ['Group.ReadBasic.All', 'GroupMember.Read.All', 'Group.Read.All', 'Directory.Read.All'],
      directory: true,
      path: '/groups',
      records: ({ query, tenant }) => {
        const filter = query.get('$filter');
        if (filter !== null && !isTeamFilter.test(filter)) {
          throw new GraphRefusal(refusals.unsupportedQuery('Unsupported or invalid query filter clause specified.'));
        }
        return tenant.teams().map(asGroup);
      },
      filter: 'own',
      type: 'microsoft.graph.group',
      top: { default: 100, maximum: 999 },
      count: () => true,
    }),
    listRoute({
      // https://learn.microsoft.com/en-us/graph/api/group-list-transitivemembers
      pattern: '/groups/{group-id}/transitiveMembers/microsoft.graph.user',
      roles: ['GroupMember.Read.All', 'Group.Read.All', 'Directory.Read.All'],
      directory: true,
      path: ({ ids }) => `/groups/${ids['group-id']}/transitiveMembers/microsoft.graph.user`,
      context: 'users',
      records: castMembers,
      type: 'microsoft.graph.user',
      top: { default: 100, maximum: 999, isDirectory: true },
      count: () => true,
    }),
  ],
  ledger: {},
};
