import { ByteStore } from './byte-store.ts';
import { graphDateTime } from './date-time.ts';
import { pictureMarks } from './hosted-content.ts';
import { userIdentityType } from './identities.ts';
import { isSystemEvent } from './message.ts';
import type {
  GraphJsonOptions,
  TwinApplication,
  TwinChannel,
  TwinChat,
  TwinChatMessage,
  TwinHistoryItem,
  TwinMessage,
  TwinReaction,
  TwinUser,
  TwinWriting,
} from './types.ts';

const IDENTITY = '#microsoft.graph.teamworkUserIdentity';
const APPLICATION = '#microsoft.graph.teamworkApplicationIdentity';

/** Nothing more is kept above this size: a tenant of millions of messages must not fill the memory. */
const CACHE_BYTES = 256 * 1024 * 1024;

/**
 * Renders chatMessage resources in Graph's shape (every property of v1.0, nulls included) and keeps the bytes until
 * `forget`. https://learn.microsoft.com/graph/api/resources/chatmessage
 */
export class MessageRenderer {
  readonly #tenantId: string;
  readonly #rendered = new Map<AnyMessage, number>();
  readonly #encoded: ByteStore;
  readonly #places = new WeakMap<TwinChannel | TwinChat, Place>();
  readonly #senders = new WeakMap<TwinUser | TwinApplication, string>();

  constructor(options: { tenantId: string; cacheBytes?: number }) {
    this.#tenantId = options.tenantId;
    this.#encoded = new ByteStore({ maxBytes: options.cacheBytes ?? CACHE_BYTES });
  }

  render(message: AnyMessage, { masked = false, replies }: GraphJsonOptions = {}): Uint8Array {
    const own =
      masked && isSystemEvent(message) ? Buffer.from(this.#json(message, 'unknownFutureValue')) : this.#bytes(message);
    if (!replies) return own;
    const parts: Uint8Array[] = [own.subarray(0, -1), REPLIES_OPEN];
    for (const [index, reply] of replies.messages.entries()) {
      if (index > 0) parts.push(COMMA);
      parts.push(this.render(reply, { masked }));
    }
    const { count, nextLink } = replies;
    const annotations =
      (count === undefined ? '' : `,"replies@odata.count":${count}`) +
      (nextLink === undefined ? '' : `,"replies@odata.nextLink":${JSON.stringify(nextLink)}`);
    parts.push(Buffer.from(`]${annotations}}`));
    return Buffer.concat(parts);
  }

  forget(message: AnyMessage): void {
    this.#rendered.delete(message);
  }

  #bytes(message: AnyMessage): Buffer {
    const known = this.#rendered.get(message);
    if (known !== undefined) return this.#encoded.get(known);
    const json = this.#json(message, isSystemEvent(message) ? 'systemEventMessage' : 'message');
    const position = this.#encoded.add(json);
    if (position === undefined) return Buffer.from(json);
    this.#rendered.set(message, position);
    return this.#encoded.get(position);
  }

  #json(message: AnyMessage, messageType: string): string {
    const { id, createdMs, modifiedMs, eventDetail } = message;
    const root = 'root' in message ? message.root : null;
    const place = 'chat' in message ? this.#chatPlace(message.chat) : this.#place(message.channel);
    const etag = modifiedMs === createdMs ? id : String(modifiedMs);
    const created = graphDateTime(createdMs);
    return (
      `{"id":"${id}","replyToId":${root ? `"${root.id}"` : 'null'},"etag":"${etag}","messageType":"${messageType}"` +
      `,"createdDateTime":"${created}"${modifiedJson(message, created)}` +
      `,"lastEditedDateTime":${dateOrNull(message.editedMs)},"deletedDateTime":${dateOrNull(message.deletedMs)}` +
      `,"subject":${textOrNull(message.subject)},"summary":${textOrNull(message.summary)},"chatId":${place.chatId},"importance":"${message.importance}"` +
      `,"locale":"en-us","webUrl":${place.webUrl(id, createdMs, root?.id ?? id)},"policyViolation":${message.policyViolation ? JSON.stringify(message.policyViolation) : 'null'}` +
      `,"eventDetail":${eventDetail ? JSON.stringify(eventDetail) : 'null'},"from":${message.from ? this.#sender(message.from) : 'null'}` +
      `,"body":{"contentType":"${message.contentType}","content":${JSON.stringify(contentOf(message))}}` +
      `,"channelIdentity":${place.channelIdentity}` +
      listsJson(message)
    );
  }

  #place(channel: TwinChannel): Place {
    let place = this.#places.get(channel);
    if (!place) {
      const start = `"https://teams.microsoft.com/l/message/${encodeURIComponent(channel.id)}/`;
      const end = `?groupId=${channel.teamId}&tenantId=${this.#tenantId}&createdTime=`;
      place = {
        chatId: 'null',
        channelIdentity: JSON.stringify({ teamId: channel.teamId, channelId: channel.id }),
        webUrl: (id, createdMs, rootId) => `${start}${id}${end}${createdMs}&parentMessageId=${rootId}"`,
      };
      this.#places.set(channel, place);
    }
    return place;
  }

  /** The service sends no `webUrl` of a chat message. */
  #chatPlace(chat: TwinChat): Place {
    let place = this.#places.get(chat);
    if (!place) {
      place = { chatId: JSON.stringify(chat.id), channelIdentity: 'null', webUrl: () => 'null' };
      this.#places.set(chat, place);
    }
    return place;
  }

  #sender(from: TwinUser | TwinApplication): string {
    let json = this.#senders.get(from);
    if (json === undefined) {
      json = senderJson(from);
      this.#senders.set(from, json);
    }
    return json;
  }
}

type AnyMessage = TwinMessage | TwinChatMessage;

/** The parts of a message that depend on its channel or chat only, as JSON. */
interface Place {
  readonly chatId: string;
  readonly channelIdentity: string;
  webUrl(id: string, createdMs: number, rootId: string): string;
}

/** Few messages show pictures. */
const contentOf = (message: AnyMessage): string =>
  message.hostedContents.length === 0 ? message.content : `${message.content}${pictureMarks(message)}`;

const REPLIES_OPEN = Buffer.from(',"replies":[');
const COMMA = Buffer.from(',');

function modifiedJson({ createdMs, modifiedMs, modifiedStamp }: TwinWriting, created: string): string {
  if (modifiedStamp === 'absent') return '';
  if (modifiedStamp === 'null') return ',"lastModifiedDateTime":null';
  return `,"lastModifiedDateTime":"${modifiedMs === createdMs ? created : graphDateTime(modifiedMs)}"`;
}

const dateOrNull = (ms: number | null) => (ms === null ? 'null' : `"${graphDateTime(ms)}"`);
const textOrNull = (text: string | null) => (text === null ? 'null' : JSON.stringify(text));

const NO_LISTS = ',"attachments":[],"mentions":[],"reactions":[],"messageHistory":[]}';

/** The end of the object. Most messages have none of these lists, and their end is ready made. */
function listsJson({ attachments, mentions, reactions, history }: TwinWriting): string {
  if (attachments.length + mentions.length + reactions.length + history.length === 0) return NO_LISTS;
  return (
    `,"attachments":${listJson(attachments, JSON.stringify)},"mentions":${listJson(mentions, JSON.stringify)}` +
    `,"reactions":${listJson(reactions, reactionJson)},"messageHistory":${listJson(history, historyJson)}}`
  );
}

function listJson<T>(items: readonly T[], json: (item: T) => string): string {
  return items.length === 0 ? '[]' : `[${items.map((item) => json(item)).join(',')}]`;
}

function senderJson(from: TwinUser | TwinApplication): string {
  const name = JSON.stringify(from.displayName);
  if ('type' in from) {
    return `{"device":null,"user":null,"application":{"@odata.type":"${APPLICATION}","id":"${from.id}","displayName":${name},"applicationIdentityType":"${from.type}"}}`;
  }
  return `{"application":null,"device":null,"user":${userIdentityJson(from, name)}}`;
}

function userIdentityJson(user: TwinUser, name: string): string {
  const type = userIdentityType(user);
  return `{"@odata.type":"${IDENTITY}","id":"${user.id}","displayName":${name},"userIdentityType":"${type}"}`;
}

/** Names that come with the six old reactions; an emoji has none. */
const reactionNames: Readonly<Record<string, string>> = {
  like: 'Like',
  heart: 'Heart',
  laugh: 'Laugh',
  surprised: 'Surprised',
  sad: 'Sad',
  angry: 'Angry',
};

/** The reactor comes without a name, as Graph sends it. */
function reactionJson({ reactionType, custom, user, createdMs }: TwinReaction): string {
  const name = custom?.displayName ?? reactionNames[reactionType] ?? null;
  return (
    `{"reactionType":${JSON.stringify(reactionType)},"displayName":${textOrNull(name)}` +
    `,"reactionContentUrl":${textOrNull(custom?.contentUrl ?? null)}` +
    `,"createdDateTime":"${graphDateTime(createdMs)}"` +
    `,"user":{"application":null,"device":null,"user":${userIdentityJson(user, 'null')}}}`
  );
}

function historyJson({ actions, modifiedMs, reaction }: TwinHistoryItem): string {
  return `{"modifiedDateTime":"${graphDateTime(modifiedMs)}","actions":"${actions}","reaction":${reactionJson(reaction)}}`;
}
