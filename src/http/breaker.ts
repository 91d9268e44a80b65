import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhen, isBrokenCircuitError } from 'cockatiel';
import { clientError } from '../errors/client-rules.ts';
import { isSluiceError, type Surface } from '../errors/sluice-error.ts';
import { isTransientStatus } from './retry.ts';
import type { HttpRequest, HttpResponse, Stage } from './types.ts';

export type BreakerState = 'closed' | 'open' | 'half_open';

/** States as the gauge `teams.circuit_breaker.state` shows them. */
export const BREAKER_LEVELS: Readonly<Record<BreakerState, number>> = { closed: 0, half_open: 1, open: 2 };

const STATES: Readonly<Record<CircuitState, BreakerState>> = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.Open]: 'open',
  [CircuitState.HalfOpen]: 'half_open',
  [CircuitState.Isolated]: 'open',
};

/**
 * Leaves an endpoint (method and route, unless `endpointOf` says otherwise) alone after `failures` failed calls in a row; then one probe decides. Only
 * network failures and 5xx answers count: a refusal or a 429 is the answer of a working service. Stands outside of
 * `retry`, so that one call with all its attempts is one failure.
 *
 * @throws SluiceError `circuit_open`, recovery `retry`, `details.sent` false
 */
export function breaker(options: {
  /** Failed calls in a row that open it. */
  readonly failures: number;
  /** Time until a probe is let through. */
  readonly pauseMs: number;
  readonly surface: Surface;
  /** What has a circuit of its own. A name fit for metrics, never a URL. */
  readonly endpointOf?: (request: HttpRequest) => string;
  readonly onState?: (endpoint: string, state: BreakerState) => void;
}): Stage {
  const { endpointOf = ({ method, route }: HttpRequest) => `${method} ${route}` } = options;
  const circuits = new Map<string, ReturnType<typeof createCircuit>>();
  const createCircuit = (endpoint: string) => {
    const circuit = circuitBreaker(
      handleWhen((error) => isSluiceError(error) && error.recovery === 'retry').orWhenResult((result) =>
        isTransientStatus((result as HttpResponse).status),
      ),
      { halfOpenAfter: options.pauseMs, breaker: new ConsecutiveBreaker(options.failures) },
    );
    circuit.onStateChange((state) => options.onState?.(endpoint, STATES[state]));
    circuits.set(endpoint, circuit);
    return circuit;
  };
  const circuitFor = (request: HttpRequest) => {
    const endpoint = endpointOf(request);
    return circuits.get(endpoint) ?? createCircuit(endpoint);
  };
  return (next) => async (request, signal) => {
    try {
      return await circuitFor(request).execute(() => next(request, signal));
    } catch (error) {
      if (!isBrokenCircuitError(error)) throw error;
      throw clientError('circuit_open', request, {
        surface: options.surface,
        retryAfterMs: options.pauseMs,
        details: { sent: false },
      });
    }
  };
}
