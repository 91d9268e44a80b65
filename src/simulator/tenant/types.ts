/**
 * The tenant model of the twin: what exists, in Graph's names. Times that are compared are epoch milliseconds (`…Ms`);
 * `graphJson` renders them as Graph does. Nothing here is to be changed by readers: see `events.ts`.
 */

/** A directory user with the eleven default properties of `GET /users`. https://learn.microsoft.com/graph/api/resources/user */
export interface TwinUser {
  readonly id: string;
  readonly displayName: string;
  readonly mail: string | null;
  readonly userPrincipalName: string;
  readonly givenName: string | null;
  readonly surname: string | null;
  readonly jobTitle: string | null;
  readonly officeLocation: string | null;
  readonly mobilePhone: string | null;
  readonly businessPhones: readonly string[];
  readonly preferredLanguage: string | null;
  readonly accountEnabled: boolean;
  readonly userType: 'Member' | 'Guest';
}

/** https://learn.microsoft.com/graph/api/resources/team */
export interface TwinTeam {
  readonly id: string;
  readonly displayName: string;
  readonly description: string | null;
  readonly visibility: 'private' | 'public';
  readonly classification: string | null;
  readonly createdDateTime: string;
  readonly isArchived: boolean;
  readonly internalId: string;
  readonly webUrl: string;
}

/** https://learn.microsoft.com/graph/api/resources/enums#migrationmode-values */
export type MigrationMode = 'inProgress' | 'completed';

export type MembershipType = 'standard' | 'private' | 'shared';

/** https://learn.microsoft.com/graph/api/resources/channel */
export interface TwinChannel {
  readonly id: string;
  /** The hosting team. */
  readonly teamId: string;
  readonly displayName: string;
  readonly description: string | null;
  readonly membershipType: MembershipType;
  readonly createdDateTime: string;
  readonly isArchived: boolean;
  readonly email: string;
  readonly webUrl: string;
  /** Whether history is being, or was, imported; null for a channel that never was migrated. */
  readonly migrationMode: MigrationMode | null;
  /** When a migrated channel was really made; `createdDateTime` is the migrated time. */
  readonly originalCreatedDateTime: string | null;
  /** Teams that see a shared channel as an incoming one; empty for the other kinds. */
  readonly sharedWithTeamIds: readonly string[];
}

/** An `aadUserConversationMember`. https://learn.microsoft.com/graph/api/resources/aaduserconversationmember */
export interface TwinMember {
  /** Opaque membership id. */
  readonly id: string;
  readonly userId: string;
  readonly displayName: string;
  readonly email: string | null;
  readonly roles: readonly ('owner' | 'guest')[];
}

/** A sender that is an app. `type` is Graph's `applicationIdentityType`. */
export interface TwinApplication {
  readonly id: string;
  readonly displayName: string;
  readonly type: 'bot' | 'office365Connector' | 'outgoingWebhook';
}

export interface TwinReaction {
  readonly reactionType: string;
  /** Name and picture of a custom reaction; the others are named by their type. */
  readonly custom?: { readonly displayName: string; readonly contentUrl: string } | undefined;
  readonly user: TwinUser;
  readonly createdMs: number;
}

export interface TwinHistoryItem {
  readonly actions: 'reactionAdded' | 'reactionRemoved';
  readonly modifiedMs: number;
  readonly reaction: TwinReaction;
}

/** A `chatMessageMention` in Graph's JSON shape. */
export interface TwinMention {
  readonly id: number;
  readonly mentionText: string;
  readonly mentioned: Readonly<Record<string, unknown>>;
}

/** A `chatMessageAttachment` in Graph's JSON shape. */
export interface TwinAttachment {
  readonly id: string;
  readonly contentType: string;
  readonly contentUrl: string | null;
  readonly content: string | null;
  readonly name: string | null;
  readonly thumbnailUrl: string | null;
  readonly teamsAppId: string | null;
}

/** An `eventMessageDetail` in Graph's JSON shape. */
export type TwinEventDetail = Readonly<Record<string, unknown>>;

/** A channel message, root or reply. https://learn.microsoft.com/graph/api/resources/chatmessage */
export interface TwinMessage {
  /** Epoch milliseconds of the creation as text. Unique among the roots of a channel or the replies of a root only. */
  readonly id: string;
  readonly channel: TwinChannel;
  /** The root this message answers; null for a root. */
  readonly root: TwinMessage | null;
  /** Order of creation in the whole tenant. */
  readonly sequence: number;
  /** Tenant revision of the last change: the delta cursor. */
  readonly changeSequence: number;
  readonly createdMs: number;
  /** Creation, edit, delete or reaction, whichever is last. A reply does not move its root's. */
  readonly modifiedMs: number;
  /** How `lastModifiedDateTime` is sent: imports and old lists have messages without one. No range finds those. */
  readonly modifiedStamp: 'written' | 'null' | 'absent';
  /** When the tenant came to know this version: an import brings old times at a new one. */
  readonly arrivedMs: number;
  readonly editedMs: number | null;
  readonly deletedMs: number | null;
  /** Of a root: the last `modifiedMs` of its whole chain. */
  readonly activityMs: number;
  /** Null for system events and unknown senders. */
  readonly from: TwinUser | TwinApplication | null;
  readonly subject: string | null;
  readonly summary: string | null;
  /** A `chatMessagePolicyViolation` in Graph's JSON shape. */
  readonly policyViolation: Readonly<Record<string, unknown>> | null;
  readonly importance: 'normal' | 'high' | 'urgent';
  readonly contentType: 'html' | 'text';
  readonly content: string;
  readonly mentions: readonly TwinMention[];
  readonly attachments: readonly TwinAttachment[];
  readonly reactions: readonly TwinReaction[];
  readonly history: readonly TwinHistoryItem[];
  /** Set for system events, which render as `systemEventMessage`. */
  readonly eventDetail: TwinEventDetail | null;
}

/** Both ends exclusive, as in `lastModifiedDateTime gt a and lastModifiedDateTime lt b`. */
export interface ModifiedRange {
  readonly gtMs?: number;
  readonly ltMs?: number;
}

export interface GraphJsonOptions {
  /** `unknownFutureValue` in place of `systemEventMessage`: the answer to a request without the Prefer header. */
  readonly masked?: boolean;
  /** Adds the inline `replies` of `$expand=replies`, in this order, and the link to further ones. */
  readonly replies?: {
    readonly messages: readonly TwinMessage[];
    readonly nextLink?: string | undefined;
    /** Value of `replies@odata.count`, when that is sent. */
    readonly count?: number | undefined;
  };
}

/**
 * What the HTTP side reads. Arrays are the tenant's own indexes: they are ordered, cost nothing to get, must not be
 * changed, and are only good until the next change of the tenant (take a new one for each request).
 */
export interface Tenant {
  readonly id: string;
  readonly displayName: string;
  /** Counts every change. */
  readonly revision: number;

  users(): readonly TwinUser[];
  /** Ids of users and teams are GUIDs: they are found in any case. */
  user(id: string): TwinUser | undefined;
  teams(): readonly TwinTeam[];
  team(id: string): TwinTeam | undefined;
  /** Channels hosted by the team, General first. */
  channels(teamId: string): readonly TwinChannel[];
  /** Shared channels of other teams that this team sees. */
  incomingChannels(teamId: string): readonly TwinChannel[];
  channel(id: string): TwinChannel | undefined;
  teamMembers(teamId: string): readonly TwinMember[];
  /** Own members of a private or shared channel; the team's members for a standard one. */
  channelMembers(channelId: string): readonly TwinMember[];

  /** Roots by activity of the whole chain, newest first. */
  roots(channelId: string): readonly TwinMessage[];
  root(channelId: string, id: string): TwinMessage | undefined;
  /** Replies, newest first. */
  replies(root: TwinMessage): readonly TwinMessage[];
  reply(root: TwinMessage, id: string): TwinMessage | undefined;
  /**
   * Roots and replies of every channel of the team but the shared ones, in order of creation (`sequence`). With a
   * range: the matching ones. Page by the `sequence` of the last row sent (`firstAfter`), so that rows that leave the
   * range while a client pages do not shift the others.
   */
  teamMessages(teamId: string, range?: ModifiedRange): readonly TwinMessage[];
  /** Roots and replies of the channel whose `changeSequence` is above `since`, in order of change. */
  changes(channelId: string, since: number): readonly TwinMessage[];

  /** The message as UTF-8 JSON, kept until it changes. Without `@odata.context`. */
  graphJson(message: TwinMessage, options?: GraphJsonOptions): Uint8Array;
}
