import type { MessageRenderer } from '../tenant/graph-json.ts';
import { ERASED, type Erased, erasable, type StoredChatMessage, type Writable } from '../tenant/message.ts';
import { firstIndex, SortedIndex } from '../tenant/sorted-index.ts';
import type { Chats, ModifiedRange, TwinChat, TwinChatMember, TwinUser, TwinWriting } from '../tenant/types.ts';
import { RecordStore } from './record-store.ts';

interface ChatEntry {
  readonly chat: Writable<TwinChat>;
  readonly members: Map<string, TwinChatMember>;
  readonly byId: Map<string, StoredChatMessage>;
  readonly modified: SortedIndex<StoredChatMessage>;
  readonly created: SortedIndex<StoredChatMessage>;
}

/** What is kept of the messages of one user. */
interface Mailbox {
  readonly created: readonly StoredChatMessage[];
  readonly changed: readonly StoredChatMessage[];
  readonly ranges: Map<string, readonly StoredChatMessage[]>;
}

export interface ChatStoreOptions {
  /** The tenant that hosts its own chats. */
  readonly tenantId: string;
  /** Picks the targets of events that name none. */
  readonly random: () => number;
  readonly renderer: Pick<MessageRenderer, 'forget'>;
}

/** The chats of a tenant in memory, with who is in them and what was written. */
export class ChatStore implements Chats {
  readonly tenantId: string;
  readonly random: () => number;
  revision = 0;
  #sequence = 0;
  readonly #renderer: ChatStoreOptions['renderer'];
  readonly #chats = new RecordStore<ChatEntry>(({ chat }) => chat.id);
  readonly #byUser = new Map<string, Set<ChatEntry>>();
  readonly #deleted = new WeakMap<StoredChatMessage, Erased>();
  /** Made when a user's messages are asked for, and good until the next change. */
  readonly #mailboxes = new Map<string, Mailbox>();

  constructor({ tenantId, random, renderer }: ChatStoreOptions) {
    this.tenantId = tenantId;
    this.random = random;
    this.#renderer = renderer;
  }

  all(): readonly TwinChat[] {
    return this.#chats.all().map(({ chat }) => chat);
  }

  chat(id: string): TwinChat | undefined {
    return this.#chats.get(id)?.chat;
  }

  of(userId: string): readonly TwinChat[] {
    return this.#entriesOf(userId).map(({ chat }) => chat);
  }

  members(chatId: string): readonly TwinChatMember[] {
    return [...(this.#chats.get(chatId)?.members.values() ?? [])];
  }

  messages(chatId: string, order: 'modified' | 'created' = 'modified'): readonly StoredChatMessage[] {
    return this.#chats.get(chatId)?.[order].items ?? [];
  }

  message(chatId: string, id: string): StoredChatMessage | undefined {
    return this.#chats.get(chatId)?.byId.get(id);
  }

  messagesOf(userId: string, range: ModifiedRange = {}): readonly StoredChatMessage[] {
    const { created, ranges } = this.#mailbox(userId);
    const { gtMs = -Infinity, ltMs = Infinity } = range;
    if (range.gtMs === undefined && range.ltMs === undefined) return created;
    const key = `${gtMs}|${ltMs}`;
    let found = ranges.get(key);
    if (!found) {
      found = created.filter(
        ({ modifiedMs, modifiedStamp }) => modifiedMs > gtMs && modifiedMs < ltMs && modifiedStamp === 'written',
      );
      ranges.set(key, found);
    }
    return found;
  }

  changesOf(userId: string, since: number): readonly StoredChatMessage[] {
    const { changed } = this.#mailbox(userId);
    return changed.slice(firstIndex(changed, ({ changeSequence }) => changeSequence > since));
  }

  /** Chats that were taken out and can come back. */
  gone(): readonly TwinChat[] {
    return this.#chats.gone().map(({ chat }) => chat);
  }

  addChat(chat: TwinChat): void {
    this.#chats.add({
      chat,
      members: new Map(),
      byId: new Map(),
      modified: new SortedIndex((a, b) => b.modifiedMs - a.modifiedMs || b.sequence - a.sequence),
      created: new SortedIndex((a, b) => b.createdMs - a.createdMs || b.sequence - a.sequence),
    });
    this.#changed();
  }

  changeChat(id: string, change: Partial<Pick<TwinChat, 'topic' | 'updatedMs'>>): void {
    Object.assign(this.#entry(id).chat, change);
    this.#changed();
  }

  /** Gone from every answer with all that is in it, until `restoreChat`. */
  removeChat(id: string): void {
    const entry = this.#chats.take(id);
    for (const userId of entry.members.keys()) this.#byUser.get(userId)?.delete(entry);
    for (const message of entry.byId.values()) this.#renderer.forget(message);
    this.#changed();
  }

  /** False when no such chat was removed. */
  restoreChat(id: string): boolean {
    const entry = this.#chats.bringBack(id);
    if (!entry) return false;
    for (const userId of entry.members.keys()) this.#chatsOf(userId).add(entry);
    this.#changed();
    return true;
  }

  addMember(
    chatId: string,
    user: TwinUser,
    member: {
      readonly roles?: TwinChatMember['roles'] | undefined;
      readonly visibleFromMs?: number | null | undefined;
    } = {},
  ): void {
    const entry = this.#entry(chatId);
    const { roles = [], visibleFromMs = null } = member;
    // Membership ids are opaque to clients; Graph's decode to place and user.
    const id = Buffer.from(`${chatId}##${user.id}`).toString('base64');
    entry.members.set(user.id, { id, user, roles, visibleFromMs });
    this.#chatsOf(user.id).add(entry);
    this.#changed();
  }

  removeMember(chatId: string, userId: string): void {
    const entry = this.#entry(chatId);
    entry.members.delete(userId);
    this.#byUser.get(userId)?.delete(entry);
    this.#changed();
  }

  /** Adds many messages, in any order. */
  addMessages(messages: readonly StoredChatMessage[]): void {
    for (const message of [...messages].sort((a, b) => a.createdMs - b.createdMs)) this.addMessage(message);
  }

  addMessage(message: StoredChatMessage): void {
    const { byId, modified, created } = this.#entry(message.chat.id);
    this.#changed();
    this.#sequence += 1;
    message.sequence = this.#sequence;
    message.changeSequence = this.revision;
    byId.set(message.id, message);
    modified.add(message);
    created.add(message);
  }

  /** Changes a message at `nowMs`, which becomes its last modification. */
  changeMessage(message: StoredChatMessage, nowMs: number, change: Partial<Writable<TwinWriting>>): void {
    this.#changed();
    Object.assign(message, change, {
      modifiedMs: Math.max(nowMs, message.modifiedMs),
      modifiedStamp: 'written',
      arrivedMs: nowMs,
      changeSequence: this.revision,
    });
    this.#renderer.forget(message);
    this.#entry(message.chat.id).modified.touch();
  }

  /** A soft delete: the message stays, what it said is gone until `restoreMessage`. */
  deleteMessage(message: StoredChatMessage, nowMs: number): void {
    this.#deleted.set(message, erasable(message));
    this.changeMessage(message, nowMs, { deletedMs: nowMs, ...ERASED });
  }

  /** Undoes a soft delete. What was deleted before the tenant was loaded stays empty. */
  restoreMessage(message: StoredChatMessage, nowMs: number): void {
    this.changeMessage(message, nowMs, { deletedMs: null, ...this.#deleted.get(message) });
  }

  #mailbox(userId: string): Mailbox {
    let mailbox = this.#mailboxes.get(userId);
    if (!mailbox) {
      const own = this.#entriesOf(userId).filter(({ chat }) => chat.tenantId === this.tenantId);
      const messages = own.flatMap(({ byId }) => [...byId.values()]);
      mailbox = {
        created: [...messages].sort((a, b) => a.sequence - b.sequence),
        changed: messages.sort((a, b) => a.changeSequence - b.changeSequence),
        ranges: new Map(),
      };
      this.#mailboxes.set(userId, mailbox);
    }
    return mailbox;
  }

  #entriesOf(userId: string): readonly ChatEntry[] {
    const entries = [...(this.#byUser.get(userId) ?? [])];
    return entries.sort((a, b) => a.chat.createdMs - b.chat.createdMs || (a.chat.id < b.chat.id ? -1 : 1));
  }

  #chatsOf(userId: string): Set<ChatEntry> {
    let chats = this.#byUser.get(userId);
    if (!chats) {
      chats = new Set();
      this.#byUser.set(userId, chats);
    }
    return chats;
  }

  #changed(): void {
    this.revision += 1;
    this.#mailboxes.clear();
  }

  #entry(id: string): ChatEntry {
    const entry = this.#chats.get(id);
    if (!entry) throw new RangeError(`No chat ${id}.`);
    return entry;
  }
}
