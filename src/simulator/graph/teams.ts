import type { TwinTeam } from '../tenant/types.ts';
import type { GraphCall } from './call.ts';
import { teamOf } from './find.ts';
import { entity, recordPage } from './page.ts';
import { equalityFilter, pageSize, selectProperties } from './query-options.ts';
import type { GraphRoute } from './route.ts';

const type = 'microsoft.graph.team';
const listTop = { default: 100, maximum: 999 };

/**
 * All of a team.
 *
 * @see https://learn.microsoft.com/en-us/graph/api/resources/team
 */
function whole(call: GraphCall, team: TwinTeam): Readonly<Record<string, unknown>> {
  const members = call.tenant.teamMembers(team.id);
  const withRole = (role: string) => members.filter(({ roles }) => roles.some((own) => own === role)).length;
  return {
    id: team.id,
    createdDateTime: team.createdDateTime,
    displayName: team.displayName,
    description: team.description,
    internalId: team.internalId,
    classification: team.classification,
    specialization: 'none',
    visibility: team.visibility,
    webUrl: team.webUrl,
    isArchived: team.isArchived,
    tenantId: call.tenant.id,
    isMembershipLimitedToOwners: false,
    firstChannelName: null,
    summary: {
      ownersCount: withRole('owner'),
      membersCount: members.length - withRole('owner') - withRole('guest'),
      guestsCount: withRole('guest'),
    },
    memberSettings: {
      allowCreateUpdateChannels: true,
      allowCreatePrivateChannels: true,
      allowDeleteChannels: true,
      allowAddRemoveApps: true,
      allowCreateUpdateRemoveTabs: true,
      allowCreateUpdateRemoveConnectors: true,
    },
    guestSettings: { allowCreateUpdateChannels: false, allowDeleteChannels: false },
    messagingSettings: {
      allowUserEditMessages: true,
      allowUserDeleteMessages: true,
      allowOwnerDeleteMessages: true,
      allowTeamMentions: true,
      allowChannelMentions: true,
    },
    funSettings: {
      allowGiphy: true,
      giphyContentRating: 'moderate',
      allowStickersAndMemes: true,
      allowCustomMemes: true,
    },
    discoverySettings: { showInTeamsSearchAndSuggestions: team.visibility === 'public' },
    tagSettings: { allowTagManagement: true },
  };
}

const listed = ['id', 'displayName', 'description', 'visibility'];

/** "Only populates the id, displayName, description, and visibility properties. All others are returned as null." */
const sparse = (record: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, listed.includes(name) ? value : null]));

export const teamRoutes: readonly GraphRoute[] = [
  {
    // https://learn.microsoft.com/en-us/graph/api/teams-list
    pattern: '/teams',
    roles: ['Team.ReadBasic.All', 'TeamSettings.Read.All', 'TeamSettings.ReadWrite.All'],
    query: { top: true, allowed: ['$filter', '$select', '$count'] },
    handle: (call) => {
      const keep = equalityFilter(call.query, listed);
      const records = call.tenant
        .teams()
        .map((team) => sparse(whole(call, team)))
        .filter(keep)
        .map((record) => selectProperties(record, call.query, type));
      const size = pageSize(call.query, listTop, call.behaviour);
      return recordPage(call, { context: 'teams', path: '/teams', size, count: call.query.has('$count') }, records);
    },
  },
  {
    // https://learn.microsoft.com/en-us/graph/api/team-get
    pattern: '/teams/{team-id}',
    roles: ['Team.ReadBasic.All', 'TeamSettings.Read.All', 'TeamSettings.ReadWrite.All'],
    query: { allowed: ['$select'] },
    handle: (call) => entity(call, 'teams/$entity', selectProperties(whole(call, teamOf(call)), call.query, type)),
  },
];
