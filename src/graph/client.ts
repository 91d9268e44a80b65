import { bearer } from '../auth/bearer.ts';
import { type CloudName, clouds, findCloud } from '../auth/clouds.ts';
import type { Credential } from '../auth/credential.ts';
import { signIn } from '../auth/sign-in.ts';
import { createTokenSource, type TokenSource } from '../auth/token-source.ts';
import { clientError } from '../errors/client-rules.ts';
import { graphError } from '../errors/graph-error.ts';
import type { Surface } from '../errors/sluice-error.ts';
import { BREAKER_LEVELS, breaker } from '../http/breaker.ts';
import { compose } from '../http/compose.ts';
import { observe } from '../http/observe.ts';
import type { ProxySettings } from '../http/proxy.ts';
import { isTransientStatus, retry } from '../http/retry.ts';
import { retryBudget } from '../http/retry-budget.ts';
import { timeout } from '../http/timeout.ts';
import type { HttpRequest, HttpResponse, Send, Stage } from '../http/types.ts';
import { undiciTransport } from '../http/undici-transport.ts';
import { createGovernor, type Governor } from '../limits/governor.ts';
import type { LimitRow } from '../limits/graph-limits.ts';
import type { TenantSize } from '../limits/matching.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { createTelemetry, type Telemetry } from '../telemetry/telemetry.ts';
import { isSameOrigin, toPage, validatePage } from './page.ts';
import type { FileHead, GraphClient, GraphSource, GraphStats, Page, PageRequest } from './types.ts';

/** Who reads. */
export interface GraphIdentity {
  readonly tenantId: string;
  /** Not needed with a managed identity. */
  readonly clientId?: string | undefined;
  readonly credential: Credential;
  /**
   * The credential as it is configured now: asked when the login service refuses the one that is used. Default: there is no
   * other. A federated token and a managed identity are asked for at every sign-in anyway.
   */
  readonly credentialNow?: (() => Credential | undefined) | undefined;
}

export interface GraphClientOptions {
  /** The app, or a ready source of tokens. */
  readonly identity: GraphIdentity | TokenSource;
  /** Default `public`. */
  readonly cloud?: CloudName;
  /** Version root, for example `http://127.0.0.1:8080/v1.0`; default that of the cloud. */
  readonly graphUrl?: string | undefined;
  /** Default: the login host of the cloud. */
  readonly loginUrl?: string | undefined;
  readonly runtime: Runtime;
  /** Carries all requests instead of sockets, for example to a simulator in this process. */
  readonly send?: Send;
  readonly telemetry?: Telemetry;
  /** Default: one with the published limits. */
  readonly governor?: Governor;
  readonly limits?: readonly LimitRow[];
  readonly tenantSize?: TenantSize;
  /** Requests on the wire at once; default 32. */
  readonly concurrency?: number;
  /** Retries of one request after its first attempt, default 4. */
  readonly maxRetries?: number;
  /** Limit of one attempt, default 60 s. */
  readonly timeoutMs?: number;
  /** Limit for opening a connection, default 10 s. */
  readonly connectTimeoutMs?: number;
  /** Upper bound of the random wait before the first retry, default 500 ms; it doubles per attempt. */
  readonly initialBackoffMs?: number | undefined;
  /** Upper bound of any such wait, default 20 s. */
  readonly maxBackoffMs?: number | undefined;
  /** Failed calls in a row after which an endpoint is left alone, default 5. */
  readonly breakerFailures?: number;
  /** Time until it is probed again, default 10 s. */
  readonly breakerPauseMs?: number | undefined;
  /** How long requests wait for an endpoint that is left alone before they fail at once, default 60 s. */
  readonly breakerWaitMs?: number | undefined;
  /** Further certificate authorities in PEM, beside those that Node trusts. */
  readonly ca?: string | undefined;
  /** Default: Graph and login are connected to directly. */
  readonly proxy?: ProxySettings | undefined;
}

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);
const DEFAULT_CONCURRENCY = 32;
const DEFAULT_TIMEOUT_MS = 60_000;
const DEFAULT_RETRIES = 4;
const DEFAULT_INITIAL_BACKOFF_MS = 500;
const DEFAULT_MAX_BACKOFF_MS = 20_000;
const DEFAULT_BREAKER_FAILURES = 5;
const DEFAULT_BREAKER_PAUSE_MS = 10_000;
const DEFAULT_BREAKER_WAIT_MS = 60_000;
/** Evolvable enums show their newer members only on request. */
const PREFER = 'include-unknown-enum-members';

/** Puts the stages together in the order that {@link compose} explains. */
export function createGraphClient(options: GraphClientOptions): GraphClient {
  const { runtime } = options;
  const cloud = findCloud(options.cloud ?? 'public');
  const graphUrl = (options.graphUrl ?? `https://${cloud.graphHost}/v1.0`).replace(/\/+$/, '');
  const origin = new URL(graphUrl).origin;
  const telemetry = options.telemetry ?? createTelemetry();
  const concurrency = options.concurrency ?? DEFAULT_CONCURRENCY;
  const transport = connect(options, 'graph', concurrency);
  const login = 'token' in options.identity ? undefined : connect(options, 'login', 1);
  const tokens = login ? identityTokens(options, login.send, telemetry) : (options.identity as TokenSource);
  const governor = options.governor ?? createGovernor({ ...options, telemetry, maxInFlight: concurrency });
  const stats = createStats(governor);

  const pipeline = (valid: readonly Stage[], ...turn: Stage[]) =>
    compose(
      breaker({
        runtime,
        failures: options.breakerFailures ?? DEFAULT_BREAKER_FAILURES,
        pauseMs: options.breakerPauseMs ?? DEFAULT_BREAKER_PAUSE_MS,
        waitMs: options.breakerWaitMs ?? DEFAULT_BREAKER_WAIT_MS,
        surface: 'graph',
        // A team or channel that is out leaves the others alone.
        partOf: ({ ids = {} }) => Object.values(ids).join('/'),
        onState: (operation, state) => reportBreaker(telemetry, operation, state),
      }),
      retry({
        ...repetition(options),
        isRetryable: (response, request) =>
          isTransientStatus(response.status) || graphError(response, request, runtime.now()).code === 'not_ready',
        onRetry: ({ request, attempt, delayMs, reason }) => {
          stats.retried++;
          telemetry.log('graph.retry', { operation: `${request.method} ${request.route}`, attempt, delayMs, reason });
        },
      }),
      ...valid,
      bearer({ tokens, allows: (url) => isSameOrigin(url, origin), surface: 'graph' }),
      ...turn,
      timeout({ runtime, defaultMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS, surface: 'graph' }),
      observe({ telemetry, runtime }),
      count(stats),
    )(transport.send);
  const send = pipeline([validatePage], governor.stage);
  const sendForFile = pipeline([], governor.stage);

  const page = async (wanted: PageRequest, signal?: AbortSignal): Promise<Page> => {
    const request = toRequest(wanted, graphUrl);
    if (!isSameOrigin(request.url, origin)) throw clientError('kept_link_foreign', request, { surface: 'graph' });
    let read: Page | undefined;
    const check = (answer: HttpResponse) => {
      read = toPage(answer, request, wanted, { origin, nowMs: runtime.now() });
    };
    const response = await send({ ...request, check }, signal);
    if (response.status !== 200 || !read) throw graphError(response, request, runtime.now());
    return read;
  };

  const file: GraphClient['file'] = async (wanted, receive, signal) => {
    const { url, headers, ...rest } = toRequest(wanted, graphUrl);
    const request = { ...rest, url, headers: { ...headers, accept: '*/*', 'accept-encoding': 'identity' } };
    let taken = 0;
    const opened = async (head: Pick<HttpResponse, 'headers'>) => {
      taken += 1;
      return receive(headOf(head));
    };
    const response = await sendForFile({ ...request, receive: opened }, signal);
    if (response.status !== 200) throw graphError(response, request, runtime.now());
    // Not every way to send knows of pieces.
    if (taken === 0) await (await opened(response))(response.body);
  };

  return {
    page,
    file,
    permissions: async (signal) => (await tokens.token(signal)).roles,
    source: async (signal) => sourceOf(options, (await tokens.token(signal)).tenantId),
    stats,
    close: async () => {
      governor.dispose();
      await Promise.all([transport.close(), login?.close()]);
    },
  };
}

function headOf({ headers }: Pick<HttpResponse, 'headers'>): FileHead {
  const size = Number(headers['content-length'] ?? Number.NaN);
  return { contentType: headers['content-type'], size: Number.isSafeInteger(size) ? size : undefined };
}

function sourceOf(
  { identity, cloud, graphUrl }: GraphClientOptions,
  told: string | undefined,
): GraphSource | undefined {
  const tenantId = told ?? ('tenantId' in identity ? identity.tenantId : undefined);
  if (tenantId === undefined) return undefined;
  return { tenantId, cloud: graphUrl === undefined ? (cloud ?? 'public') : placeOf(graphUrl) };
}

/** A twin on this machine has another port every time. */
function placeOf(graphUrl: string): string {
  const { hostname } = new URL(graphUrl);
  const known = Object.entries(clouds).find(([, { graphHost }]) => graphHost === hostname);
  if (known) return known[0];
  return LOOPBACK.has(hostname) ? 'twin' : hostname;
}

function connect(options: GraphClientOptions, surface: Surface, connections: number) {
  const { send, ca, proxy, connectTimeoutMs } = options;
  if (send) return { send, close: async () => {} };
  return undiciTransport({ connections, surface, ca, proxy, connectTimeoutMs });
}

/** How often and after which waits a request is repeated; each use has a budget of its own. */
function repetition({ runtime, maxRetries, initialBackoffMs, maxBackoffMs }: GraphClientOptions) {
  const baseMs = initialBackoffMs ?? DEFAULT_INITIAL_BACKOFF_MS;
  const capMs = maxBackoffMs ?? Math.max(baseMs, DEFAULT_MAX_BACKOFF_MS);
  return { baseMs, capMs, attempts: 1 + (maxRetries ?? DEFAULT_RETRIES), runtime, budget: retryBudget() };
}

function identityTokens(options: GraphClientOptions, send: Send, telemetry: Telemetry): TokenSource {
  const { runtime } = options;
  const reliable = compose(
    retry(repetition(options)),
    timeout({ runtime, defaultMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS, surface: 'login' }),
  )(send);
  const fetchToken = signIn({
    ...(options.identity as GraphIdentity),
    cloud: findCloud(options.cloud ?? 'public'),
    loginUrl: options.loginUrl,
    send: reliable,
    runtime,
  });
  return createTokenSource({ fetchToken, runtime, telemetry });
}

function toRequest(wanted: PageRequest, graphUrl: string): HttpRequest {
  const prefer = wanted.headers?.['prefer'];
  return {
    method: 'GET',
    url: /^[a-z][a-z\d+.-]*:/i.test(wanted.url) ? wanted.url : `${graphUrl}${wanted.url}`,
    route: wanted.route,
    attempts: wanted.attempts,
    ids: wanted.ids,
    headers: { accept: 'application/json', ...wanted.headers, prefer: prefer ? `${PREFER}, ${prefer}` : PREFER },
  };
}

function createStats(governor: Governor): GraphStats {
  return {
    requests: 0,
    throttled: 0,
    retried: 0,
    get waitedMs() {
      return governor.waitedMs;
    },
    get stopped() {
      return governor.stopped;
    },
    byRoute: {},
  };
}

function count(stats: GraphStats): Stage {
  return (next) => async (request, signal) => {
    stats.requests++;
    stats.byRoute[request.route] = (stats.byRoute[request.route] ?? 0) + 1;
    const response = await next(request, signal);
    if (response.status === 429) stats.throttled++;
    return response;
  };
}

function reportBreaker(telemetry: Telemetry, operation: string, state: 'closed' | 'open' | 'half_open'): void {
  telemetry.gauge('teams.circuit_breaker.state', BREAKER_LEVELS[state], { endpoint: operation });
  if (state === 'open') telemetry.log('breaker.opened', { operation });
  if (state === 'closed') telemetry.log('breaker.closed', { operation });
}
