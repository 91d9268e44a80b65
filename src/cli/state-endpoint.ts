import type { Meter } from '@opentelemetry/api';
import { listen } from '../server/http/listen.ts';
import { createMetrics } from '../server/metrics.ts';
import type { Round } from './schedule.ts';

/** What a process that runs again and again tells over HTTP. */
export interface StateEndpoint {
  readonly url: string;
  readonly meter: Meter;
  close(): Promise<void>;
}

const REQUEST_TIMEOUT_MS = 10_000;
const DRAIN_MS = 1_000;

/**
 * Answers `GET /metrics` (Prometheus text) and `GET /healthz` (the last round), and nothing else. It tells of no row.
 *
 * @param latest - the round that ended last
 * @throws SluiceError `port_unavailable`
 */
export async function serveState(
  { host, port }: { readonly host: string; readonly port: number },
  latest: () => Round | undefined,
): Promise<StateEndpoint> {
  const metrics = createMetrics();
  const answers: Readonly<Record<string, () => Promise<Response>>> = {
    '/metrics': async () =>
      new Response(await metrics.render(), { headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' } }),
    '/healthz': async () => Response.json(healthOf(latest())),
  };
  const fetch = async (request: Request): Promise<Response> => {
    const answer = answers[new URL(request.url).pathname];
    if (answer === undefined) return new Response('There is GET /metrics and GET /healthz.\n', { status: 404 });
    if (request.method !== 'GET') return new Response(null, { status: 405, headers: { allow: 'GET' } });
    return answer();
  };
  const listening = await listen({ fetch, host, port, requestTimeoutMs: REQUEST_TIMEOUT_MS });
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${listening.port}`,
    meter: metrics.meter,
    close: async () => {
      await listening.close(DRAIN_MS);
      await metrics.close();
    },
  };
}

function healthOf(round: Round | undefined) {
  if (round === undefined) return { status: 'running', rounds: 0 };
  const { number, startedAt, endedAt, outcome } = round;
  return {
    status: 'running',
    rounds: number,
    last: { outcome, startedAt: new Date(startedAt).toISOString(), endedAt: new Date(endedAt).toISOString() },
  };
}
