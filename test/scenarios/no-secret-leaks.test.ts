import { inspect } from 'node:util';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { afterEach, expect, it } from 'vitest';
import { createGraphClient } from '../../src/graph/client.ts';
import { createGovernor } from '../../src/limits/governor.ts';
import { systemRuntime } from '../../src/runtime/runtime.ts';
import { Secret } from '../../src/runtime/secret.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { createTelemetry } from '../../src/telemetry/telemetry.ts';
import { accessToken, json, startServer } from '../support/http-server.ts';

const CANARIES = {
  clientSecret: 'canary-client-secret',
  token: accessToken(['canary-role'], 'canary-token'),
  sig: 'canary-sig',
  text: 'canary-message-text',
} as const;

type Answer = Parameters<typeof startServer>[0];

/** Every way this floor can fail; each answer tries to plant what must not get out. */
const FAILURES: Record<string, { graph?: Answer; login?: Answer; url?: string }> = {
  'login refusal': {
    login: (request, response) =>
      json(response, 401, {
        error: 'invalid_client',
        error_description: `AADSTS7000215: ${request.body} ${CANARIES.text}`,
      }),
  },
  'login garbage': { login: (request, response) => response.end(`<html>${request.body}`) },
  'login reset': { login: (_, response) => response.destroy() },
  refusal: {
    graph: (request, response) =>
      json(response, 403, {
        error: { code: 'Forbidden', message: `${request.headers.authorization} ${CANARIES.text}` },
      }),
  },
  unauthorized: {
    graph: (request, response) => json(response, 401, { error: { message: request.headers.authorization } }),
  },
  'service error': { graph: (_, response) => json(response, 503, { error: { message: CANARIES.text } }) },
  throttled: {
    graph: (_, response) => json(response, 429, { error: { message: CANARIES.text } }, { 'retry-after': '9999' }),
  },
  reset: { graph: (_, response) => response.destroy() },
  truncated: {
    graph: (_, response) => {
      response.writeHead(200, { 'content-length': '999' }).write(`{"${CANARIES.text}`, () => response.destroy());
    },
  },
  'not JSON': { graph: (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(CANARIES.text) },
  'almost JSON': {
    graph: (_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(`{ ${CANARIES.text} }`),
  },
  'foreign link': {
    graph: (_, response) =>
      json(response, 200, { value: [], '@odata.nextLink': `https://x.example/?sig=${CANARIES.sig}` }),
  },
  'foreign request': { url: `https://x.example/?sig=${CANARIES.sig}` },
};

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

function watch() {
  const lines: string[] = [];
  const spans = new InMemorySpanExporter();
  const metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter: metrics, exportIntervalMillis: 60_000 });
  const meters = new MeterProvider({ readers: [reader] });
  const tracers = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
  const logger = createLogger({ level: 'debug', destination: { write: (line: string) => void lines.push(line) } });
  closers.push(() => meters.shutdown());
  return {
    logger,
    telemetry: createTelemetry({ logger, meter: meters.getMeter('test'), tracer: tracers.getTracer('test') }),
    seen: async () => {
      await reader.forceFlush();
      const finished = spans
        .getFinishedSpans()
        .map(({ name, attributes, status, events }) => ({ name, attributes, status, events }));
      const measured = metrics.getMetrics().map(({ scopeMetrics }) => scopeMetrics);
      return `${lines.join('\n')} ${inspect(finished, { depth: 9 })} ${JSON.stringify(measured)}`;
    },
  };
}

it.each(Object.entries(FAILURES))('%s: no secret and no text gets out', async (_name, failure) => {
  const grant: Answer = (_, response) =>
    json(response, 200, { token_type: 'Bearer', expires_in: 3600, access_token: CANARIES.token });
  const fine: Answer = (_, response) => json(response, 200, { value: [] });
  const server = await startServer((request, response) =>
    (request.url.includes('/oauth2/') ? (failure.login ?? grant) : (failure.graph ?? fine))(request, response),
  );
  const { logger, telemetry, seen } = watch();
  const runtime = { ...systemRuntime, random: () => 0 };
  const client = createGraphClient({
    identity: {
      tenantId: 'tenant',
      clientId: 'client',
      credential: { kind: 'secret', secret: new Secret(CANARIES.clientSecret) },
    },
    graphUrl: `${server.url}/v1.0`,
    loginUrl: server.url,
    governor: createGovernor({ runtime, limits: [], telemetry }),
    runtime,
    telemetry,
  });
  closers.push(client.close, server.close);
  const url = failure.url ?? `/teams?sig=${CANARIES.sig}`;
  const error: unknown = await client.page({ url, route: '/teams' }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: 'SluiceError' });
  logger.error({ err: error }, 'failed');
  const shown = `${inspect(error, { depth: 9 })} ${JSON.stringify(error)} ${String(error)} ${await seen()}`;
  expect(shown.length).toBeGreaterThan(200);
  for (const [name, canary] of Object.entries(CANARIES)) {
    for (const form of [canary, encodeURIComponent(canary), Buffer.from(canary).toString('base64')]) {
      expect(shown.includes(form), name).toBe(false);
    }
  }
});
