import { clientError } from '../errors/client-rules.ts';
import { isSluiceError, type Surface } from '../errors/sluice-error.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { HttpRequest, HttpResponse, Send, Stage } from './types.ts';

export type BreakerState = 'closed' | 'open' | 'half_open';

/** States as the gauge `teams.circuit_breaker.state` shows them. */
export const BREAKER_LEVELS: Readonly<Record<BreakerState, number>> = { closed: 0, half_open: 1, open: 2 };

export interface BreakerOptions {
  readonly runtime: Pick<Runtime, 'monotonic'>;
  /** Failed calls in a row that open it. */
  readonly failures: number;
  /** Time until a probe is let through. */
  readonly pauseMs: number;
  readonly surface: Surface;
  /** What has a circuit of its own. A name fit for metrics, never a URL. */
  readonly endpointOf?: (request: HttpRequest) => string;
  readonly onState?: (endpoint: string, state: BreakerState) => void;
}

interface Circuit {
  failures: number;
  /** Monotonic; undefined: closed. */
  openedAtMs?: number | undefined;
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
 * Leaves an endpoint (method and route, unless `endpointOf` says otherwise) alone after `failures` failed calls in a
 * row; then one probe decides, for which other callers wait. A call that its caller gave up tells nothing. Stands
 * outside of `retry`, so that one call with all its attempts is one failure.
 *
 * @throws SluiceError `circuit_open`, recovery `retry`, `details.sent` false
 */
export function breaker(options: BreakerOptions): Stage {
  const { endpointOf = ({ method, route }: HttpRequest) => `${method} ${route}` } = options;
  const circuits = new Map<string, Circuit>();
  return (next) => async (request, signal) => {
    const endpoint = endpointOf(request);
    const circuit = circuits.get(endpoint) ?? { failures: 0 };
    circuits.set(endpoint, circuit);
    const told = (state: BreakerState) => options.onState?.(endpoint, state);
    while (circuit.probe) await unlessAborted(circuit.probe, signal);
    if (circuit.openedAtMs === undefined) return await judged(next, request, signal, { circuit, options, told });
    if (options.runtime.monotonic() - circuit.openedAtMs < options.pauseMs) throw open(request, options);
    told('half_open');
    const probe = judged(next, request, signal, { circuit, options, told });
    circuit.probe = probe
      .catch(() => {})
      .then(() => {
        circuit.probe = undefined;
      });
    return await probe;
  };
}

interface Judge {
  readonly circuit: Circuit;
  readonly options: BreakerOptions;
  readonly told: (state: BreakerState) => void;
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

function conclude({ circuit, options, told }: Judge, outage: boolean): void {
  const wasOpen = circuit.openedAtMs !== undefined;
  if (!outage) {
    circuit.failures = 0;
    circuit.openedAtMs = undefined;
    if (wasOpen) told('closed');
    return;
  }
  circuit.failures += 1;
  // Of the calls that were under way together, the first to fail opens it; a probe that fails opens it anew.
  if (circuit.failures < options.failures || (wasOpen && !circuit.probe)) return;
  circuit.openedAtMs = options.runtime.monotonic();
  told('open');
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
