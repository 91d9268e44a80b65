interface Limited {
  readonly id: string;
  readonly methods: readonly string[];
  /** Route patterns: `{x}` is one segment, `**` the rest. The most specific matching pattern decides. */
  readonly routes: readonly string[];
  /** What is counted for each of. */
  readonly scope: LimitScope;
  readonly limit: number;
  readonly source: string;
}

/** So much in a window of time. */
export interface WindowRow extends Limited {
  readonly windowMs: number;
  readonly unit: 'requests' | 'resourceUnits';
  /** Share of `limit` that may be used over a longer time. */
  readonly sustainedFactor?: number;
}

/** So many requests under way at the same time, however fast they follow each other. */
export interface ConcurrencyRow extends Limited {
  readonly unit: 'concurrentRequests';
}

/**
 * Microsoft Graph's published throttling limits, in our own words: one row per (request, scope). The governor and the
 * simulator read these same rows through separate code. Listed Teams values are burst limits; a sustained limit of
 * about 83 % of them is also evaluated over a longer window whose length is not published.
 *
 * @see https://learn.microsoft.com/en-us/graph/throttling-limits
 */
export type LimitRow = WindowRow | ConcurrencyRow;

export const isConcurrency = (row: LimitRow): row is ConcurrencyRow => row.unit === 'concurrentRequests';
export const isWindow = (row: LimitRow): row is WindowRow => !isConcurrency(row);

export type LimitScope =
  | 'app'
  | 'app-tenant'
  | 'call-record'
  | 'call-records-list'
  | 'channel'
  | 'chat'
  | 'chat-or-channel'
  | 'collection'
  | 'mailbox'
  | 'team'
  | 'tenant'
  | 'user';

const source = {
  throttlingLimits: 'https://learn.microsoft.com/en-us/graph/throttling-limits',
  microsoftTeamsServiceLimits:
    'https://learn.microsoft.com/en-us/graph/throttling-limits#microsoft-teams-service-limits',
  identityAndAccessServiceLimits:
    'https://learn.microsoft.com/en-us/graph/throttling-limits#identity-and-access-service-limits',
  outlookServiceLimits: 'https://learn.microsoft.com/en-us/graph/throttling-limits#outlook-service-limits',
  callRecordsLimits: 'https://learn.microsoft.com/en-us/graph/throttling-limits#call-records-limits',
  pstnCallRecordsLimits: 'https://learn.microsoft.com/en-us/graph/throttling-limits#pstn-call-records-limits',
  cloudCommunicationServiceLimits:
    'https://learn.microsoft.com/en-us/graph/throttling-limits#cloud-communication-service-limits',
  subscriptionServiceLimits: 'https://learn.microsoft.com/en-us/graph/throttling-limits#subscription-service-limits',
} as const;

export const graphLimits: readonly LimitRow[] = [ 
  { id: 'global.app', methods: ['ANY'], routes: ['/**'], scope: 'app', limit: 130000, windowMs: 10000, unit: 'requests', source: source.throttlingLimits }, 
  { id: 'teams.get.app', methods: ['GET'], routes: ['/teams/{team-id}'], scope: 'app', limit: 1500, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'teams.get.app-tenant', methods: ['GET'], routes: ['/teams/{team-id}'], scope: 'app-tenant', limit: 30, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'teams.get.team', methods: ['GET'], routes: ['/teams/{team-id}'], scope: 'team', limit: 4, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'teams.joined.app', methods: ['GET'], routes: ['/users/{user-id}/joinedTeams', '/me/joinedTeams'], scope: 'app', limit: 300, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'teams.joined.app-tenant', methods: ['GET'], routes: ['/users/{user-id}/joinedTeams', '/me/joinedTeams'], scope: 'app-tenant', limit: 30, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'teams.create.app', methods: ['POST'], routes: ['/teams'], scope: 'app', limit: 100, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'teams.create.app-tenant', methods: ['POST'], routes: ['/teams'], scope: 'app-tenant', limit: 10, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'teams.fromGroup.app', methods: ['PUT'], routes: ['/groups/{team-id}/team'], scope: 'app', limit: 150, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'teams.fromGroup.app-tenant', methods: ['PUT'], routes: ['/groups/{team-id}/team'], scope: 'app-tenant', limit: 6, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'teams.update.app', methods: ['PATCH'], routes: ['/teams/{team-id}'], scope: 'app', limit: 300, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'teams.update.app-tenant', methods: ['PATCH'], routes: ['/teams/{team-id}'], scope: 'app-tenant', limit: 30, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'teams.update.team', methods: ['PATCH'], routes: ['/teams/{team-id}'], scope: 'team', limit: 4, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'teams.clone.app', methods: ['POST'], routes: ['/teams/{team-id}/clone'], scope: 'app', limit: 150, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'teams.clone.app-tenant', methods: ['POST'], routes: ['/teams/{team-id}/clone'], scope: 'app-tenant', limit: 6, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'teams.completeMigration.app', methods: ['POST'], routes: ['/teams/{team-id}/completeMigration'], scope: 'app', limit: 100, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'teams.completeMigration.app-tenant', methods: ['POST'], routes: ['/teams/{team-id}/completeMigration'], scope: 'app-tenant', limit: 10, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'channels.list.app', methods: ['GET'], routes: ['/teams/{team-id}/channels'], scope: 'app', limit: 1200, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'channels.list.app-tenant', methods: ['GET'], routes: ['/teams/{team-id}/channels'], scope: 'app-tenant', limit: 60, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'channels.list.team', methods: ['GET'], routes: ['/teams/{team-id}/channels'], scope: 'team', limit: 4, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'channels.get.app', methods: ['GET'], routes: ['/teams/{team-id}/channels/{channel-id}'], scope: 'app', limit: 600, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'channels.get.app-tenant', methods: ['GET'], routes: ['/teams/{team-id}/channels/{channel-id}'], scope: 'app-tenant', limit: 30, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'channels.get.channel', methods: ['GET'], routes: ['/teams/{team-id}/channels/{channel-id}'], scope: 'channel', limit: 1, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'channels.members.list.app', methods: ['GET'], routes: ['/teams/{team-id}/channels/{channel-id}/members'], scope: 'app', limit: 1200, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'channels.members.list.app-tenant', methods: ['GET'], routes: ['/teams/{team-id}/channels/{channel-id}/members'], scope: 'app-tenant', limit: 60, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'channels.members.list.channel', methods: ['GET'], routes: ['/teams/{team-id}/channels/{channel-id}/members'], scope: 'channel', limit: 1, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'channels.create.app', methods: ['POST'], routes: ['/teams/{team-id}/channels'], scope: 'app', limit: 100, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'channels.create.app-tenant', methods: ['POST'], routes: ['/teams/{team-id}/channels'], scope: 'app-tenant', limit: 10, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'channels.create.team', methods: ['POST'], routes: ['/teams/{team-id}/channels'], scope: 'team', limit: 4, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'channels.update.app', methods: ['PATCH'], routes: ['/teams/{team-id}/channels/{channel-id}'], scope: 'app', limit: 300, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'channels.update.app-tenant', methods: ['PATCH'], routes: ['/teams/{team-id}/channels/{channel-id}'], scope: 'app-tenant', limit: 30, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'channels.update.channel', methods: ['PATCH'], routes: ['/teams/{team-id}/channels/{channel-id}'], scope: 'channel', limit: 1, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'channels.delete.app', methods: ['DELETE'], routes: ['/teams/{team-id}/channels/{channel-id}'], scope: 'app', limit: 150, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'channels.delete.app-tenant', methods: ['DELETE'], routes: ['/teams/{team-id}/channels/{channel-id}'], scope: 'app-tenant', limit: 15, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'channels.delete.channel', methods: ['DELETE'], routes: ['/teams/{team-id}/channels/{channel-id}'], scope: 'channel', limit: 1, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'channels.completeMigration.app', methods: ['POST'], routes: ['/teams/{team-id}/channels/{channel-id}/completeMigration'], scope: 'app', limit: 100, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'channels.completeMigration.app-tenant', methods: ['POST'], routes: ['/teams/{team-id}/channels/{channel-id}/completeMigration'], scope: 'app-tenant', limit: 10, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'channelMessages.list.app', methods: ['GET'], routes: ['/teams/{team-id}/channels/{channel-id}/messages'], scope: 'app', limit: 200, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'channelMessages.list.app-tenant', methods: ['GET'], routes: ['/teams/{team-id}/channels/{channel-id}/messages'], scope: 'app-tenant', limit: 20, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'channelMessages.list.channel', methods: ['GET'], routes: ['/teams/{team-id}/channels/{channel-id}/messages'], scope: 'channel', limit: 1, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'channelMessages.send.app', methods: ['POST'], routes: ['/teams/{team-id}/channels/{channel-id}/messages'], scope: 'app', limit: 500, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'channelMessages.send.app-tenant', methods: ['POST'], routes: ['/teams/{team-id}/channels/{channel-id}/messages'], scope: 'app-tenant', limit: 50, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'channelMessages.send.channel', methods: ['POST'], routes: ['/teams/{team-id}/channels/{channel-id}/messages'], scope: 'channel', limit: 1, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'channelMessages.send.user', methods: ['POST'], routes: ['/teams/{team-id}/channels/{channel-id}/messages'], scope: 'user', limit: 1, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'channelReplies.send.app', methods: ['POST'], routes: ['/teams/{team-id}/channels/{channel-id}/messages/{message-id}/replies'], scope: 'app', limit: 500, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'channelReplies.send.app-tenant', methods: ['POST'], routes: ['/teams/{team-id}/channels/{channel-id}/messages/{message-id}/replies'], scope: 'app-tenant', limit: 50, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'channelReplies.send.channel', methods: ['POST'], routes: ['/teams/{team-id}/channels/{channel-id}/messages/{message-id}/replies'], scope: 'channel', limit: 1, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'channelReplies.send.user', methods: ['POST'], routes: ['/teams/{team-id}/channels/{channel-id}/messages/{message-id}/replies'], scope: 'user', limit: 1, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'chats.list.app', methods: ['GET'], routes: ['/users/{user-id}/chats', '/me/chats', '/chats'], scope: 'app', limit: 200, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'chats.list.app-tenant', methods: ['GET'], routes: ['/users/{user-id}/chats', '/me/chats', '/chats'], scope: 'app-tenant', limit: 20, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'chats.list.user', methods: ['GET'], routes: ['/users/{user-id}/chats', '/me/chats', '/chats'], scope: 'user', limit: 1, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'chats.get.app', methods: ['GET'], routes: ['/chats/{chat-id}'], scope: 'app', limit: 2000, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'chats.get.app-tenant', methods: ['GET'], routes: ['/chats/{chat-id}'], scope: 'app-tenant', limit: 200, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'chats.get.chat', methods: ['GET'], routes: ['/chats/{chat-id}'], scope: 'chat', limit: 1, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'chats.get.user', methods: ['GET'], routes: ['/chats/{chat-id}'], scope: 'user', limit: 5, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'chats.create.app', methods: ['POST'], routes: ['/chats'], scope: 'app', limit: 200, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'chats.create.app-tenant', methods: ['POST'], routes: ['/chats'], scope: 'app-tenant', limit: 20, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'chats.update.app', methods: ['PATCH'], routes: ['/chats/{chat-id}'], scope: 'app', limit: 300, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'chats.update.app-tenant', methods: ['PATCH'], routes: ['/chats/{chat-id}'], scope: 'app-tenant', limit: 30, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'chats.update.chat', methods: ['PATCH'], routes: ['/chats/{chat-id}'], scope: 'chat', limit: 1, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'chats.delete.app', methods: ['DELETE'], routes: ['/chats/{chat-id}'], scope: 'app', limit: 10, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'chats.delete.app-tenant', methods: ['DELETE'], routes: ['/chats/{chat-id}'], scope: 'app-tenant', limit: 1, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'chats.delete.chat', methods: ['DELETE'], routes: ['/chats/{chat-id}'], scope: 'chat', limit: 1, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'chats.removeAllAccessForUser.app', methods: ['POST'], routes: ['/chats/{chat-id}/removeAllAccessForUser'], scope: 'app', limit: 300, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'chats.removeAllAccessForUser.app-tenant', methods: ['POST'], routes: ['/chats/{chat-id}/removeAllAccessForUser'], scope: 'app-tenant', limit: 30, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'chats.removeAllAccessForUser.chat', methods: ['POST'], routes: ['/chats/{chat-id}/removeAllAccessForUser'], scope: 'chat', limit: 1, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'chats.removeAllAccessForUser.user', methods: ['POST'], routes: ['/chats/{chat-id}/removeAllAccessForUser'], scope: 'user', limit: 1, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'chatMessages.list.app', methods: ['GET'], routes: ['/chats/{chat-id}/messages'], scope: 'app', limit: 200, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'chatMessages.list.app-tenant', methods: ['GET'], routes: ['/chats/{chat-id}/messages'], scope: 'app-tenant', limit: 20, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'chatMessages.list.chat', methods: ['GET'], routes: ['/chats/{chat-id}/messages'], scope: 'chat', limit: 1, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'chatMessages.send.app', methods: ['POST'], routes: ['/chats/{chat-id}/messages'], scope: 'app', limit: 200, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'chatMessages.send.app-tenant', methods: ['POST'], routes: ['/chats/{chat-id}/messages'], scope: 'app-tenant', limit: 20, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'chatMessages.send.chat', methods: ['POST'], routes: ['/chats/{chat-id}/messages'], scope: 'chat', limit: 1, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'chatMessages.send.user', methods: ['POST'], routes: ['/chats/{chat-id}/messages'], scope: 'user', limit: 1, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'chatMessages.update.app', methods: ['PATCH'], routes: ['/chats/{chat-id}/messages/{message-id}'], scope: 'app', limit: 300, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'chatMessages.update.app-tenant', methods: ['PATCH'], routes: ['/chats/{chat-id}/messages/{message-id}'], scope: 'app-tenant', limit: 30, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'chatMessages.update.chat', methods: ['PATCH'], routes: ['/chats/{chat-id}/messages/{message-id}'], scope: 'chat', limit: 1, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'chatMessages.softDelete.app', methods: ['POST'], routes: ['/chats/{chat-id}/messages/{message-id}/softDelete', '/chats/{chat-id}/messages/{message-id}/undoSoftDelete'], scope: 'app', limit: 300, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'chatMessages.softDelete.app-tenant', methods: ['POST'], routes: ['/chats/{chat-id}/messages/{message-id}/softDelete', '/chats/{chat-id}/messages/{message-id}/undoSoftDelete'], scope: 'app-tenant', limit: 30, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'chatMessages.softDelete.chat', methods: ['POST'], routes: ['/chats/{chat-id}/messages/{message-id}/softDelete', '/chats/{chat-id}/messages/{message-id}/undoSoftDelete'], scope: 'chat', limit: 1, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'chatMessages.hostedContents.app', methods: ['GET'], routes: ['/chats/{chat-id}/messages/{message-id}/hostedContents'], scope: 'app', limit: 500, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'chatMessages.hostedContents.app-tenant', methods: ['GET'], routes: ['/chats/{chat-id}/messages/{message-id}/hostedContents'], scope: 'app-tenant', limit: 50, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'chatMessages.hostedContents.chat', methods: ['GET'], routes: ['/chats/{chat-id}/messages/{message-id}/hostedContents'], scope: 'chat', limit: 1, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'chatMessages.hostedContents.value.app', methods: ['GET'], routes: ['/chats/{chat-id}/messages/{message-id}/hostedContents/{id}/$value'], scope: 'app', limit: 600, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'chatMessages.hostedContents.value.app-tenant', methods: ['GET'], routes: ['/chats/{chat-id}/messages/{message-id}/hostedContents/{id}/$value'], scope: 'app-tenant', limit: 60, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'chatMessages.hostedContents.value.chat', methods: ['GET'], routes: ['/chats/{chat-id}/messages/{message-id}/hostedContents/{id}/$value'], scope: 'chat', limit: 1, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'team.members.list.app', methods: ['GET'], routes: ['/teams/{team-id}/members'], scope: 'app', limit: 1200, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'team.members.list.app-tenant', methods: ['GET'], routes: ['/teams/{team-id}/members'], scope: 'app-tenant', limit: 60, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'team.members.list.team', methods: ['GET'], routes: ['/teams/{team-id}/members'], scope: 'team', limit: 4, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'team.members.add.app', methods: ['POST'], routes: ['/teams/{team-id}/members'], scope: 'app', limit: 300, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'team.members.add.app-tenant', methods: ['POST'], routes: ['/teams/{team-id}/members'], scope: 'app-tenant', limit: 30, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'team.members.add.team', methods: ['POST'], routes: ['/teams/{team-id}/members'], scope: 'team', limit: 4, windowMs: 60000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'team.members.bulkAdd.app', methods: ['POST'], routes: ['/teams/{team-id}/members/add'], scope: 'app', limit: 100, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'team.members.bulkAdd.app-tenant', methods: ['POST'], routes: ['/teams/{team-id}/members/add'], scope: 'app-tenant', limit: 10, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'team.members.bulkAdd.team', methods: ['POST'], routes: ['/teams/{team-id}/members/add'], scope: 'team', limit: 4, windowMs: 60000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'chat.members.add.app', methods: ['POST'], routes: ['/chats/{chat-id}/members'], scope: 'app', limit: 300, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'chat.members.add.app-tenant', methods: ['POST'], routes: ['/chats/{chat-id}/members'], scope: 'app-tenant', limit: 30, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'chat.members.add.chat', methods: ['POST'], routes: ['/chats/{chat-id}/members'], scope: 'chat', limit: 4, windowMs: 60000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'chat.members.delete.app', methods: ['DELETE'], routes: ['/chats/{chat-id}/members/{membership-id}'], scope: 'app', limit: 300, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'chat.members.delete.app-tenant', methods: ['DELETE'], routes: ['/chats/{chat-id}/members/{membership-id}'], scope: 'app-tenant', limit: 30, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'chat.members.delete.chat', methods: ['DELETE'], routes: ['/chats/{chat-id}/members/{membership-id}'], scope: 'chat', limit: 4, windowMs: 60000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'installedApps.list.app', methods: ['GET'], routes: ['/teams/{team-id}/installedApps', '/chats/{chat-id}/installedApps', '/users/{user-id}/teamwork/installedApps'], scope: 'app', limit: 1500, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'installedApps.list.app-tenant', methods: ['GET'], routes: ['/teams/{team-id}/installedApps', '/chats/{chat-id}/installedApps', '/users/{user-id}/teamwork/installedApps'], scope: 'app-tenant', limit: 30, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'installedApps.list.chat-or-channel', methods: ['GET'], routes: ['/teams/{team-id}/installedApps', '/chats/{chat-id}/installedApps', '/users/{user-id}/teamwork/installedApps'], scope: 'chat-or-channel', limit: 1, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'permissionGrants.list.app', methods: ['GET'], routes: ['/teams/{team-id}/permissionGrants', '/chats/{chat-id}/permissionGrants'], scope: 'app', limit: 1500, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'permissionGrants.list.app-tenant', methods: ['GET'], routes: ['/teams/{team-id}/permissionGrants', '/chats/{chat-id}/permissionGrants'], scope: 'app-tenant', limit: 30, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'permissionGrants.list.chat-or-channel', methods: ['GET'], routes: ['/teams/{team-id}/permissionGrants', '/chats/{chat-id}/permissionGrants'], scope: 'chat-or-channel', limit: 1, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'installedApps.add.app', methods: ['POST'], routes: ['/teams/{team-id}/installedApps', '/chats/{chat-id}/installedApps', '/users/{user-id}/teamwork/installedApps'], scope: 'app', limit: 300, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'installedApps.add.app-tenant', methods: ['POST'], routes: ['/teams/{team-id}/installedApps', '/chats/{chat-id}/installedApps', '/users/{user-id}/teamwork/installedApps'], scope: 'app-tenant', limit: 30, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'installedApps.add.chat-or-channel', methods: ['POST'], routes: ['/teams/{team-id}/installedApps', '/chats/{chat-id}/installedApps', '/users/{user-id}/teamwork/installedApps'], scope: 'chat-or-channel', limit: 1, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'installedApps.delete.app', methods: ['DELETE'], routes: ['/teams/{team-id}/installedApps/{id}', '/chats/{chat-id}/installedApps/{id}', '/users/{user-id}/teamwork/installedApps/{id}'], scope: 'app', limit: 150, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'installedApps.delete.app-tenant', methods: ['DELETE'], routes: ['/teams/{team-id}/installedApps/{id}', '/chats/{chat-id}/installedApps/{id}', '/users/{user-id}/teamwork/installedApps/{id}'], scope: 'app-tenant', limit: 15, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'installedApps.delete.chat-or-channel', methods: ['DELETE'], routes: ['/teams/{team-id}/installedApps/{id}', '/chats/{chat-id}/installedApps/{id}', '/users/{user-id}/teamwork/installedApps/{id}'], scope: 'chat-or-channel', limit: 1, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'tabs.list.app', methods: ['GET'], routes: ['/teams/{team-id}/channels/{channel-id}/tabs', '/chats/{chat-id}/tabs'], scope: 'app', limit: 600, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'tabs.list.app-tenant', methods: ['GET'], routes: ['/teams/{team-id}/channels/{channel-id}/tabs', '/chats/{chat-id}/tabs'], scope: 'app-tenant', limit: 30, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'tabs.list.chat-or-channel', methods: ['GET'], routes: ['/teams/{team-id}/channels/{channel-id}/tabs', '/chats/{chat-id}/tabs'], scope: 'chat-or-channel', limit: 1, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'tabs.add.app', methods: ['POST'], routes: ['/teams/{team-id}/channels/{channel-id}/tabs', '/chats/{chat-id}/tabs'], scope: 'app', limit: 300, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'tabs.add.app-tenant', methods: ['POST'], routes: ['/teams/{team-id}/channels/{channel-id}/tabs', '/chats/{chat-id}/tabs'], scope: 'app-tenant', limit: 30, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'tabs.add.chat-or-channel', methods: ['POST'], routes: ['/teams/{team-id}/channels/{channel-id}/tabs', '/chats/{chat-id}/tabs'], scope: 'chat-or-channel', limit: 1, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'tabs.update.app', methods: ['PATCH'], routes: ['/teams/{team-id}/channels/{channel-id}/tabs/{id}', '/chats/{chat-id}/tabs/{id}'], scope: 'app', limit: 300, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'tabs.update.app-tenant', methods: ['PATCH'], routes: ['/teams/{team-id}/channels/{channel-id}/tabs/{id}', '/chats/{chat-id}/tabs/{id}'], scope: 'app-tenant', limit: 30, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'tabs.update.chat-or-channel', methods: ['PATCH'], routes: ['/teams/{team-id}/channels/{channel-id}/tabs/{id}', '/chats/{chat-id}/tabs/{id}'], scope: 'chat-or-channel', limit: 1, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'tabs.delete.app', methods: ['DELETE'], routes: ['/teams/{team-id}/channels/{channel-id}/tabs/{id}', '/chats/{chat-id}/tabs/{id}'], scope: 'app', limit: 150, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'tabs.delete.app-tenant', methods: ['DELETE'], routes: ['/teams/{team-id}/channels/{channel-id}/tabs/{id}', '/chats/{chat-id}/tabs/{id}'], scope: 'app-tenant', limit: 15, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'tabs.delete.chat-or-channel', methods: ['DELETE'], routes: ['/teams/{team-id}/channels/{channel-id}/tabs/{id}', '/chats/{chat-id}/tabs/{id}'], scope: 'chat-or-channel', limit: 1, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'appCatalogs.list.app', methods: ['GET'], routes: ['/appCatalogs/teamsApps'], scope: 'app', limit: 1500, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'appCatalogs.list.app-tenant', methods: ['GET'], routes: ['/appCatalogs/teamsApps'], scope: 'app-tenant', limit: 30, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'appCatalogs.publish.app', methods: ['POST'], routes: ['/appCatalogs/teamsApps'], scope: 'app', limit: 300, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'appCatalogs.publish.app-tenant', methods: ['POST'], routes: ['/appCatalogs/teamsApps'], scope: 'app-tenant', limit: 30, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'appCatalogs.delete.app', methods: ['DELETE'], routes: ['/appCatalogs/teamsApps/{app-id}'], scope: 'app', limit: 150, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'appCatalogs.delete.app-tenant', methods: ['DELETE'], routes: ['/appCatalogs/teamsApps/{app-id}'], scope: 'app-tenant', limit: 15, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'activity.team.app', methods: ['POST'], routes: ['/teams/{team-id}/sendActivityNotification'], scope: 'app', limit: 50, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'activity.team.app-tenant', methods: ['POST'], routes: ['/teams/{team-id}/sendActivityNotification'], scope: 'app-tenant', limit: 5, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'activity.team.team', methods: ['POST'], routes: ['/teams/{team-id}/sendActivityNotification'], scope: 'team', limit: 4, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'activity.chat.app', methods: ['POST'], routes: ['/chats/{chat-id}/sendActivityNotification'], scope: 'app', limit: 50, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'activity.chat.app-tenant', methods: ['POST'], routes: ['/chats/{chat-id}/sendActivityNotification'], scope: 'app-tenant', limit: 5, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'activity.chat.chat', methods: ['POST'], routes: ['/chats/{chat-id}/sendActivityNotification'], scope: 'chat', limit: 1, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'activity.user.app', methods: ['POST'], routes: ['/users/{user-id}/teamwork/sendActivityNotification'], scope: 'app', limit: 50, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'activity.user.app-tenant', methods: ['POST'], routes: ['/users/{user-id}/teamwork/sendActivityNotification'], scope: 'app-tenant', limit: 5, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'activity.recipients.app', methods: ['POST'], routes: ['/teamwork/sendActivityNotificationToRecipients'], scope: 'app', limit: 20, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'activity.recipients.app-tenant', methods: ['POST'], routes: ['/teamwork/sendActivityNotificationToRecipients'], scope: 'app-tenant', limit: 2, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'export.channelMessages.app', methods: ['GET'], routes: ['/teams/{team-id}/channels/getAllMessages', '/teams/{team-id}/channels/allMessages'], scope: 'app', limit: 1000, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'export.channelMessages.app-tenant', methods: ['GET'], routes: ['/teams/{team-id}/channels/getAllMessages', '/teams/{team-id}/channels/allMessages'], scope: 'app-tenant', limit: 200, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'export.chatMessages.app', methods: ['GET'], routes: ['/users/{user-id}/chats/getAllMessages', '/users/{user-id}/chats/allMessages'], scope: 'app', limit: 1000, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'export.chatMessages.app-tenant', methods: ['GET'], routes: ['/users/{user-id}/chats/getAllMessages', '/users/{user-id}/chats/allMessages'], scope: 'app-tenant', limit: 200, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'export.channelRetained.app', methods: ['GET'], routes: ['/teams/{team-id}/channels/getAllRetainedMessages'], scope: 'app', limit: 1000, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'export.channelRetained.app-tenant', methods: ['GET'], routes: ['/teams/{team-id}/channels/getAllRetainedMessages'], scope: 'app-tenant', limit: 200, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'export.chatRetained.app', methods: ['GET'], routes: ['/users/{user-id}/chats/getAllRetainedMessages'], scope: 'app', limit: 1000, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'export.chatRetained.app-tenant', methods: ['GET'], routes: ['/users/{user-id}/chats/getAllRetainedMessages'], scope: 'app-tenant', limit: 200, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'copilot.export.app', methods: ['GET'], routes: ['/copilot/users/{user-id}/interactionHistory/getAllEnterpriseInteractions'], scope: 'app', limit: 1500, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'copilot.export.app-tenant', methods: ['GET'], routes: ['/copilot/users/{user-id}/interactionHistory/getAllEnterpriseInteractions'], scope: 'app-tenant', limit: 30, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'shifts.get.app', methods: ['GET'], routes: ['/teams/{team-id}/schedule/**'], scope: 'app', limit: 600, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'shifts.get.app-tenant', methods: ['GET'], routes: ['/teams/{team-id}/schedule/**'], scope: 'app-tenant', limit: 30, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'shifts.write.app', methods: ['POST', 'PUT'], routes: ['/teams/{team-id}/schedule/**'], scope: 'app', limit: 300, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'shifts.write.app-tenant', methods: ['POST', 'PUT'], routes: ['/teams/{team-id}/schedule/**'], scope: 'app-tenant', limit: 30, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'sections.any.app-tenant', methods: ['ANY'], routes: ['/users/{user-id}/teamwork/sections/**'], scope: 'app-tenant', limit: 5, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'teams.default.get.app', methods: ['GET'], routes: ['/teams/**', '/chats/**', '/users/{user-id}/chats/**', '/users/{user-id}/teamwork/**', '/appCatalogs/**', '/teamwork/**'], scope: 'app', limit: 1500, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'teams.default.get.app-tenant', methods: ['GET'], routes: ['/teams/**', '/chats/**', '/users/{user-id}/chats/**', '/users/{user-id}/teamwork/**', '/appCatalogs/**', '/teamwork/**'], scope: 'app-tenant', limit: 30, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'teams.default.get.chat-or-channel', methods: ['GET'], routes: ['/teams/**', '/chats/**', '/users/{user-id}/chats/**', '/users/{user-id}/teamwork/**', '/appCatalogs/**', '/teamwork/**'], scope: 'chat-or-channel', limit: 1, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'teams.default.get.user', methods: ['GET'], routes: ['/teams/**', '/chats/**', '/users/{user-id}/chats/**', '/users/{user-id}/teamwork/**', '/appCatalogs/**', '/teamwork/**'], scope: 'user', limit: 1, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'teams.default.write.app', methods: ['POST', 'PUT', 'PATCH'], routes: ['/teams/**', '/chats/**', '/users/{user-id}/chats/**', '/users/{user-id}/teamwork/**', '/appCatalogs/**', '/teamwork/**'], scope: 'app', limit: 300, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'teams.default.write.app-tenant', methods: ['POST', 'PUT', 'PATCH'], routes: ['/teams/**', '/chats/**', '/users/{user-id}/chats/**', '/users/{user-id}/teamwork/**', '/appCatalogs/**', '/teamwork/**'], scope: 'app-tenant', limit: 30, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'teams.default.write.chat-or-channel', methods: ['POST', 'PUT', 'PATCH'], routes: ['/teams/**', '/chats/**', '/users/{user-id}/chats/**', '/users/{user-id}/teamwork/**', '/appCatalogs/**', '/teamwork/**'], scope: 'chat-or-channel', limit: 1, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'teams.default.write.user', methods: ['POST', 'PUT', 'PATCH'], routes: ['/teams/**', '/chats/**', '/users/{user-id}/chats/**', '/users/{user-id}/teamwork/**', '/appCatalogs/**', '/teamwork/**'], scope: 'user', limit: 1, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'teams.default.delete.app', methods: ['DELETE'], routes: ['/teams/**', '/chats/**', '/users/{user-id}/chats/**', '/users/{user-id}/teamwork/**', '/appCatalogs/**', '/teamwork/**'], scope: 'app', limit: 150, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'teams.default.delete.app-tenant', methods: ['DELETE'], routes: ['/teams/**', '/chats/**', '/users/{user-id}/chats/**', '/users/{user-id}/teamwork/**', '/appCatalogs/**', '/teamwork/**'], scope: 'app-tenant', limit: 15, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'teams.default.delete.chat-or-channel', methods: ['DELETE'], routes: ['/teams/**', '/chats/**', '/users/{user-id}/chats/**', '/users/{user-id}/teamwork/**', '/appCatalogs/**', '/teamwork/**'], scope: 'chat-or-channel', limit: 1, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'teams.default.delete.user', methods: ['DELETE'], routes: ['/teams/**', '/chats/**', '/users/{user-id}/chats/**', '/users/{user-id}/teamwork/**', '/appCatalogs/**', '/teamwork/**'], scope: 'user', limit: 1, windowMs: 1000, unit: 'requests', sustainedFactor: 0.83, source: source.microsoftTeamsServiceLimits }, 
  { id: 'identity.app-tenant.S', methods: ['ANY'], routes: ['/users/**', '/groups/**', '/organization/**', '/directoryObjects/**'], scope: 'app-tenant', limit: 3500, windowMs: 10000, unit: 'resourceUnits', source: source.identityAndAccessServiceLimits }, 
  { id: 'identity.app-tenant.M', methods: ['ANY'], routes: ['/users/**', '/groups/**', '/organization/**', '/directoryObjects/**'], scope: 'app-tenant', limit: 5000, windowMs: 10000, unit: 'resourceUnits', source: source.identityAndAccessServiceLimits }, 
  { id: 'identity.app-tenant.L', methods: ['ANY'], routes: ['/users/**', '/groups/**', '/organization/**', '/directoryObjects/**'], scope: 'app-tenant', limit: 8000, windowMs: 10000, unit: 'resourceUnits', source: source.identityAndAccessServiceLimits }, 
  { id: 'identity.app', methods: ['ANY'], routes: ['/users/**', '/groups/**', '/organization/**', '/directoryObjects/**'], scope: 'app', limit: 150000, windowMs: 20000, unit: 'resourceUnits', source: source.identityAndAccessServiceLimits }, 
  { id: 'identity.write.app-tenant', methods: ['POST', 'PUT', 'PATCH', 'DELETE'], routes: ['/users/**', '/groups/**', '/organization/**', '/directoryObjects/**'], scope: 'app-tenant', limit: 3000, windowMs: 150000, unit: 'requests', source: source.identityAndAccessServiceLimits }, 
  { id: 'identity.write.app', methods: ['POST', 'PUT', 'PATCH', 'DELETE'], routes: ['/users/**', '/groups/**', '/organization/**', '/directoryObjects/**'], scope: 'app', limit: 35000, windowMs: 300000, unit: 'requests', source: source.identityAndAccessServiceLimits }, 
  { id: 'identity.write.tenant', methods: ['POST', 'PUT', 'PATCH', 'DELETE'], routes: ['/users/**', '/groups/**', '/organization/**', '/directoryObjects/**'], scope: 'tenant', limit: 18000, windowMs: 300000, unit: 'requests', source: source.identityAndAccessServiceLimits }, 
  { id: 'outlook.rate', methods: ['ANY'], routes: ['/users/{user-id}/events/**', '/users/{user-id}/calendarView/**', '/users/{user-id}/calendar/**', '/users/{user-id}/calendars/**'], scope: 'mailbox', limit: 10000, windowMs: 600000, unit: 'requests', source: source.outlookServiceLimits }, 
  // Meetings of an organiser are held to what their mailbox takes: nothing of their own is published.
  { id: 'outlook.concurrency', methods: ['ANY'], routes: ['/users/{user-id}/events/**', '/users/{user-id}/calendarView/**', '/users/{user-id}/calendar/**', '/users/{user-id}/calendars/**', '/users/{user-id}/onlineMeetings/**'], scope: 'mailbox', limit: 4, unit: 'concurrentRequests', source: source.outlookServiceLimits }, 
  { id: 'callRecords.app', methods: ['ANY'], routes: ['/communications/callRecords', '/communications/callRecords/{id}/**'], scope: 'app', limit: 15000, windowMs: 20000, unit: 'requests', source: source.callRecordsLimits }, 
  { id: 'callRecords.tenant', methods: ['ANY'], routes: ['/communications/callRecords', '/communications/callRecords/{id}/**'], scope: 'tenant', limit: 10000, windowMs: 20000, unit: 'requests', source: source.callRecordsLimits }, 
  { id: 'callRecords.app-tenant', methods: ['ANY'], routes: ['/communications/callRecords', '/communications/callRecords/{id}/**'], scope: 'app-tenant', limit: 1500, windowMs: 20000, unit: 'requests', source: source.callRecordsLimits }, 
  { id: 'callRecords.record', methods: ['GET'], routes: ['/communications/callRecords/{id}/**'], scope: 'call-record', limit: 40, windowMs: 20000, unit: 'requests', source: source.callRecordsLimits }, 
  { id: 'callRecords.list', methods: ['GET'], routes: ['/communications/callRecords'], scope: 'call-records-list', limit: 40, windowMs: 20000, unit: 'requests', source: source.callRecordsLimits }, 
  { id: 'pstn.tenant', methods: ['GET'], routes: ['/communications/callRecords/getPstnCalls(**)', '/communications/callRecords/getDirectRoutingCalls(**)'], scope: 'tenant', limit: 1000, windowMs: 60000, unit: 'requests', source: source.pstnCallRecordsLimits }, 
  { id: 'pstn.app-tenant', methods: ['GET'], routes: ['/communications/callRecords/getPstnCalls(**)', '/communications/callRecords/getDirectRoutingCalls(**)'], scope: 'app-tenant', limit: 200, windowMs: 60000, unit: 'requests', source: source.pstnCallRecordsLimits }, 
  { id: 'pstn.collection', methods: ['GET'], routes: ['/communications/callRecords/getPstnCalls(**)', '/communications/callRecords/getDirectRoutingCalls(**)'], scope: 'collection', limit: 50, windowMs: 60000, unit: 'requests', source: source.pstnCallRecordsLimits }, 
  { id: 'calls', methods: ['ANY'], routes: ['/communications/calls/**'], scope: 'app-tenant', limit: 50000, windowMs: 15000, unit: 'requests', source: source.cloudCommunicationServiceLimits }, 
  { id: 'presence', methods: ['ANY'], routes: ['/communications/presences/**', '/users/{user-id}/presence'], scope: 'app-tenant', limit: 10000, windowMs: 30000, unit: 'requests', source: source.cloudCommunicationServiceLimits }, 
  { id: 'virtualEvents.get', methods: ['GET'], routes: ['/solutions/virtualEvents/**'], scope: 'app', limit: 750, windowMs: 30000, unit: 'requests', source: source.cloudCommunicationServiceLimits }, 
  { id: 'virtualEvents.write', methods: ['POST', 'PATCH', 'DELETE'], routes: ['/solutions/virtualEvents/**'], scope: 'app', limit: 15, windowMs: 30000, unit: 'requests', source: source.cloudCommunicationServiceLimits }, 
  { id: 'subscriptions.write.app', methods: ['POST', 'PUT', 'PATCH', 'DELETE'], routes: ['/subscriptions/**'], scope: 'app', limit: 2000, windowMs: 20000, unit: 'requests', source: source.subscriptionServiceLimits }, 
  { id: 'subscriptions.write.app-tenant', methods: ['POST', 'PUT', 'PATCH', 'DELETE'], routes: ['/subscriptions/**'], scope: 'app-tenant', limit: 500, windowMs: 20000, unit: 'requests', source: source.subscriptionServiceLimits }, 
  { id: 'subscriptions.reauthorize.app', methods: ['POST'], routes: ['/subscriptions/{id}/reauthorize'], scope: 'app', limit: 4000, windowMs: 20000, unit: 'requests', source: source.subscriptionServiceLimits }, 
  { id: 'subscriptions.reauthorize.app-tenant', methods: ['POST'], routes: ['/subscriptions/{id}/reauthorize'], scope: 'app-tenant', limit: 1000, windowMs: 20000, unit: 'requests', source: source.subscriptionServiceLimits }, 
  { id: 'subscriptions.get.app', methods: ['GET'], routes: ['/subscriptions/{id}'], scope: 'app', limit: 2000, windowMs: 20000, unit: 'requests', source: source.subscriptionServiceLimits }, 
  { id: 'subscriptions.get.app-tenant', methods: ['GET'], routes: ['/subscriptions/{id}'], scope: 'app-tenant', limit: 500, windowMs: 20000, unit: 'requests', source: source.subscriptionServiceLimits }, 
  { id: 'subscriptions.list.app', methods: ['GET'], routes: ['/subscriptions'], scope: 'app', limit: 40, windowMs: 20000, unit: 'requests', source: source.subscriptionServiceLimits }, 
  { id: 'subscriptions.list.app-tenant', methods: ['GET'], routes: ['/subscriptions'], scope: 'app-tenant', limit: 25, windowMs: 20000, unit: 'requests', source: source.subscriptionServiceLimits }
];
