import { SluiceError } from '../../src/errors/sluice-error.ts';
import type { GraphClient, GraphStats, Page, PageRequest } from '../../src/graph/types.ts';
import { noFiles } from './fake-graph.ts';

export interface LivingMessage {
  readonly id: string;
  readonly channelId: string;
  readonly rootId: string | null;
  readonly createdMs: number;
  /** Null: imported without a time of change. */
  modifiedMs: number | null;
  /** Counts its changes. */
  state: number;
  /** Order of arrival. */
  readonly sequence: number;
}

export interface LivingChannel {
  readonly id: string;
  membershipType: 'standard' | 'shared';
  migrationMode: 'inProgress' | 'completed' | null;
  visible: boolean;
}

const iso = (ms: number) => new Date(ms).toISOString();
const TEAM = 't';

export class Killed extends Error {}

/**
 * One team that lives while it is read: every request takes time in which `live` may change it. getAllMessages pages by
 * skip over what matches now, a channel list by place in the order of activity, delta by change. In memory, so that a
 * property can search thousands of histories.
 */
export class LivingTenant implements GraphClient {
  readonly file = noFiles;
  readonly channels: LivingChannel[] = [];
  readonly messages: LivingMessage[] = [];
  readonly stats: GraphStats = { requests: 0, throttled: 0, retried: 0, waitedMs: 0, stopped: false, byRoute: {} };
  nowMs: number;
  pageSize = 3;
  inline = 3;
  inlineLink = true;
  exportOrder: 'arrival' | 'modified' = 'arrival';
  /** How far the `Date` header is from the time. */
  dateSkewMs = 0;
  readonly refused = new Set<'export' | 'delta' | 'list'>();
  /** Pages that hold one of these fail. */
  readonly bad = new Set<string>();
  /** The process ends at this request, counted from now on. */
  killAfter = Number.POSITIVE_INFINITY;
  live: () => void = () => {};
  #sequence = 0;

  constructor(nowMs: number) {
    this.nowMs = nowMs;
  }

  permissions = async () => new Set(['Team.ReadBasic.All', 'Channel.ReadBasic.All', 'ChannelMessage.Read.All']);
  close = async () => {};

  add(
    message: Pick<LivingMessage, 'channelId' | 'rootId'> & { atMs?: number; modifiedMs?: number | null },
  ): LivingMessage {
    this.#sequence += 1;
    const createdMs = message.atMs ?? this.nowMs;
    const { channelId, rootId, modifiedMs = createdMs } = message;
    const added = {
      id: `m${this.#sequence}`,
      channelId,
      rootId,
      createdMs,
      modifiedMs,
      state: 1,
      sequence: this.#sequence,
    };
    this.messages.push(added);
    return added;
  }

  change(message: LivingMessage): void {
    message.modifiedMs = this.nowMs;
    message.state += 1;
  }

  get seen(): LivingMessage[] {
    const visible = new Set(this.channels.filter((channel) => channel.visible).map(({ id }) => id));
    return this.messages.filter(({ channelId }) => visible.has(channelId));
  }

  activityMs(root: LivingMessage): number {
    return this.#activities().get(root.id)!;
  }

  /** Last change of every chain, by its root. */
  #activities(): Map<string, number> {
    const latest = new Map<string, number>();
    for (const { id, rootId, modifiedMs, createdMs } of this.messages) {
      const key = rootId ?? id;
      latest.set(key, Math.max(modifiedMs ?? createdMs, latest.get(key) ?? Number.NEGATIVE_INFINITY));
    }
    return latest;
  }

  replies(root: LivingMessage): LivingMessage[] {
    return this.messages.filter(({ rootId }) => rootId === root.id).reverse();
  }

  async page(request: PageRequest, signal?: AbortSignal): Promise<Page> {
    signal?.throwIfAborted();
    this.stats.requests += 1;
    this.killAfter -= 1;
    if (this.killAfter < 0) throw new Killed('killed');
    this.live();
    const url = new URL(request.url, 'https://living/');
    const answer = this.#answer(request, url);
    return {
      bytes: new TextEncoder().encode(JSON.stringify({ value: answer.value })),
      replyLinks: answer.value.flatMap((row) =>
        row['replies@odata.nextLink'] ? [String(row['replies@odata.nextLink'])] : [],
      ),
      receivedAtMs: this.nowMs,
      serviceTimeMs: this.nowMs + this.dateSkewMs,
      ...(answer.next !== undefined && { nextLink: answer.next }),
      ...(answer.delta !== undefined && { deltaLink: answer.delta }),
    };
  }

  #answer(request: PageRequest, url: URL): { value: Record<string, unknown>[]; next?: string; delta?: string } {
    const { route } = request;
    if (route === '/teams') return { value: [{ id: TEAM }] };
    if (route.endsWith('/channels')) {
      const visible = this.channels.filter((channel) => channel.visible);
      return { value: visible.map(({ id, membershipType, migrationMode }) => ({ id, membershipType, migrationMode })) };
    }
    const channelId = request.ids?.['channel-id'];
    if (route.endsWith('getAllMessages')) return this.#exported(url);
    if (route.endsWith('/delta')) return this.#delta(url, channelId!);
    if (route.endsWith('/replies')) return this.#listedReplies(url, channelId!);
    return this.#listed(url, channelId!);
  }

  #exported(url: URL) {
    if (this.refused.has('export')) throw refusal(403, 'permission_missing');
    const filter = url.searchParams.get('$filter') ?? '';
    const after = /gt (\S+)/.exec(filter)?.[1];
    const before = /lt (\S+)/.exec(filter)?.[1];
    const shared = new Set(this.channels.filter((channel) => channel.membershipType === 'shared').map(({ id }) => id));
    const rows = this.seen
      .filter(({ channelId }) => !shared.has(channelId))
      .filter(({ modifiedMs }) => {
        if (after === undefined && before === undefined) return true;
        if (modifiedMs === null) return false;
        return (
          (after === undefined || modifiedMs > Date.parse(after)) &&
          (before === undefined || modifiedMs < Date.parse(before))
        );
      });
    if (this.exportOrder === 'modified') rows.sort((a, b) => (b.modifiedMs ?? 0) - (a.modifiedMs ?? 0));
    const skip = Number(url.searchParams.get('skip') ?? 0);
    const page = rows.slice(skip, skip + this.pageSize);
    this.#check(page);
    url.searchParams.set('skip', String(skip + this.pageSize));
    return {
      value: page.map((message) => render(message)),
      ...(skip + this.pageSize < rows.length && { next: url.href }),
    };
  }

  #listed(url: URL, channelId: string) {
    if (this.refused.has('list')) throw refusal(403, 'permission_missing');
    const activities = this.#activities();
    const place = (root: LivingMessage) => [activities.get(root.id)!, root.sequence] as const;
    const roots = this.seen
      .filter((message) => message.channelId === channelId && message.rootId === null)
      .sort((a, b) => place(b)[0] - place(a)[0] || b.sequence - a.sequence);
    const below = url.searchParams.get('below')?.split(',').map(Number);
    const rest = below
      ? roots.filter((root) => {
          const [activity, sequence] = place(root);
          return activity < below[0]! || (activity === below[0] && sequence < below[1]!);
        })
      : roots;
    const size = Math.min(this.pageSize, Number(url.searchParams.get('$top') ?? 50));
    const page = rest.slice(0, size);
    this.#check(page.flatMap((root) => [root, ...this.replies(root).slice(0, this.inline)]));
    if (page.length > 0) url.searchParams.set('below', place(page.at(-1)!).join(','));
    return {
      value: page.map((root) => this.#chain(root)),
      ...(size < rest.length && { next: url.href }),
    };
  }

  #chain(root: LivingMessage): Record<string, unknown> {
    const replies = this.replies(root);
    const link = `https://living/replies?root=${root.id}&below=${replies[this.inline - 1]?.sequence}`;
    const isCut = replies.length > this.inline;
    return {
      ...render(root),
      replies: replies.slice(0, this.inline).map((reply) => render(reply)),
      ...(isCut && this.inlineLink && { 'replies@odata.nextLink': link }),
      ...(isCut && !this.inlineLink && { 'replies@odata.count': String(replies.length) }),
    };
  }

  #listedReplies(url: URL, channelId: string) {
    const rootId = url.searchParams.get('root') ?? /messages\/([^/]+)\/replies/.exec(url.pathname)![1];
    const below = Number(url.searchParams.get('below') ?? Number.POSITIVE_INFINITY);
    const rest = this.messages
      .filter((message) => message.channelId === channelId && message.rootId === rootId && message.sequence < below)
      .reverse();
    const page = rest.slice(0, this.pageSize);
    this.#check(page);
    const next = `https://living/replies?root=${rootId}&below=${page.at(-1)?.sequence}`;
    return { value: page.map((reply) => render(reply)), ...(rest.length > this.pageSize && { next }) };
  }

  #delta(url: URL, channelId: string) {
    if (this.refused.has('delta')) throw refusal(400, 'delta_unsupported');
    const afterMs = Date.parse(/gt (\S+)/.exec(url.searchParams.get('$filter') ?? '')?.[1] ?? '') || 0;
    const sinceMs = Number(url.searchParams.get('since') ?? 0);
    const activities = this.#activities();
    const changed = this.seen
      .filter((message) => message.channelId === channelId && message.rootId === null)
      .map((root) => ({ root, activityMs: activities.get(root.id)! }))
      .filter(({ activityMs }) => activityMs > Math.max(afterMs, sinceMs))
      .sort((a, b) => a.activityMs - b.activityMs);
    const last = changed[this.pageSize - 1]?.activityMs;
    const page = changed.filter(({ activityMs }) => last === undefined || activityMs <= last);
    this.#check(page.flatMap(({ root }) => [root, ...this.replies(root).slice(0, this.inline)]));
    url.searchParams.set('since', String(page.at(-1)?.activityMs ?? sinceMs));
    const value = page.map(({ root }) => this.#chain(root));
    return page.length < changed.length ? { value, next: url.href } : { value, delta: url.href };
  }

  #check(page: readonly LivingMessage[]): void {
    if (page.some(({ id }) => this.bad.has(id))) throw refusal(502, 'service_unavailable', 'retry');
  }
}

function refusal(status: number, code: string, recovery: 'skip' | 'retry' = 'skip'): SluiceError {
  const request = { method: 'GET', route: '/living', status };
  return new SluiceError({ code, recovery, surface: 'graph', message: `[GET /living] ${status}`, request });
}

function render({ id, rootId, channelId, createdMs, modifiedMs, state }: LivingMessage): Record<string, unknown> {
  return {
    id,
    replyToId: rootId,
    createdDateTime: iso(createdMs),
    lastModifiedDateTime: modifiedMs === null ? null : iso(modifiedMs),
    channelIdentity: { teamId: TEAM, channelId },
    state,
  };
}
