import { GraphRefusal, refusals } from '../protocol/graph-refusal.ts';
import type { TwinChannel } from '../tenant/types.ts';
import type { GraphCall } from './call.ts';
import { channelOf, teamOf } from './find.ts';
import { entity, recordPage } from './page.ts';
import { equalityFilter, selectProperties } from './query-options.ts';
import type { GraphRoute } from './route.ts';

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
function record(call: GraphCall, channel: TwinChannel): Readonly<Record<string, unknown>> {
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

function list(name: string, channels: (call: GraphCall) => readonly Readonly<Record<string, unknown>>[]): GraphRoute {
  return {
    pattern: `/teams/{team-id}/${name}`,
    roles,
    query: { allowed: ['$filter', '$select'] },
    handle: (call) => {
      const team = teamOf(call);
      const keep = equalityFilter(call.query, ['membershipType', 'displayName']);
      const records = channels(call)
        .filter(keep)
        .map((channel) => selectProperties(channel, call.query, type));
      const path = `/teams('${team.id}')/${name}`;
      return recordPage(call, { context: `teams('${team.id}')/${name}`, path, size: 200, count: true }, records);
    },
  };
}

export const channelRoutes: readonly GraphRoute[] = [
  // https://learn.microsoft.com/en-us/graph/api/channel-list
  list('channels', (call) => call.tenant.channels(teamOf(call).id).map((channel) => record(call, channel))),
  // https://learn.microsoft.com/en-us/graph/api/team-list-allchannels
  list('allChannels', (call) => {
    const { id } = teamOf(call);
    return [...call.tenant.channels(id), ...call.tenant.incomingChannels(id)].map((channel) => placed(call, channel));
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
];
