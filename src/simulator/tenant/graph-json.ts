import { graphDateTime } from './date-time.ts';
import { isSystemEvent } from './message.ts';
import type {
  GraphJsonOptions,
  TwinApplication,
  TwinChannel,
  TwinHistoryItem,
  TwinMessage,
  TwinReaction,
  TwinUser,
} from './types.ts';

const IDENTITY = '#microsoft.graph.teamworkUserIdentity';
const APPLICATION = '#microsoft.graph.teamworkApplicationIdentity';

/** Rendered messages are dropped, all together, above this size: a tenant of millions of messages must not fill the memory. */
const CACHE_BYTES = 512 * 1024 * 1024;

/**
 * Renders chatMessage resources in Graph's shape (every property of v1.0, nulls included) and keeps the bytes until
 * `forget`. https://learn.microsoft.com/graph/api/resources/chatmessage
 */
export class MessageRenderer {
  readonly #tenantId: string;
  readonly #cacheBytes: number;
  readonly #rendered = new Map<TwinMessage, Buffer>();
  readonly #channelJson = new WeakMap<TwinChannel, string>();
  #renderedBytes = 0;

  constructor(options: { tenantId: string; cacheBytes?: number }) {
    this.#tenantId = options.tenantId;
    this.#cacheBytes = options.cacheBytes ?? CACHE_BYTES;
  }

  render(message: TwinMessage, { masked = false, replies }: GraphJsonOptions = {}): Uint8Array {
    const own =
      masked && isSystemEvent(message) ? Buffer.from(this.#json(message, 'unknownFutureValue')) : this.#bytes(message);
    if (!replies) return own;
    const parts: Uint8Array[] = [own.subarray(0, -1), REPLIES_OPEN];
    for (const [index, reply] of replies.messages.entries()) {
      if (index > 0) parts.push(COMMA);
      parts.push(this.render(reply, { masked }));
    }
    parts.push(
      Buffer.from(replies.nextLink ? `],"replies@odata.nextLink":${JSON.stringify(replies.nextLink)}}` : ']}'),
    );
    return Buffer.concat(parts);
  }

  forget(message: TwinMessage): void {
    this.#renderedBytes -= this.#rendered.get(message)?.length ?? 0;
    this.#rendered.delete(message);
  }

  #bytes(message: TwinMessage): Buffer {
    const known = this.#rendered.get(message);
    if (known) return known;
    const bytes = Buffer.from(this.#json(message, isSystemEvent(message) ? 'systemEventMessage' : 'message'));
    if (this.#renderedBytes + bytes.length > this.#cacheBytes) {
      this.#rendered.clear();
      this.#renderedBytes = 0;
    }
    this.#rendered.set(message, bytes);
    this.#renderedBytes += bytes.length;
    return bytes;
  }

  #json(message: TwinMessage, messageType: string): string {
    const { id, root, createdMs, modifiedMs, eventDetail } = message;
    const etag = modifiedMs === createdMs ? id : String(modifiedMs);
    const created = graphDateTime(createdMs);
    const modified = modifiedMs === createdMs ? created : graphDateTime(modifiedMs);
    return (
      `{"id":"${id}","replyToId":${root ? `"${root.id}"` : 'null'},"etag":"${etag}","messageType":"${messageType}"` +
      `,"createdDateTime":"${created}","lastModifiedDateTime":"${modified}"` +
      `,"lastEditedDateTime":${dateOrNull(message.editedMs)},"deletedDateTime":${dateOrNull(message.deletedMs)}` +
      `,"subject":${textOrNull(message.subject)},"summary":null,"chatId":null,"importance":"${message.importance}"` +
      `,"locale":"en-us","webUrl":"${this.#webUrl(message)}","policyViolation":null` +
      `,"eventDetail":${eventDetail ? JSON.stringify(eventDetail) : 'null'},"from":${senderJson(message.from)}` +
      `,"body":{"contentType":"${message.contentType}","content":${JSON.stringify(message.content)}}` +
      `,"channelIdentity":${this.#channelIdentity(message.channel)}` +
      `,"attachments":${listJson(message.attachments, JSON.stringify)}` +
      `,"mentions":${listJson(message.mentions, JSON.stringify)}` +
      `,"reactions":${listJson(message.reactions, reactionJson)}` +
      `,"messageHistory":${listJson(message.history, historyJson)}}`
    );
  }

  #webUrl({ id, root, createdMs, channel }: TwinMessage): string {
    const place = `${encodeURIComponent(channel.id)}/${id}?groupId=${channel.teamId}&tenantId=${this.#tenantId}`;
    return `https://teams.microsoft.com/l/message/${place}&createdTime=${createdMs}&parentMessageId=${root?.id ?? id}`;
  }

  #channelIdentity(channel: TwinChannel): string {
    let json = this.#channelJson.get(channel);
    if (json === undefined) {
      json = JSON.stringify({ teamId: channel.teamId, channelId: channel.id });
      this.#channelJson.set(channel, json);
    }
    return json;
  }
}

const REPLIES_OPEN = Buffer.from(',"replies":[');
const COMMA = Buffer.from(',');

const dateOrNull = (ms: number | null) => (ms === null ? 'null' : `"${graphDateTime(ms)}"`);
const textOrNull = (text: string | null) => (text === null ? 'null' : JSON.stringify(text));

function listJson<T>(items: readonly T[], json: (item: T) => string): string {
  return items.length === 0 ? '[]' : `[${items.map((item) => json(item)).join(',')}]`;
}

function senderJson(from: TwinUser | TwinApplication | null): string {
  if (from === null) return 'null';
  const name = JSON.stringify(from.displayName);
  if ('type' in from) {
    return `{"device":null,"user":null,"application":{"@odata.type":"${APPLICATION}","id":"${from.id}","displayName":${name},"applicationIdentityType":"${from.type}"}}`;
  }
  return `{"application":null,"device":null,"user":${userIdentityJson(from.id, name)}}`;
}

function userIdentityJson(id: string, name: string): string {
  return `{"@odata.type":"${IDENTITY}","id":"${id}","displayName":${name},"userIdentityType":"aadUser"}`;
}

/** The reactor comes without a name, as Graph sends it. */
function reactionJson({ reactionType, user, createdMs }: TwinReaction): string {
  return (
    `{"reactionType":${JSON.stringify(reactionType)},"displayName":null,"reactionContentUrl":null` +
    `,"createdDateTime":"${graphDateTime(createdMs)}"` +
    `,"user":{"application":null,"device":null,"user":${userIdentityJson(user.id, 'null')}}}`
  );
}

function historyJson({ actions, modifiedMs, reaction }: TwinHistoryItem): string {
  return `{"modifiedDateTime":"${graphDateTime(modifiedMs)}","actions":"${actions}","reaction":${reactionJson(reaction)}}`;
}
