import { clientError } from '../errors/client-rules.ts';
import { parseRetryAfter } from '../errors/retry-after.ts';
import type { HttpResponse, Stage } from '../http/types.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { Bucket } from './bucket.ts';
import type { LimitRow } from './graph-limits.ts';
import type { LimitedRequest } from './limited-request.ts';
import { type Charge, createHoldMatcher, createMatcher, type Hold, type TenantSize } from './matching.ts';
import { Queue } from './queue.ts';
import { Slots } from './slots.ts';

export interface GovernorOptions {
  readonly runtime: Runtime;
  /** Default: the published limits of Microsoft Graph. */
  readonly limits?: readonly LimitRow[];
  readonly tenantSize?: TenantSize;
  /** Sustained share of each limit, instead of the published one. */
  readonly factor?: number;
  /**
   * Requests on the wire at the same time; at most the sockets of the transport, so that a request leaves at the moment
   * of its turn. Default: no bound.
   */
  readonly maxInFlight?: number;
  readonly telemetry?: Telemetry;
}

/** The right to send one request now. */
export interface Permit {
  /** Tells the governor what came of it; without an answer (network error, abort) call it without one. */
  settle(answer?: Pick<HttpResponse, 'status' | 'headers'>): void;
}

/** Gives each request its turn so that no published window is exceeded, and slows down when the service says so. */
export interface Governor {
  /**
   * Waits for the turn. Rejects with the signal's reason; an abandoned wait leaves nothing behind.
   *
   * @throws SluiceError `throttled`, recovery `retry`, when the service asked for a pause of more than 10 minutes
   */
  acquire(request: LimitedRequest, signal?: AbortSignal): Promise<Permit>;
  /** The same as a stage. */
  readonly stage: Stage;
  readonly waitedMs: number;
  /** True while some bucket is stopped by a 429. */
  readonly stopped: boolean;
  dispose(): void;
}

/** Limits of these scopes are shared with other tenants: our 429 says nothing about them. */
const SHARED_SCOPES: ReadonlySet<string> = new Set(['app', 'tenant']);
/** Buckets of channels that are at rest are forgotten when there are more than this. */
const MAX_BUCKETS = 20_000;
/** A longer stop is not waited out: who waits for it is told. */
const MAX_STOP_MS = 600_000;

export function createGovernor(options: GovernorOptions): Governor {
  const { runtime, telemetry } = options;
  const match = createMatcher(options);
  const holdsOf = createHoldMatcher(options);
  const buckets = new Map<string, Bucket>();
  const slots = new Map<string, Slots>();
  let waitedMs = 0;

  const bucketOf = ({ key, row }: Charge): Bucket => {
    const known = buckets.get(key);
    if (known) return known;
    if (buckets.size >= MAX_BUCKETS) {
      for (const [name, bucket] of buckets) if (bucket.isIdle(runtime.monotonic())) buckets.delete(name);
    }
    const bucket = new Bucket(row, options.factor);
    buckets.set(key, bucket);
    return bucket;
  };
  const slotsOf = ({ key, limit }: Hold): Slots => {
    const known = slots.get(key) ?? new Slots(limit);
    slots.set(key, known);
    return known;
  };
  const queue = new Queue({ runtime, maxInFlight: options.maxInFlight ?? Number.POSITIVE_INFINITY });

  const permitFor = (request: LimitedRequest, own: readonly Bucket[], release: () => void): Permit => {
    const sentAtMs = runtime.monotonic();
    return {
      settle: (answer) => {
        release();
        if (answer?.status === 429) throttled(request, own, answer.headers, sentAtMs);
        else if (answer) for (const bucket of own) bucket.succeed(sentAtMs, runtime.monotonic());
        queue.pump();
      },
    };
  };

  const refusalBy = (stopped: readonly Bucket[], request: LimitedRequest) => {
    const retryAfterMs = Math.max(0, ...stopped.map((bucket) => bucket.stoppedUntilMs - runtime.monotonic()));
    return retryAfterMs > MAX_STOP_MS
      ? clientError('throttled', request, { surface: 'graph', retryAfterMs })
      : undefined;
  };

  const throttled = (
    request: LimitedRequest,
    own: readonly Bucket[],
    headers: Readonly<Record<string, string>>,
    sentAtMs: number,
  ) => {
    const nowMs = runtime.monotonic();
    const suspects = own.filter(({ row }) => !SHARED_SCOPES.has(row.scope));
    const culprit = [...(suspects.length > 0 ? suspects : own)].sort((a, b) => b.load(nowMs) - a.load(nowMs))[0];
    if (!culprit) return;
    const isNews = culprit.isNewEpisode(sentAtMs);
    const retryAfterMs = parseRetryAfter(headers, runtime.now());
    for (const bucket of suspects.length > 0 ? suspects : [culprit]) {
      bucket.stop(retryAfterMs, nowMs, runtime);
      const refusal = refusalBy([bucket], request);
      if (refusal) queue.refuse(bucket, refusal);
    }
    if (!isNews) return;
    culprit.slowDown(nowMs);
    const operation = `${request.method} ${request.route}`;
    telemetry?.log('graph.throttled', { operation, stopMs: culprit.stoppedUntilMs - nowMs, rate: culprit.rate });
  };

  const acquire = async (request: LimitedRequest, signal?: AbortSignal): Promise<Permit> => {
    const charges = match(request).map((charge) => ({ turns: bucketOf(charge), key: charge.key, cost: charge.cost }));
    const own = charges.map(({ turns }) => turns);
    const refusal = refusalBy(own, request);
    if (refusal) throw refusal;
    const holds = holdsOf(request).map((hold) => ({ turns: slotsOf(hold), key: hold.key, cost: 1 }));
    const askedAtMs = runtime.monotonic();
    const release = await queue.wait([...charges, ...holds], signal);
    const waited = runtime.monotonic() - askedAtMs;
    waitedMs += waited;
    telemetry?.record('teams.graph.wait_ms', waited, { operation: `${request.method} ${request.route}` });
    return permitFor(request, own, release);
  };

  const stage: Stage = (next) => async (request, signal) => {
    const permit = await acquire(request, signal);
    let answer: HttpResponse | undefined;
    try {
      answer = await next(request, signal);
      return answer;
    } finally {
      permit.settle(answer);
    }
  };

  return {
    acquire,
    stage,
    get waitedMs() {
      return waitedMs;
    },
    get stopped() {
      const nowMs = runtime.monotonic();
      return [...buckets.values()].some((bucket) => bucket.stoppedUntilMs > nowMs);
    },
    dispose: () => queue.dispose(),
  };
}
