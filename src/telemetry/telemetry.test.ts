import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { expect, it } from 'vitest';
import { clientError } from '../errors/client-rules.ts';
import { Secret } from '../runtime/secret.ts';
import { createLogger } from './logger.ts';
import { createTelemetry, type Telemetry } from './telemetry.ts';

it('measures under the names, units and buckets of the catalogue', async () => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 });
  const provider = new MeterProvider({ readers: [reader] });
  const telemetry = createTelemetry({ meter: provider.getMeter('test') });
  telemetry.count('teams.graph.requests', 2, { operation: 'GET /teams', status: '200' });
  telemetry.count('teams.graph.requests', 1, { operation: 'GET /teams', status: '200' });
  telemetry.record('teams.graph.latency_ms', 30, { operation: 'GET /teams' });
  telemetry.gauge('teams.circuit_breaker.state', 1, { endpoint: 'GET /teams' });
  await reader.forceFlush();
  const found = exporter.getMetrics()[0]!.scopeMetrics[0]!.metrics;
  const byName = new Map(found.map((metric) => [metric.descriptor.name, metric]));
  expect(byName.get('teams.graph.requests')!.dataPoints[0]).toMatchObject({
    value: 3,
    attributes: { operation: 'GET /teams', status: '200' },
  });
  expect(byName.get('teams.graph.latency_ms')).toMatchObject({
    descriptor: { unit: 'ms', advice: { explicitBucketBoundaries: [10, 25, 50, 100, 250, 500, 1000, 2500, 5000] } },
  });
  expect(byName.get('teams.circuit_breaker.state')!.dataPoints[0]!.value).toBe(1);
  await provider.shutdown();
});

it('marks a failed span with the code of the error and passes the error on', async () => {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const telemetry = createTelemetry({ tracer: provider.getTracer('test') });
  const error = clientError('timeout', { method: 'GET', route: '/x' }, { surface: 'graph' });
  await expect(telemetry.span('teams.graph.request', {}, () => Promise.reject(error))).rejects.toBe(error);
  expect(exporter.getFinishedSpans()[0]).toMatchObject({ name: 'teams.graph.request', status: { message: 'timeout' } });
});

it('writes log events at the level of the catalogue, with secrets masked', () => {
  const lines: string[] = [];
  const logger = createLogger({ level: 'info', destination: { write: (line: string) => void lines.push(line) } });
  const telemetry = createTelemetry({ logger });
  telemetry.log('graph.request', { operation: 'GET /teams', status: 200 });
  telemetry.log('sync.started', { tables: ['teams'] });
  logger.info({ token: 'canary', nested: { authorization: 'canary' }, secret: new Secret('canary') }, 'x');
  logger.info({ err: new Error('https://x/?sig=canary') }, 'x');
  expect(lines.map((line) => JSON.parse(line).msg)).toEqual(['sync.started', 'x', 'x']);
  expect(lines[0]).toContain('"tables":["teams"]');
  expect(lines.join()).not.toContain('canary');
});

it('compiles for names and labels of the catalogue only', () => {
  const misuse = (telemetry: Telemetry) => {
    // @ts-expect-error: no such metric
    telemetry.count('teams.graph.unheard', 1, {});
    // @ts-expect-error: a histogram is no counter
    telemetry.count('teams.graph.latency_ms', 1, { operation: 'x' });
    // @ts-expect-error: a label is missing
    telemetry.count('teams.graph.requests', 1, { operation: 'x' });
    // @ts-expect-error: no such label
    telemetry.count('teams.graph.throttled', 1, { operation: 'x', team: 'y' });
    // @ts-expect-error: no such event
    telemetry.log('graph.unheard', {});
    // @ts-expect-error: no such field
    telemetry.log('graph.request', { url: 'x' });
    // @ts-expect-error: no such attribute
    return telemetry.span('teams.graph.request', { url: 'x' }, async () => {});
  };
  expect(misuse).toBeTypeOf('function');
});
