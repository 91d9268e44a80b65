import { userIdentity } from './identities.ts';
import type { TwinChannel, TwinChat, TwinEventDetail, TwinTeam, TwinUser } from './types.ts';

/**
 * The details of the events that Teams writes into channels and chats.
 * https://learn.microsoft.com/graph/api/resources/eventmessagedetail
 */
const detail = (name: string, initiator: TwinUser, fields: Record<string, unknown>): TwinEventDetail => ({
  '@odata.type': `#microsoft.graph.${name}EventMessageDetail`,
  ...fields,
  initiator: { application: null, device: null, user: userIdentity(initiator, { named: false }) },
});

/** Graph's "from the beginning". */
const ALL_HISTORY = '0001-01-01T00:00:00Z';

const identities = (users: readonly TwinUser[]) => users.map((user) => userIdentity(user, { named: false }));

export function membersAdded(initiator: TwinUser, members: readonly TwinUser[]): TwinEventDetail {
  return detail('membersAdded', initiator, {
    visibleHistoryStartDateTime: ALL_HISTORY,
    members: identities(members),
  });
}

export function membersDeleted(initiator: TwinUser, members: readonly TwinUser[]): TwinEventDetail {
  return detail('membersDeleted', initiator, { members: identities(members) });
}

export function channelAdded(initiator: TwinUser, channel: TwinChannel): TwinEventDetail {
  return detail('channelAdded', initiator, { channelId: channel.id, channelDisplayName: channel.displayName });
}

export function channelDeleted(initiator: TwinUser, channel: TwinChannel): TwinEventDetail {
  return detail('channelDeleted', initiator, { channelId: channel.id, channelDisplayName: channel.displayName });
}

export function channelRenamed(initiator: TwinUser, channel: TwinChannel): TwinEventDetail {
  return detail('channelRenamed', initiator, { channelId: channel.id, channelDisplayName: channel.displayName });
}

export function chatRenamed(initiator: TwinUser, chat: TwinChat): TwinEventDetail {
  return detail('chatRenamed', initiator, { chatId: chat.id, chatDisplayName: chat.topic });
}

export function teamRenamed(initiator: TwinUser, team: TwinTeam): TwinEventDetail {
  return detail('teamRenamed', initiator, { teamId: team.id, teamDisplayName: team.displayName });
}

export function teamArchived(initiator: TwinUser, team: TwinTeam): TwinEventDetail {
  return detail(team.isArchived ? 'teamArchived' : 'teamUnarchived', initiator, { teamId: team.id });
}

export function tabUpdated(initiator: TwinUser, tabId: string): TwinEventDetail {
  return detail('tabUpdated', initiator, { tabId });
}

export function callEnded(initiator: TwinUser, callId: string): TwinEventDetail {
  return detail('callEnded', initiator, {
    callId,
    callDuration: 'PT31M42S',
    callEventType: 'meeting',
    callParticipants: [
      { participant: { application: null, device: null, user: userIdentity(initiator, { named: true }) } },
    ],
  });
}

export function callStarted(initiator: TwinUser, callId: string): TwinEventDetail {
  return detail('callStarted', initiator, { callId, callEventType: 'meeting' });
}
