/**
 * The records of a tenant, in Graph's names. Times that are compared are epoch milliseconds (`…Ms`). Nothing here is to
 * be changed by readers: see `events.ts`.
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
  /** False: no licence holds Teams, and what is asked of their chats is refused. Absent: licensed. */
  readonly isLicensed?: boolean | undefined;
  /** Of somebody who is in no directory of this tenant: the tenant they belong to. */
  readonly homeTenantId?: string | undefined;
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

/**
 * What Teams keeps for a message: a picture in its text, a piece of code. Its bytes follow from the rest.
 * https://learn.microsoft.com/en-us/graph/api/resources/chatmessagehostedcontent
 */
export interface TwinHostedContent {
  readonly id: string;
  readonly contentType: string;
  /** How many bytes it has. */
  readonly size: number;
  /** The same seed and size are the same bytes. */
  readonly seed: string;
  /** `text`: the body shows it as a picture; `attachment`: an attachment names it. */
  readonly shownIn: 'text' | 'attachment';
}

/** An `eventMessageDetail` in Graph's JSON shape. */
export type TwinEventDetail = Readonly<Record<string, unknown>>;

/** What every message has, wherever it was written. https://learn.microsoft.com/graph/api/resources/chatmessage */
export interface TwinWriting {
  /** Epoch milliseconds of the creation as text. Unique in its place only. */
  readonly id: string;
  /** Order of creation. */
  readonly sequence: number;
  /** Revision of the last change: the delta cursor. */
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
  readonly hostedContents: readonly TwinHostedContent[];
  readonly reactions: readonly TwinReaction[];
  readonly history: readonly TwinHistoryItem[];
  /** Set for system events, which render as `systemEventMessage`. */
  readonly eventDetail: TwinEventDetail | null;
}

/** A channel message, root or reply. Its id is unique among the roots of a channel or the replies of a root only. */
export interface TwinMessage extends TwinWriting {
  readonly channel: TwinChannel;
  /** The root this message answers; null for a root. */
  readonly root: TwinMessage | null;
  /** Of a root: the last `modifiedMs` of its whole chain. */
  readonly activityMs: number;
}

/** https://learn.microsoft.com/graph/api/resources/chat */
export interface TwinChat {
  readonly id: string;
  readonly chatType: 'oneOnOne' | 'group' | 'meeting';
  readonly topic: string | null;
  readonly createdMs: number;
  /** Renamed, or somebody came or left. A message does not move it. */
  readonly updatedMs: number;
  /** The tenant that hosts it. What is in a chat of another one is refused. */
  readonly tenantId: string;
  /** As of a channel: whether history is being, or was, brought in. */
  readonly migrationMode: MigrationMode | null;
  /** When a migrated chat was really made. */
  readonly originalCreatedMs: number | null;
  /** Of a meeting. */
  readonly meeting: { readonly joinWebUrl: string; readonly organizer: TwinUser } | null;
}

/** Somebody in a chat. https://learn.microsoft.com/graph/api/resources/aaduserconversationmember */
export interface TwinChatMember {
  /** Opaque membership id. */
  readonly id: string;
  readonly user: TwinUser;
  readonly roles: readonly ('owner' | 'guest')[];
  /** From when on they see what was written; null: from the beginning. */
  readonly visibleFromMs: number | null;
}

/** A message of a chat: it answers none, and none answers it. Its id is unique in its chat only. */
export interface TwinChatMessage extends TwinWriting {
  readonly chat: TwinChat;
}

/** An app that can be installed, in one of its versions. https://learn.microsoft.com/en-us/graph/api/resources/teamsapp */
export interface TwinApp {
  readonly id: string;
  readonly displayName: string;
  /** Id that its maker gave it; null for one of the store. */
  readonly externalId: string | null;
  readonly distributionMethod: string;
  readonly version: string;
  readonly shortDescription: string;
  readonly description: string;
  /** Its registration, when it asks for permissions of the place it is installed in. */
  readonly clientAppId: string | null;
  /** Of resource-specific consent, as application permissions. */
  readonly permissions: readonly string[];
}

/** A call after its end. https://learn.microsoft.com/en-us/graph/api/resources/callrecords-callrecord */
export interface TwinCall {
  readonly id: string;
  readonly version: number;
  readonly type: string;
  readonly modalities: readonly string[];
  readonly startMs: number;
  readonly endMs: number;
  readonly modifiedMs: number;
  readonly joinWebUrl: string | null;
  /** Whoever it was, as the service says it: users, guests, phones. The first is the organizer. */
  readonly participants: readonly Readonly<Record<string, unknown>>[];
  /** Of its first session. */
  readonly segments: number;
}

/** A row of a log of telephone calls. */
export interface TwinCallLog {
  readonly id: string;
  readonly startMs: number;
  /** The rest, as Graph sends it. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** https://learn.microsoft.com/en-us/graph/api/resources/teamsappinstallation */
export interface TwinInstallation {
  readonly id: string;
  readonly app: TwinApp;
}

/** https://learn.microsoft.com/en-us/graph/api/resources/teamstab */
export interface TwinTab {
  readonly id: string;
  readonly displayName: string;
  readonly app: TwinApp;
  readonly configuration: {
    readonly entityId: string | null;
    readonly contentUrl: string | null;
    readonly websiteUrl: string | null;
    readonly removeUrl: string | null;
  };
}

/** https://learn.microsoft.com/en-us/graph/api/resources/teamworktag */
export interface TwinTag {
  readonly id: string;
  readonly displayName: string;
  readonly description: string | null;
  /** Users; who leaves the team is in none of its tags. */
  readonly userIds: readonly string[];
}
