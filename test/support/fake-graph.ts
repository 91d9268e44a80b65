import { SluiceError } from '../../src/errors/sluice-error.ts';
import type { GraphClient, GraphStats, Page, PageRequest } from '../../src/graph/types.ts';

export interface FakeMessage {
  id: string;
  channelId: string;
  replyToId?: string | null;
  createdMs: number;
  modifiedMs: number;
}

const LINK = 'replies@odata.nextLink';

const iso = (ms: number) => new Date(ms).toISOString();

/** A service without pictures. */
export const noFiles: GraphClient['file'] = async ({ route }) => {
  throw refusal(404, 'not_found', route);
};

/** A refusal as the Graph client throws it. */
export function refusal(status: number, code = 'refused', route = '/fake'): SluiceError {
  const request = { method: 'GET', route, status };
  return new SluiceError({ code, recovery: 'skip', surface: 'graph', message: `[GET ${route}] ${status}`, request });
}

/**
 * One team's messages behind the two list shapes, in memory: getAllMessages with *skip* paging over the messages that
 * match the filter now, and a channel list by chain activity. `onRequest` lets a test change messages between pages.
 */
export class FakeGraph implements GraphClient {
  readonly messages: FakeMessage[] = [];
  readonly requests: PageRequest[] = [];
  nowMs = Date.UTC(2026, 5, 1);
  pageSize = 3;
  /** How far the `Date` header is from the time. */
  dateSkewMs = 0;
  /** Pages that hold one of these ids fail. */
  failing: ReadonlySet<string> = new Set();
  onRequest: (request: PageRequest) => void = () => {};
  /** Times of change that lists show of messages, whatever is true: they stand where they belong. */
  shown: Readonly<Record<string, string>> = {};

  /** Replies that lists do not show inline: their thread stands where they put it, and links to them. */
  hidden: ReadonlySet<string> = new Set();

  readonly stats: GraphStats = { requests: 0, throttled: 0, retried: 0, waitedMs: 0, stopped: false, byRoute: {} };

  readonly file = noFiles;

  async permissions(): Promise<ReadonlySet<string>> {
    return new Set(['ChannelMessage.Read.All']);
  }

  async close(): Promise<void> {}

  async page(request: PageRequest): Promise<Page> {
    this.requests.push(request);
    this.onRequest(request);
    const url = new URL(request.url, 'https://fake/');
    const matching = this.#listed(url);
    const skip = Number(url.searchParams.get('skip') ?? 0);
    const value = matching.slice(skip, skip + this.pageSize);
    if (value.some((row) => this.failing.has((row as { id: string }).id))) throw refusal(500, 'service_unavailable');
    const more = skip + this.pageSize < matching.length;
    url.searchParams.set('skip', String(skip + this.pageSize));
    return {
      bytes: new TextEncoder().encode(JSON.stringify({ value })),
      replyLinks: value.flatMap((row) => (row as { [LINK]?: string })[LINK] ?? []),
      receivedAtMs: this.nowMs,
      serviceTimeMs: this.nowMs + this.dateSkewMs,
      ...(more && { nextLink: url.href }),
    };
  }

  #listed(url: URL): unknown[] {
    if (url.pathname.includes('getAllMessages')) return this.#exported(url);
    const [, thread] = /messages\/([^/]+)\/replies/.exec(url.pathname) ?? [];
    if (thread === undefined) return this.#chains(url);
    return this.messages.filter(({ replyToId }) => replyToId === thread).map(render);
  }

  #exported(url: URL): unknown[] {
    const filter = url.searchParams.get('$filter') ?? '';
    const after = Date.parse(/gt (\S+)/.exec(filter)?.[1] ?? '0001-01-01T00:00:00Z');
    const before = Date.parse(/lt (\S+)/.exec(filter)?.[1] ?? '9999-12-31T23:59:59.999Z');
    return this.messages.filter(({ modifiedMs }) => modifiedMs > after && modifiedMs < before).map(render);
  }

  #chains(url: URL): unknown[] {
    const channelId = decodeURIComponent(/channels\/([^/]+)\//.exec(url.pathname)![1]!);
    const inChannel = this.messages.filter((message) => message.channelId === channelId);
    const chains = inChannel
      .filter(({ replyToId }) => !replyToId)
      .map((root) => ({ root, replies: inChannel.filter(({ replyToId }) => replyToId === root.id) }));
    const activity = ({ root, replies }: (typeof chains)[number]) =>
      Math.max(root.modifiedMs, ...replies.map(({ modifiedMs }) => modifiedMs));
    return chains
      .sort((a, b) => activity(b) - activity(a))
      .map(({ root, replies }) => ({
        ...render(root),
        ...(root.id in this.shown && { lastModifiedDateTime: this.shown[root.id] }),
        replies: replies.filter(({ id }) => !this.hidden.has(id)).map(render),
        ...(replies.some(({ id }) => this.hidden.has(id)) && {
          [LINK]: `https://fake/teams/t/channels/${channelId}/messages/${root.id}/replies`,
        }),
      }));
  }
}

function render(message: FakeMessage) {
  return {
    id: message.id,
    replyToId: message.replyToId ?? null,
    createdDateTime: iso(message.createdMs),
    lastModifiedDateTime: iso(message.modifiedMs),
    channelIdentity: { teamId: 't', channelId: message.channelId },
  };
}
