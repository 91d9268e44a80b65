import { z } from 'zod';
import type { GraphCall } from '../graph/call.ts';
import { entity } from '../graph/page.ts';
import { selectProperties } from '../graph/query-options.ts';
import type { GraphRoute } from '../graph/route.ts';
import { GraphRefusal, refusals } from '../protocol/graph-refusal.ts';
import { generateChannels } from '../tenant/generator/organization.ts';
import { dateTime, id, text } from '../tenant/line-schema.ts';
import { duplicate, invalidLine, readRecords } from '../tenant/lines.ts';
import type { Loading } from '../tenant/loading.ts';
import type { Tenant, TwinChannel } from '../tenant/types.ts';
import type { TwinCollection } from './collection.ts';
import { channelOf, everyChannel, teamOf } from './find-channel.ts';
import { type GraphRecord, listRoute } from './list-route.ts';
import { FOUNDED, joinChannel, knownUsers } from './loaded-members.ts';

const type = 'microsoft.graph.channel';
const roles = [
  'Channel.ReadBasic.All',
  'ChannelSettings.Read.All',
  'ChannelSettings.ReadWrite.All',
  'Group.Read.All',
  'Group.ReadWrite.All',
  'Directory.Read.All',
  'Directory.ReadWrite.All',
];

/** A channel as lists give it. `shared` came after `unknownFutureValue` and is masked without the Prefer header. */
function record(call: GraphCall, channel: TwinChannel): GraphRecord {
  const masked = call.masked && channel.membershipType === 'shared';
  return {
    id: channel.id,
    createdDateTime: channel.createdDateTime,
    displayName: channel.displayName,
    description: channel.description,
    isFavoriteByDefault: call.tenant.channels(channel.teamId)[0] === channel,
    email: channel.email,
    tenantId: call.tenant.id,
    webUrl: channel.webUrl,
    membershipType: masked ? 'unknownFutureValue' : channel.membershipType,
    isArchived: channel.isArchived,
    layoutType: 'post',
    moderationSettings: {
      userNewMessageRestriction: 'everyone',
      replyRestriction: 'everyone',
      allowNewMessageFromBots: true,
      allowNewMessageFromConnectors: true,
    },
    migrationMode: channel.migrationMode,
    originalCreatedDateTime: channel.originalCreatedDateTime,
  };
}

/** `allChannels` and `incomingChannels` name the place of each channel: the hosting team. */
const placed = (call: GraphCall, channel: TwinChannel) => ({
  '@odata.id': `${call.root}/tenants/${call.tenant.id}/teams/${channel.teamId}/channels/${channel.id}`,
  ...record(call, channel),
});

/** The counts that come only when `$select` names `summary`. */
function summary(call: GraphCall, channel: TwinChannel) {
  const members = call.tenant.channelMembers(channel.id);
  const count = (role: string) => members.filter(({ roles: own }) => own.some((one) => one === role)).length;
  return {
    ownersCount: count('owner'),
    membersCount: members.length - count('owner') - count('guest'),
    guestsCount: count('guest'),
    hasMembersFromOtherTenants: false,
  };
}

function single(call: GraphCall, channel: TwinChannel) {
  const wanted = call.query.get('$select')?.split(',').includes('summary');
  const whole = { ...record(call, channel), ...(wanted && { summary: summary(call, channel) }) };
  return entity(call, `teams('${channel.teamId}')/channels/$entity`, selectProperties(whole, call.query, type));
}

const list = (name: string, records: (call: GraphCall) => readonly GraphRecord[]): GraphRoute =>
  listRoute({
    pattern: `/teams/{team-id}/${name}`,
    roles,
    path: (call) => `/teams('${teamOf(call).id}')/${name}`,
    records,
    filter: ['membershipType', 'displayName'],
    type,
    size: 200,
    count: 'always',
  });

const ChannelLine = z.object({
  id,
  teamId: id,
  displayName: text,
  membershipType: z.enum(['standard', 'private', 'shared']).optional(),
  description: text.nullish(),
  createdDateTime: dateTime.optional(),
  isArchived: z.boolean().optional(),
  members: z.array(id).optional(),
  sharedWithTeamIds: z.array(id).optional(),
  migrationMode: z.enum(['inProgress', 'completed']).nullish(),
  originalCreatedDateTime: dateTime.nullish(),
});

/** Private and shared channels whose line names no members have those of the team. */
async function load({ dir, tenant, afterwards }: Loading): Promise<void> {
  const open: TwinChannel[] = [];
  await readRecords(dir, 'channels', ChannelLine, (line, position) => {
    const { id: channelId, teamId, displayName, membershipType = 'standard', sharedWithTeamIds = [] } = line;
    if (tenant.channel(channelId)) throw duplicate(position, channelId);
    const team = tenant.team(teamId);
    if (!team) throw invalidLine(position, 'teamId', `"${teamId}" must be the id of a team in teams.jsonl`);
    const stranger = sharedWithTeamIds.find((other) => !tenant.team(other));
    if (stranger)
      throw invalidLine(position, 'sharedWithTeamIds', `"${stranger}" must be the id of a team in teams.jsonl`);
    const channel: TwinChannel = {
      id: channelId,
      teamId,
      displayName,
      description: line.description ?? null,
      membershipType,
      createdDateTime: line.createdDateTime ?? FOUNDED,
      isArchived: line.isArchived ?? team.isArchived,
      email: '',
      webUrl: `https://teams.microsoft.com/l/channel/${encodeURIComponent(channelId)}/${encodeURIComponent(displayName)}?groupId=${teamId}`,
      migrationMode: line.migrationMode ?? null,
      originalCreatedDateTime: line.originalCreatedDateTime ?? null,
      sharedWithTeamIds,
    };
    tenant.addChannel(channel);
    if (membershipType !== 'standard' && !line.members) open.push(channel);
    joinChannel(tenant, channelId, knownUsers(tenant, line.members ?? [], position));
  });
  afterwards.push(() => {
    for (const channel of open) {
      const members = tenant.teamMembers(channel.teamId).map(({ userId }) => tenant.user(userId)!);
      joinChannel(tenant, channel.id, members);
    }
  });
}

function* lines(tenant: Tenant): Iterable<unknown> {
  for (const { email: _, webUrl: __, ...channel } of everyChannel(tenant)) {
    if (channel.membershipType === 'standard') yield channel;
    else yield { ...channel, members: tenant.channelMembers(channel.id).map(({ userId }) => userId) };
  }
}

export const channels: TwinCollection = {
  name: 'channels',
  permissions: ['Channel.ReadBasic.All'],
  routes: [
    // https://learn.microsoft.com/en-us/graph/api/channel-list
    list('channels', (call) => call.tenant.channels(teamOf(call).id).map((channel) => record(call, channel))),
    // https://learn.microsoft.com/en-us/graph/api/team-list-allchannels
    list('allChannels', (call) => {
      const { id: teamId } = teamOf(call);
      const all = [...call.tenant.channels(teamId), ...call.tenant.incomingChannels(teamId)];
      return all.map((channel) => placed(call, channel));
    }),
    // https://learn.microsoft.com/en-us/graph/api/team-list-incomingchannels
    list('incomingChannels', (call) =>
      call.tenant.incomingChannels(teamOf(call).id).map((channel) => placed(call, channel)),
    ),
    {
      // https://learn.microsoft.com/en-us/graph/api/team-get-primarychannel
      pattern: '/teams/{team-id}/primaryChannel',
      roles,
      query: { allowed: ['$select'] },
      handle: (call) => {
        const [general] = call.tenant.channels(teamOf(call).id);
        if (!general) throw new GraphRefusal(refusals.channelNotFound());
        return single(call, general);
      },
    },
    {
      // https://learn.microsoft.com/en-us/graph/api/channel-get
      pattern: '/teams/{team-id}/channels/{channel-id}',
      roles,
      query: { allowed: ['$filter', '$select'] },
      handle: (call) => single(call, channelOf(call)),
    },
  ],
  ledger: {
    *channels(tenant) {
      for (const channel of everyChannel(tenant)) yield { team_id: channel.teamId, id: channel.id };
    },
  },
  files: [{ name: 'channels', records: lines, load }],
  generate: generateChannels,
};
