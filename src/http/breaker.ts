import { clientError } from '../errors/client-rules.ts';
import { isSluiceError, type Surface } from '../errors/sluice-error.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { HttpRequest, HttpResponse, Send, Stage } from './types.ts';

export type BreakerState = 'closed' | 'open' | 'half_open';

/** States as the gauge `teams.circuit_breaker.state` shows them. */
export const BREAKER_LEVELS: Readonly<Record<BreakerState, number>> = { closed: 0, half_open: 1, open: 2 };

export interface BreakerOptions {
  readonly runtime: Pick<Runtime, 'monotonic' | 'sleep'>;
  /** Failed calls in a row that open it. */
  readonly failures: number;
  /** Time until a probe is let through. */
  readonly pauseMs: number;
  /** How long after it opened calls wait for it to close; then they fail at once. Default 0. */
  readonly waitMs?: number | undefined;
  readonly surface: Surface;
  /** The name of an endpoint, fit for metrics: never a URL. */
  readonly endpointOf?: (request: HttpRequest) => string;
  /** What has a circuit of its own below an endpoint: one that is out leaves the others alone. Shown nowhere. */
  readonly partOf?: (request: HttpRequest) => string;
  /** The state of an endpoint: the worst of its circuits. */
  readonly onState?: (endpoint: string, state: BreakerState) => void;
}

/** What is known of a part that failed. Parts that work have none. */
interface Circuit {
  readonly endpoint: string;
  failures: number;
  /** Monotonic; undefined: closed. */
  openedAtMs?: number | undefined;
  /** When it opened first: failed probes open it anew. */
  outSinceMs?: number | undefined;
  /** Settles when the one probe has ended, however it did. */
  probe?: Promise<unknown> | undefined;
}

/** Answers of a service that works, though the caller may try again. */
const NO_OUTAGE: ReadonlySet<string> = new Set(['throttled', 'circuit_open', 'page_invalid', 'page_links']);

/**
 * True when the service is out: a connection that failed or broke, no answer in time, or a 5xx. A refusal, a 408, a 425
 * or a 429 is the answer of a service that works.
 */
export function isOutage(outcome: { readonly response: HttpResponse } | { readonly error: unknown }): boolean {
  if ('response' in outcome) return outcome.response.status >= 500;
  const { error } = outcome;
  return isSluiceError(error) && error.recovery === 'retry' && !NO_OUTAGE.has(error.code);
}

/**
 * Leaves an endpoint (method and route, unless `endpointOf` says otherwise), or a part of it, alone after `failures`
 * failed calls in a row; then one probe decides, for which other callers wait. A call that its caller gave up tells
 * nothing. Stands outside of `retry`, so that one call with all its attempts is one failure.
 *
 * @throws SluiceError `circuit_open`, recovery `retry`, `details.sent` false
 */
export function breaker(options: BreakerOptions): Stage {
  const { runtime, pauseMs, waitMs = 0 } = options;
  const { endpointOf = ({ method, route }: HttpRequest) => `${method} ${route}`, partOf = () => '' } = options;
  const circuits = new Map<string, Circuit>();
  return (next) => async (request, signal) => {
    const endpoint = endpointOf(request);
    const key = JSON.stringify([endpoint, partOf(request)]);
    const judge: Judge = { key, endpoint, circuits, options };
    for (;;) {
      const circuit = circuits.get(key);
      if (circuit?.probe) await unlessAborted(circuit.probe, signal);
      else if (circuit?.openedAtMs === undefined) return await judged(next, request, signal, judge);
      else {
        const nowMs = runtime.monotonic();
        const leftMs = circuit.openedAtMs + pauseMs - nowMs;
        if (leftMs <= 0) return await probe(next, request, signal, { ...judge, circuit });
        const waitLeftMs = circuit.outSinceMs! + waitMs - nowMs;
        if (waitLeftMs <= 0) throw open(request, options);
        await runtime.sleep(Math.min(leftMs, waitLeftMs), signal);
      }
    }
  };
}

interface Judge {
  readonly key: string;
  readonly endpoint: string;
  readonly circuits: Map<string, Circuit>;
  readonly options: BreakerOptions;
}

/** The one call that decides for an open circuit. */
function probe(
  next: Send,
  request: HttpRequest,
  signal: AbortSignal | undefined,
  judge: Judge & { readonly circuit: Circuit },
): Promise<HttpResponse> {
  const { circuit } = judge;
  const before = stateOf(judge);
  const call = judged(next, request, signal, judge);
  circuit.probe = call
    .catch(() => {})
    .then(() => {
      circuit.probe = undefined;
    });
  tell(judge, before);
  return call;
}

/** Sends, and draws the conclusion. */
async function judged(next: Send, request: HttpRequest, signal: AbortSignal | undefined, judge: Judge) {
  try {
    const response = await next(request, signal);
    conclude(judge, isOutage({ response }));
    return response;
  } catch (error) {
    if (!signal?.aborted) conclude(judge, isOutage({ error }));
    throw error;
  }
}

function conclude(judge: Judge, outage: boolean): void {
  const { key, endpoint, circuits, options } = judge;
  const before = stateOf(judge);
  if (!outage) circuits.delete(key);
  else {
    const circuit = circuits.get(key) ?? { endpoint, failures: 0 };
    circuits.set(key, circuit);
    circuit.failures += 1;
    // Of the calls that were under way together, the first to fail opens it; a probe that fails opens it anew.
    if (circuit.failures < options.failures || (circuit.openedAtMs !== undefined && !circuit.probe)) return;
    circuit.openedAtMs = options.runtime.monotonic();
    circuit.outSinceMs ??= circuit.openedAtMs;
    circuit.probe = undefined;
  }
  tell(judge, before);
}

function tell(judge: Judge, before: BreakerState): void {
  const now = stateOf(judge);
  if (now !== before) judge.options.onState?.(judge.endpoint, now);
}

/** The worst state of an endpoint's circuits. */
function stateOf({ circuits, endpoint }: Judge): BreakerState {
  let state: BreakerState = 'closed';
  for (const circuit of circuits.values()) {
    if (circuit.endpoint !== endpoint || circuit.openedAtMs === undefined) continue;
    if (!circuit.probe) return 'open';
    state = 'half_open';
  }
  return state;
}

async function unlessAborted(probe: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  if (!signal) return void (await probe);
  const over = new AbortController();
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true, signal: over.signal });
  });
  try {
    await Promise.race([probe, aborted]);
  } finally {
    over.abort();
  }
}

const open = (request: HttpRequest, { surface, pauseMs }: BreakerOptions) =>
  clientError('circuit_open', request, { surface, retryAfterMs: pauseMs, details: { sent: false } });
