import { ChatStore } from '../collections/chat-store.ts';
import { PlaceStore } from '../collections/place-store.ts';
import { RecordStore } from '../collections/record-store.ts';
import { MessageRenderer } from './graph-json.ts';
import { Kept, type Slot } from './kept.ts';
import { attachReply, ERASED, type Erased, erasable, type StoredMessage, type Writable } from './message.ts';
import { type ChannelEntry, TeamPlaces } from './team-places.ts';
import type {
  GraphJsonOptions,
  ModifiedRange,
  Tenant,
  TwinCall,
  TwinChannel,
  TwinChatMessage,
  TwinInstallation,
  TwinMember,
  TwinMessage,
  TwinTab,
  TwinTeam,
  TwinUser,
} from './types.ts';

export interface TenantStoreOptions {
  readonly id: string;
  readonly displayName: string;
  /** Picks the targets of events that name none, and makes new ids. */
  readonly random: () => number;
  /** The same for its chats, which are apart: a tenant with chats is otherwise the one without. Default: `random`. */
  readonly chatRandom?: (() => number) | undefined;
}

/** The tenant in memory: the records, the indexes that make reading cheap, and the primitive changes that keep them. */
export class TenantStore implements Tenant {
  readonly id: string;
  readonly displayName: string;
  readonly random: () => number;
  readonly chats: ChatStore;
  readonly installedApps: PlaceStore<TwinInstallation>;
  readonly tabs: PlaceStore<TwinTab>;
  revision = 0;
  #sequence = 0;
  readonly #kept = new Kept();
  readonly #renderer: MessageRenderer;
  readonly #calls = new RecordStore<TwinCall>(({ id }) => id);
  readonly #users = new Map<string, TwinUser>();
  readonly #places = new TeamPlaces();
  readonly #deleted = new WeakMap<StoredMessage, Erased>();
  #userList: readonly TwinUser[] | undefined;

  constructor({ id, displayName, random, chatRandom = random }: TenantStoreOptions) {
    this.id = id;
    this.displayName = displayName;
    this.random = random;
    const changed = () => {
      this.revision += 1;
    };
    this.installedApps = new PlaceStore(changed);
    this.tabs = new PlaceStore(changed);
    this.#renderer = new MessageRenderer({ tenantId: id });
    this.chats = new ChatStore({ tenantId: id, random: chatRandom, renderer: this.#renderer });
  }

  kept<T>(slot: Slot<T>): T {
    return this.#kept.get(slot);
  }

  calls(): readonly TwinCall[] {
    return this.#calls.all();
  }

  /** A new call, or a new version of one. */
  putCall(call: TwinCall): void {
    this.#calls.add(call);
    this.revision += 1;
  }

  users(): readonly TwinUser[] {
    this.#userList ??= [...this.#users.values()];
    return this.#userList;
  }

  user(id: string): TwinUser | undefined {
    return this.#users.get(id) ?? this.#users.get(id.toLowerCase());
  }

  teams(): readonly TwinTeam[] {
    return this.#places.all();
  }

  team(id: string): TwinTeam | undefined {
    return (this.#places.team(id) ?? this.#places.team(id.toLowerCase()))?.team;
  }

  channels(teamId: string): readonly TwinChannel[] {
    return this.#places.team(teamId)?.channels ?? [];
  }

  incomingChannels(teamId: string): readonly TwinChannel[] {
    return this.#places.team(teamId)?.incoming ?? [];
  }

  channel(id: string): TwinChannel | undefined {
    return this.#places.channel(id)?.channel;
  }

  teamMembers(teamId: string): readonly TwinMember[] {
    return [...(this.#places.team(teamId)?.members.values() ?? [])];
  }

  channelMembers(channelId: string): readonly TwinMember[] {
    const entry = this.#places.channel(channelId);
    if (!entry) return [];
    return entry.members ? [...entry.members.values()] : this.teamMembers(entry.channel.teamId);
  }

  roots(channelId: string): readonly StoredMessage[] {
    return this.#places.channel(channelId)?.messages.roots ?? [];
  }

  root(channelId: string, id: string): StoredMessage | undefined {
    return this.#places.channel(channelId)?.messages.root(id);
  }

  replies(root: TwinMessage): readonly StoredMessage[] {
    return (root as StoredMessage).replies ?? [];
  }

  reply(root: TwinMessage, id: string): StoredMessage | undefined {
    return this.replies(root).find((reply) => reply.id === id);
  }

  teamMessages(teamId: string, range?: ModifiedRange): readonly StoredMessage[] {
    return this.#places.team(teamId)?.messages.list(range) ?? [];
  }

  changes(channelId: string, since: number): readonly StoredMessage[] {
    return this.#places.channel(channelId)?.messages.changes(since) ?? [];
  }

  graphJson(message: TwinMessage | TwinChatMessage, options?: GraphJsonOptions): Uint8Array {
    return this.#renderer.render(message, options);
  }

  addUser(user: TwinUser): void {
    this.#users.set(user.id, user);
    this.#userList = undefined;
    this.revision += 1;
  }

  /** Gives a licence that holds Teams, or takes it. */
  setLicence(userId: string, isLicensed: boolean): void {
    const user = this.#users.get(userId) as Writable<TwinUser> | undefined;
    if (!user) throw new RangeError(`No user ${userId}.`);
    user.isLicensed = isLicensed;
    this.revision += 1;
  }

  addTeam(team: TwinTeam): void {
    this.#places.addTeam(team);
    this.revision += 1;
  }

  changeTeam(id: string, change: Partial<Omit<TwinTeam, 'id'>>): void {
    Object.assign(this.#places.theTeam(id).team, change);
    this.revision += 1;
  }

  /** The team is gone with its channels, until `restoreTeam`. */
  removeTeam(id: string): void {
    for (const channel of this.#places.removeTeam(id)) this.#forgetMessages(channel);
    this.revision += 1;
  }

  /** False when no such team was removed. */
  restoreTeam(id: string): boolean {
    const isRestored = this.#places.restoreTeam(id);
    if (isRestored) this.revision += 1;
    return isRestored;
  }

  /** Teams and channels that were taken out, for events that bring one back. */
  gone(): { readonly teamIds: readonly string[]; readonly channels: readonly TwinChannel[] } {
    return this.#places.gone();
  }

  /** Adds a channel; teams of `sharedWithTeamIds` see it as an incoming one from now on, so they must exist. */
  addChannel(channel: TwinChannel): void {
    this.#places.addChannel(channel);
    this.revision += 1;
  }

  changeChannel(id: string, change: Partial<Omit<TwinChannel, 'id' | 'teamId' | 'membershipType'>>): void {
    Object.assign(this.#places.theChannel(id).channel, change);
    this.revision += 1;
  }

  /** The channel is gone, its messages and memberships with it, until `restoreChannel`. */
  removeChannel(id: string): void {
    this.#forgetMessages(this.#places.removeChannel(id));
    this.revision += 1;
  }

  /** The channel is back with all it had; its messages keep their times. False when no such channel was removed. */
  restoreChannel(id: string): boolean {
    const isRestored = this.#places.restoreChannel(id);
    if (isRestored) this.revision += 1;
    return isRestored;
  }

  addTeamMember(teamId: string, user: TwinUser, role?: 'owner' | 'guest'): void {
    this.#places.theTeam(teamId).members.set(user.id, membership(teamId, user, role));
    this.revision += 1;
  }

  /** Takes the user out of the team and out of its private and shared channels. */
  removeTeamMember(teamId: string, userId: string): void {
    const { members, channels } = this.#places.theTeam(teamId);
    members.delete(userId);
    for (const { id } of channels) this.#places.theChannel(id).members?.delete(userId);
    this.revision += 1;
  }

  addChannelMember(channelId: string, user: TwinUser, role?: 'owner' | 'guest'): void {
    this.#places.theChannel(channelId).members?.set(user.id, membership(channelId, user, role));
    this.revision += 1;
  }

  removeChannelMember(channelId: string, userId: string): void {
    this.#places.theChannel(channelId).members?.delete(userId);
    this.revision += 1;
  }

  /** Adds many messages, in any order; a reply is not created before its root. */
  addMessages(messages: StoredMessage[]): void {
    messages.sort((a, b) => a.createdMs - b.createdMs || Number(a.root !== null) - Number(b.root !== null));
    for (const message of messages) this.addMessage(message);
  }

  addMessage(message: StoredMessage): void {
    this.revision += 1;
    this.#sequence += 1;
    message.sequence = this.#sequence;
    message.changeSequence = this.revision;
    if (message.root) attachReply(message.root, message);
    this.#places.theChannel(message.channel.id).messages.add(message);
    this.#places.exportOf(message.channel)?.add(message);
  }

  /** Changes a message at `nowMs`, which becomes its last modification. */
  changeMessage(message: StoredMessage, nowMs: number, change: Partial<Writable<TwinMessage>>): void {
    this.revision += 1;
    Object.assign(message, change);
    message.modifiedMs = Math.max(nowMs, message.modifiedMs);
    message.modifiedStamp = 'written';
    message.arrivedMs = nowMs;
    message.changeSequence = this.revision;
    const root = message.root ?? message;
    root.activityMs = Math.max(root.activityMs, message.modifiedMs);
    this.#renderer.forget(message);
    this.#places.theChannel(message.channel.id).messages.touch();
    this.#places.exportOf(message.channel)?.touch();
  }

  /** A soft delete: the message stays, what it said is gone until `restoreMessage`. */
  deleteMessage(message: StoredMessage, nowMs: number): void {
    this.#deleted.set(message, erasable(message));
    this.changeMessage(message, nowMs, { deletedMs: nowMs, ...ERASED });
  }

  /** Undoes a soft delete. What was deleted before the tenant was loaded stays empty. */
  restoreMessage(message: StoredMessage, nowMs: number): void {
    this.changeMessage(message, nowMs, { deletedMs: null, ...this.#deleted.get(message) });
  }

  #forgetMessages({ messages }: ChannelEntry): void {
    for (const message of messages.changes(0)) this.#renderer.forget(message);
  }
}

/** Membership ids are opaque to clients; Graph's decode to place and user. */
function membership(placeId: string, user: TwinUser, role?: 'owner' | 'guest'): TwinMember {
  return {
    id: Buffer.from(`${placeId}##${user.id}`).toString('base64'),
    userId: user.id,
    displayName: user.displayName,
    email: user.mail,
    roles: role ? [role] : [],
  };
}
