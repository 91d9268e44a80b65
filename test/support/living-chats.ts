import type { GraphClient, GraphStats, Page, PageRequest } from '../../src/graph/types.ts';
import { noFiles, refusal } from './fake-graph.ts';
import { Killed } from './living-tenant.ts';

export interface LivingChatMessage {
  readonly id: string;
  readonly chatId: string;
  readonly createdMs: number;
  modifiedMs: number;
  /** Counts its changes. */
  state: number;
  /** Order of arrival. */
  readonly sequence: number;
  /** Order of its last change. */
  changed: number;
}

export interface LivingChat {
  readonly id: string;
  readonly createdMs: number;
  readonly members: Set<string>;
}

const iso = (ms: number) => new Date(ms).toISOString();

/** A delta token is good for so long. */
const TOKEN_LIFE_MS = 2 * 24 * 3_600_000;
/** "Delta will only return messages within the last eight months." */
const HORIZON_MS = 8 * 30.5 * 24 * 3_600_000;

/**
 * Users and the chats that they share, living while they are read: every request takes time in which `live` may change
 * them. The export of a user pages by skip over what matches now, the list of a chat by place in the order of change,
 * the delta of a user by change.
 */
export class LivingChats implements GraphClient {
  readonly file = noFiles;
  readonly users: string[] = [];
  readonly chats: LivingChat[] = [];
  readonly messages: LivingChatMessage[] = [];
  readonly unlicensed = new Set<string>();
  readonly stats: GraphStats = { requests: 0, throttled: 0, retried: 0, waitedMs: 0, stopped: false, byRoute: {} };
  nowMs: number;
  pageSize = 3;
  /** How far the `Date` header is from the time. */
  dateSkewMs = 0;
  readonly refused = new Set<'export' | 'delta'>();
  /** Pages that hold one of these fail. */
  readonly bad = new Set<string>();
  /** The process ends at this request, counted from now on. */
  killAfter = Number.POSITIVE_INFINITY;
  live: () => void = () => {};
  #sequence = 0;

  constructor(nowMs: number) {
    this.nowMs = nowMs;
  }

  permissions = async () => new Set(['User.Read.All', 'Chat.Read.All']);
  close = async () => {};

  add(chatId: string, createdMs = this.nowMs): void {
    this.#sequence += 1;
    const sequence = this.#sequence;
    const modifiedMs = createdMs;
    this.messages.push({ id: `m${sequence}`, chatId, createdMs, modifiedMs, state: 1, sequence, changed: sequence });
  }

  change(message: LivingChatMessage): void {
    this.#sequence += 1;
    message.modifiedMs = this.nowMs;
    message.state += 1;
    message.changed = this.#sequence;
  }

  /** What somebody with a licence can be asked for. */
  get readable(): readonly LivingChatMessage[] {
    const chats = this.chats.filter(({ members }) => [...members].some((user) => !this.unlicensed.has(user)));
    const ids = new Set(chats.map(({ id }) => id));
    return this.messages.filter(({ chatId }) => ids.has(chatId));
  }

  async page({ url, route, ids = {} }: PageRequest, signal?: AbortSignal): Promise<Page> {
    signal?.throwIfAborted();
    this.stats.requests += 1;
    this.killAfter -= 1;
    if (this.killAfter < 0) throw new Killed('killed');
    this.live();
    const { value, next, deltaLink } = this.#answer(route, ids, new URL(url, 'https://living/'));
    return {
      bytes: new TextEncoder().encode(JSON.stringify({ value })),
      replyLinks: [],
      receivedAtMs: this.nowMs,
      serviceTimeMs: this.nowMs + this.dateSkewMs,
      nextLink: next,
      deltaLink,
    };
  }

  #answer(route: string, ids: Readonly<Record<string, string>>, url: URL): Answer {
    if (route === '/users') return { value: this.users.map((id) => ({ id })) };
    const user = ids['user-id'];
    if (user !== undefined && this.unlicensed.has(user)) throw refusal(403, 'licence_missing', route);
    if (route === '/chats/{chat-id}/messages') return this.#listed(url, ids['chat-id']!);
    const own = this.chats.filter(({ members }) => members.has(user!));
    if (route === '/users/{user-id}/chats') {
      return { value: own.map(({ id, createdMs }) => ({ id, createdDateTime: iso(createdMs) })) };
    }
    const chats = new Set(own.map(({ id }) => id));
    const messages = this.messages.filter(({ chatId }) => chats.has(chatId));
    return route.endsWith('/delta') ? this.#delta(url, messages) : this.#exported(url, messages);
  }

  #exported(url: URL, messages: readonly LivingChatMessage[]): Answer {
    if (this.refused.has('export')) throw refusal(403, 'permission_missing');
    const { afterMs, beforeMs } = rangeOf(url);
    const rows = messages.filter(({ modifiedMs }) => modifiedMs > afterMs && modifiedMs < beforeMs);
    const skip = Number(url.searchParams.get('skip') ?? 0);
    url.searchParams.set('skip', String(skip + this.pageSize));
    const isEnd = skip + this.pageSize >= rows.length;
    return { value: this.#page(rows.slice(skip, skip + this.pageSize)), next: isEnd ? undefined : url.href };
  }

  #listed(url: URL, chatId: string): Answer {
    const { afterMs, beforeMs } = rangeOf(url);
    const [belowMs = Infinity, belowSequence = Infinity] = url.searchParams.get('below')?.split(',').map(Number) ?? [];
    const rows = this.messages
      .filter((one) => one.chatId === chatId && one.modifiedMs > afterMs && one.modifiedMs < beforeMs)
      .filter((one) => (one.modifiedMs - belowMs || one.sequence - belowSequence) < 0)
      .sort((a, b) => b.modifiedMs - a.modifiedMs || b.sequence - a.sequence);
    const page = rows.slice(0, Math.min(this.pageSize, Number(url.searchParams.get('$top') ?? 50)));
    const last = page.at(-1);
    url.searchParams.set('below', `${last?.modifiedMs},${last?.sequence}`);
    return { value: this.#page(page), next: page.length < rows.length ? url.href : undefined };
  }

  #delta(url: URL, messages: readonly LivingChatMessage[]): Answer {
    if (this.refused.has('delta')) throw refusal(400, 'delta_unsupported');
    const { afterMs } = rangeOf(url);
    const [since = 0, issuedMs = this.nowMs] = url.searchParams.get('token')?.split(',').map(Number) ?? [];
    if (this.nowMs - issuedMs > TOKEN_LIFE_MS) throw refusal(410, 'delta_expired');
    const rows = messages
      .filter(({ changed, modifiedMs }) => changed > since && modifiedMs > Math.max(afterMs, this.nowMs - HORIZON_MS))
      .sort((a, b) => a.changed - b.changed);
    const page = rows.slice(0, this.pageSize);
    const isEnd = page.length === rows.length;
    url.searchParams.set('token', `${isEnd ? this.#sequence : page.at(-1)!.changed},${this.nowMs}`);
    return { value: this.#page(page), next: isEnd ? undefined : url.href, deltaLink: isEnd ? url.href : undefined };
  }

  #page(rows: readonly LivingChatMessage[]): readonly object[] {
    if (rows.some(({ id }) => this.bad.has(id))) throw refusal(502, 'service_unavailable');
    return rows.map(({ id, chatId, state, createdMs, modifiedMs }) => ({
      id,
      chatId,
      state,
      replyToId: null,
      createdDateTime: iso(createdMs),
      lastModifiedDateTime: iso(modifiedMs),
    }));
  }
}

interface Answer {
  readonly value: readonly object[];
  readonly next?: string | undefined;
  readonly deltaLink?: string | undefined;
}

function rangeOf({ searchParams }: URL): { readonly afterMs: number; readonly beforeMs: number } {
  const filter = searchParams.get('$filter') ?? '';
  const [after, before] = [/gt (\S+)/.exec(filter)?.[1], /lt (\S+)/.exec(filter)?.[1]];
  return {
    afterMs: after === undefined ? Number.NEGATIVE_INFINITY : Date.parse(after),
    beforeMs: before === undefined ? Number.POSITIVE_INFINITY : Date.parse(before),
  };
}
