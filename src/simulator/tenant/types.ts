import type { PlaceKind } from '../collections/place-store.ts';
import type { Slot } from './kept.ts';
import type {
  TwinCall,
  TwinChannel,
  TwinChat,
  TwinChatMember,
  TwinChatMessage,
  TwinInstallation,
  TwinMember,
  TwinMessage,
  TwinTab,
  TwinTeam,
  TwinUser,
} from './records.ts';

export type * from './records.ts';

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

/** The chats of a tenant, as the HTTP side reads them. */
export interface Chats {
  /** In order of creation. */
  all(): readonly TwinChat[];
  chat(id: string): TwinChat | undefined;
  /** Chats of which the user is a member, in order of creation. */
  of(userId: string): readonly TwinChat[];
  members(chatId: string): readonly TwinChatMember[];
  /** By the time of change, or of creation; newest first. */
  messages(chatId: string, order?: 'modified' | 'created'): readonly TwinChatMessage[];
  message(chatId: string, id: string): TwinChatMessage | undefined;
  /** What is in the chats of a user that this tenant hosts, in order of creation. With a range: what matches it. */
  messagesOf(userId: string, range?: ModifiedRange): readonly TwinChatMessage[];
  /** The same, whose `changeSequence` is above `since`, in order of change. */
  changesOf(userId: string, since: number): readonly TwinChatMessage[];
  /** Counts every change of a chat. */
  readonly revision: number;
}

/** Small records that stand in places, in the order they came. */
export interface Places<T> {
  of(kind: PlaceKind, id: string): readonly T[];
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

  readonly chats: Chats;
  readonly installedApps: Places<TwinInstallation>;
  readonly tabs: Places<TwinTab>;
  /** In the order in which they were recorded. */
  calls(): readonly TwinCall[];

  /** What a collection keeps here for itself. */
  kept<T>(slot: Slot<T>): T;

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
  graphJson(message: TwinMessage | TwinChatMessage, options?: GraphJsonOptions): Uint8Array;
}
