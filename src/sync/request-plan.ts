import type { GraphClient, GraphStats, Page, PageRequest } from '../graph/types.ts';
import type { Load } from '../lake/types.ts';
import type { LimitedRequest } from '../limits/limited-request.ts';
import { lowerBound } from '../limits/lower-bound.ts';
import { channelMessages } from '../resources/channel-messages.ts';
import type { RequestPlan } from './report.ts';

const exportRead = channelMessages.reads.find(({ strategy }) => strategy === 'export')!;

/** So many requests of one kind. */
export type PlannedRequests = LimitedRequest & { readonly count: number };

/** So many requests were sent, answered with 429, and sent again. */
export type RequestCounts = Pick<GraphStats, 'requests' | 'throttled' | 'retried'>;

/** A Graph client that also counts the pages it delivered, per route and per team or channel. */
export class CountingGraph implements GraphClient {
  readonly #graph: GraphClient;
  readonly #pages = new Map<string, LimitedRequest & { count: number }>();
  readonly #before: RequestCounts;
  /** The service's clock at its latest answer, ms. */
  serviceTimeMs: number | undefined;

  constructor(graph: GraphClient) {
    this.#graph = graph;
    const { requests, throttled, retried } = graph.stats;
    this.#before = { requests, throttled, retried };
  }

  /** Requests since this run began: a client may serve several runs. */
  get counts(): RequestCounts {
    const { requests, throttled, retried } = this.#graph.stats;
    return {
      requests: requests - this.#before.requests,
      throttled: throttled - this.#before.throttled,
      retried: retried - this.#before.retried,
    };
  }

  get stats(): GraphStats {
    return this.#graph.stats;
  }

  /** Pages delivered so far. */
  get delivered(): readonly PlannedRequests[] {
    return [...this.#pages.values()];
  }

  async page(request: PageRequest, signal?: AbortSignal): Promise<Page> {
    const page = await this.#graph.page(request, signal);
    this.serviceTimeMs = page.serviceTimeMs;
    const key = `${request.route} ${Object.values(request.ids ?? {}).join(' ')}`;
    const counted = this.#pages.get(key) ?? { method: 'GET', route: request.route, ids: request.ids ?? {}, count: 0 };
    counted.count += 1;
    this.#pages.set(key, counted);
    return page;
  }

  permissions(signal?: AbortSignal): Promise<ReadonlySet<string>> {
    return this.#graph.permissions(signal);
  }

  close(): Promise<void> {
    return this.#graph.close();
  }
}

/**
 * What a run needs at least, judged by what it delivered and landed: one request per page, and for exports no more than
 * the landed messages fill. The time is what the published limits, at their sustained factor, allow these requests in.
 */
export function planOf(graph: CountingGraph, load: Load): RequestPlan {
  const { messages, message_replies: replies } = load.counts;
  const full = Math.ceil(((messages?.rows ?? 0) + (replies?.rows ?? 0)) / exportRead.pageSize!);
  const exports = graph.delivered.filter(({ route }) => route === exportRead.route);
  const others = graph.delivered.filter(({ route }) => route !== exportRead.route);
  const read = exports.reduce((sum, { count }) => sum + count, 0);
  const needed = {
    method: 'GET',
    route: exportRead.route,
    count: Math.min(read, Math.max(exports.length, full)),
  } as const;
  const requests = exports.length > 0 ? [...others, needed] : others;
  return {
    requests: requests.reduce((sum, { count }) => sum + count, 0),
    lowerBoundMs: Math.ceil(lowerBound(requests)),
  };
}
