import type { GraphClient, GraphStats, Page, PageRequest } from '../graph/types.ts';
import type { Load } from '../lake/types.ts';
import type { LimitedRequest } from '../limits/limited-request.ts';
import { lowerBound } from '../limits/lower-bound.ts';
import { recordTables, type TableShape } from '../schema/column.ts';
import type { PlannedRequests } from '../strategies/strategy.ts';
import type { ResourceRead } from './plan.ts';
import type { RequestPlan } from './report.ts';

/** So many requests were sent, answered with 429, and sent again. */
export type RequestCounts = Pick<GraphStats, 'requests' | 'throttled' | 'retried'>;

/** A Graph client that also counts the pages and files it delivered, per route and per team or channel. */
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

  /** Pages and files delivered so far. */
  get delivered(): readonly PlannedRequests[] {
    return [...this.#pages.values()];
  }

  async page(request: PageRequest, signal?: AbortSignal): Promise<Page> {
    const page = await this.#graph.page(request, signal);
    this.serviceTimeMs = page.serviceTimeMs;
    this.#count(request);
    return page;
  }

  async file(...args: Parameters<GraphClient['file']>): Promise<void> {
    await this.#graph.file(...args);
    this.#count(args[0]);
  }

  #count(request: Pick<PageRequest, 'route' | 'ids'>): void {
    const key = `${request.route} ${Object.values(request.ids ?? {}).join(' ')}`;
    const counted = this.#pages.get(key) ?? { method: 'GET', route: request.route, ids: request.ids ?? {}, count: 0 };
    counted.count += 1;
    this.#pages.set(key, counted);
  }

  permissions(signal?: AbortSignal): Promise<ReadonlySet<string>> {
    return this.#graph.permissions(signal);
  }

  close(): Promise<void> {
    return this.#graph.close();
  }
}

/**
 * What a run needs at least, judged by what it delivered and landed: one request per page, and of lists that hold nothing
 * but records no more pages than the landed ones fill. The time is what the published limits, at their sustained factor,
 * allow these requests in.
 *
 * @param run.tables - all of the lake
 */
export function planOf(
  graph: Pick<CountingGraph, 'delivered'>,
  load: Pick<Load, 'counts'>,
  run: { readonly reads: readonly ResourceRead[]; readonly tables: readonly TableShape[] },
): RequestPlan {
  let requests = graph.delivered;
  for (const { resource, read } of run.reads) {
    if (!read.strategy.isPacked || read.pageSize === undefined) continue;
    const landed = recordTables(run.tables, resource.name).map(({ name }) => load.counts[name]?.rows ?? 0);
    const full = Math.ceil(landed.reduce((sum, rows) => sum + rows, 0) / read.pageSize);
    requests = withoutSlack(requests, read.route, full);
  }
  return {
    requests: requests.reduce((sum, { count }) => sum + count, 0),
    lowerBoundMs: Math.ceil(lowerBound(requests)),
  };
}

/** Of a route no more pages than are full, but one for each of its lists. */
function withoutSlack(requests: readonly PlannedRequests[], route: string, full: number): readonly PlannedRequests[] {
  const lists = requests.filter((one) => one.route === route);
  if (lists.length === 0) return requests;
  const read = lists.reduce((sum, { count }) => sum + count, 0);
  const count = Math.min(read, Math.max(lists.length, full));
  return [...requests.filter((one) => one.route !== route), { method: 'GET', route, count }];
}
