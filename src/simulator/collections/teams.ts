import { z } from 'zod';
import type { GraphCall } from '../graph/call.ts';
import { entity } from '../graph/page.ts';
import { selectProperties } from '../graph/query-options.ts';
import { generateTeams } from '../tenant/generator/organization.ts';
import { dateTime, id, text } from '../tenant/line-schema.ts';
import { duplicate, readRecords } from '../tenant/lines.ts';
import type { Loading } from '../tenant/loading.ts';
import type { Tenant, TwinTeam, TwinUser } from '../tenant/types.ts';
import type { TwinCollection } from './collection.ts';
import { teamOf } from './find-channel.ts';
import { type GraphRecord, listRoute } from './list-route.ts';
import { FOUNDED, joinTeam, knownUsers } from './loaded-members.ts';

const type = 'microsoft.graph.team';
const roles = ['Team.ReadBasic.All', 'TeamSettings.Read.All', 'TeamSettings.ReadWrite.All'];

/**
 * All of a team.
 *
 * @see https://learn.microsoft.com/en-us/graph/api/resources/team
 */
function whole(call: GraphCall, team: TwinTeam): GraphRecord {
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
const sparse = (record: GraphRecord) =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, listed.includes(name) ? value : null]));

const TeamLine = z.object({
  id,
  displayName: text,
  members: z.array(id).optional(),
  description: text.nullish(),
  visibility: z.enum(['private', 'public']).optional(),
  classification: text.nullish(),
  createdDateTime: dateTime.optional(),
  isArchived: z.boolean().optional(),
});

/** Teams whose line names no members have those who write in them. */
async function load(loading: Loading): Promise<void> {
  const { dir, tenant, messages, afterwards } = loading;
  const open = new Map<string, Set<TwinUser>>();
  await readRecords(dir, 'teams', TeamLine, (record, position) => {
    const { id: teamId, displayName } = record;
    if (tenant.team(teamId)) throw duplicate(position, teamId);
    tenant.addTeam({
      id: teamId,
      displayName,
      description: record.description ?? null,
      visibility: record.visibility ?? 'private',
      classification: record.classification ?? null,
      createdDateTime: record.createdDateTime ?? FOUNDED,
      isArchived: record.isArchived ?? false,
      internalId: `19:${teamId}@thread.tacv2`,
      webUrl: `https://teams.microsoft.com/l/team/${teamId}/conversations?groupId=${teamId}&tenantId=${tenant.id}`,
    });
    if (!record.members) open.set(teamId, new Set());
    joinTeam(tenant, teamId, knownUsers(tenant, record.members ?? [], position));
  });
  afterwards.push(() => {
    for (const { channel, from } of messages) {
      if (from && !('type' in from)) open.get(channel.teamId)?.add(from);
    }
    for (const [teamId, writers] of open) joinTeam(tenant, teamId, writers);
  });
}

function* records(tenant: Tenant): Iterable<unknown> {
  for (const { internalId: _, webUrl: __, ...team } of tenant.teams()) {
    yield { ...team, members: tenant.teamMembers(team.id).map(({ userId }) => userId) };
  }
}

export const teams: TwinCollection = {
  name: 'teams',
  permissions: ['Team.ReadBasic.All', 'TeamSettings.Read.All'],
  routes: [
    listRoute({
      // https://learn.microsoft.com/en-us/graph/api/teams-list
      pattern: '/teams',
      roles,
      path: '/teams',
      records: (call) => call.tenant.teams().map((team) => sparse(whole(call, team))),
      filter: listed,
      type,
      top: { default: 100, maximum: 999 },
      count: () => true,
    }),
    {
      // https://learn.microsoft.com/en-us/graph/api/team-get
      pattern: '/teams/{team-id}',
      roles,
      query: { allowed: ['$select'] },
      handle: (call) => entity(call, 'teams/$entity', selectProperties(whole(call, teamOf(call)), call.query, type)),
    },
  ],
  ledger: {
    *teams(tenant) {
      for (const team of tenant.teams()) yield { id: team.id };
    },
  },
  files: [{ name: 'teams', records, load }],
  generate: generateTeams,
};
