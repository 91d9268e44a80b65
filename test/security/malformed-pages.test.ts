import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { inspect } from 'node:util';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chosenTables } from '../../src/cli/options.ts';
import { renderFailures, renderReport } from '../../src/cli/render/report.ts';
import { connectionOf } from '../../src/config/connection.ts';
import { loadConfig } from '../../src/config/load.ts';
import { createGraphClient } from '../../src/graph/client.ts';
import { openLake } from '../../src/lake/lake.ts';
import { fileStore } from '../../src/lake/stores/file.ts';
import { estimateRun } from '../../src/sync/estimate.ts';
import { sync } from '../../src/sync/run.ts';
import { tables } from '../../src/tables/index.generated.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { createTelemetry } from '../../src/telemetry/telemetry.ts';
import { fastRuntime } from '../support/fast-runtime.ts';
import { startServer, type TestServer } from '../support/http-server.ts';
import { CANARY, MALFORMED, NUMERIC_CANARY, type PassingAnswer } from '../support/malformed.ts';
import { TEAM_TABLES } from '../support/team-tables.ts';
import { startTwin, type TestTwin } from '../support/twin.ts';

/** Which answers are malformed. Of some nothing else would be read, so they are malformed alone. */
const PLACES: Readonly<Record<string, (url: string) => boolean>> = {
  'the listing of teams': (url) => /\/teams(\?|$)/.test(url),
  'every other answer': (url) => !/\/teams(\?|$)|\/oauth2\//.test(url),
  'every page but the first': (url) => /skip|token|after/i.test(url) && !url.includes('/oauth2/'),
};

type Malform = (answer: PassingAnswer, url: string) => PassingAnswer;

/** Between the reader and the twin: hands on what is asked, and malforms what is answered. */
async function startBetween(twin: TestTwin, malform: () => Malform): Promise<TestServer> {
  const target = new URL(twin.url);
  return await startServer((asked, response) => {
    const passed = httpRequest(
      {
        host: target.hostname,
        port: target.port,
        path: asked.url,
        method: asked.method,
        headers: { ...asked.headers, 'accept-encoding': 'identity' },
      },
      (answer) => {
        void buffer(answer).then((body) => {
          const passing = { status: answer.statusCode!, headers: plainHeaders(answer.headers), body };
          const changed = malform()(passing, asked.url);
          response.writeHead(changed.status, changed.headers).end(changed.body);
        });
      },
    );
    passed.end(asked.body);
  });
}

/** Without the length and the packing of the body, which changes. */
function plainHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const kept = Object.entries(headers).filter(
    ([name]) => !/^(content-length|transfer-encoding|connection)$/.test(name),
  );
  return Object.fromEntries(kept.map(([name, value]) => [name, String(value)]));
}

/** Everything a run says of itself, in one text; and what a lake keeps beside its rows. */
async function everythingSaid(env: Readonly<Record<string, string>>): Promise<{ said: string; outcome: string }> {
  const lines: string[] = [];
  const spans = new InMemorySpanExporter();
  const metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter: metrics, exportIntervalMillis: 60_000 });
  const meters = new MeterProvider({ readers: [reader] });
  const tracers = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
  const logger = createLogger({ level: 'debug', destination: { write: (line: string) => void lines.push(line) } });
  const telemetry = createTelemetry({ logger, meter: meters.getMeter('test'), tracer: tracers.getTracer('test') });
  const connection = connectionOf((await loadConfig({ environment: env })).config);
  const runtime = fastRuntime(20_000);
  const graph = createGraphClient({
    ...connection,
    identity: connection,
    runtime,
    telemetry,
    limits: [],
    maxRetries: 1,
    timeoutMs: 3_600_000,
  });
  const folder = await mkdtemp(join(tmpdir(), 'sluice-malformed-'));
  const said: string[] = [];
  const say = (value: unknown) =>
    void said.push(typeof value === 'string' ? value : `${JSON.stringify(value)}\n${inspect(value, { depth: 12 })}`);
  let outcome = 'thrown';
  try {
    const signal = new AbortController().signal;
    await estimateRun({ graph, tables: chosenTables(TEAM_TABLES), runtime, positions: new Map() }, signal).then(
      say,
      say,
    );
    const store = fileStore(join(folder, 'lake'));
    const lake = await openLake({ store, tables, runtime, scratchDir: join(folder, 'scratch') });
    try {
      const report = await sync(
        { graph, lake, tables: chosenTables(TEAM_TABLES), runtime, telemetry, onEvent: say },
        signal,
      );
      say(report);
      say(renderReport(report, { columns: 200 }));
      say(renderFailures(report));
      outcome = report.outcome;
    } catch (error) {
      say(error);
    } finally {
      await lake.close();
    }
    say(await besideRows(join(folder, 'lake')));
    await reader.forceFlush();
    say(lines.join('\n'));
    say(spans.getFinishedSpans().map(({ name, attributes, status, events }) => ({ name, attributes, status, events })));
    say(metrics.getMetrics().map(({ scopeMetrics }) => scopeMetrics));
  } finally {
    await graph.close();
    await meters.shutdown();
    await rm(folder, { recursive: true, force: true });
  }
  return { said: said.join('\n'), outcome };
}

/**
 * The commits, positions and leases of a lake, and of what it set aside everything but the bytes, which are the record. Not
 * the links at which reading goes on: a commit in the midst of a list, which a slow run makes, has to keep them.
 */
async function besideRows(lake: string): Promise<string> {
  const files = (await readdir(lake, { recursive: true, withFileTypes: true })).filter((one) => one.isFile());
  const texts = files.map(async ({ parentPath, name }) => {
    const path = join(parentPath, name);
    if (name.endsWith('.parquet')) return path;
    const text = (await readFile(path)).toString('latin1');
    return `${path} ${text.replace(/"(?:base64|nextLink|link)":"[^"]*"/g, '')}`;
  });
  return (await Promise.all(texts)).join('\n');
}

/** The canary as it is, as bytes of UTF-16, and packed; of the number a few digits. */
const FORMS = [
  CANARY,
  [...CANARY].join('\0'),
  Buffer.from(CANARY).toString('base64').slice(0, 7),
  NUMERIC_CANARY.slice(0, 9),
];
const leaks = (text: string) =>
  FORMS.flatMap((form) => {
    const at = text.toLowerCase().indexOf(form.toLowerCase());
    return at < 0 ? [] : [text.slice(Math.max(0, at - 200), at + 100)];
  });

describe('what is planted in an answer', () => {
  let twin: TestTwin;
  let between: TestServer;
  let malform: Malform = (answer) => answer;
  let env: Readonly<Record<string, string>>;
  beforeAll(async () => {
    twin = await startTwin({
      teams: 1,
      channels: 2,
      messages: 12,
      users: 6,
      seed: 5,
      limits: 'none',
      profile: 'recorded',
    });
    between = await startBetween(twin, () => malform);
    env = { ...twin.env, TEAMS_GRAPH_URL: `${between.url}/v1.0`, TEAMS_LOGIN_URL: between.url };
  });
  afterAll(async () => {
    await between.close();
    await twin.close();
  });

  it('is nothing where nothing is malformed', async () => {
    malform = (answer) => answer;
    const { said, outcome } = await everythingSaid(env);
    expect([outcome, leaks(said)]).toEqual(['ok', []]);
  });

  it.each(Object.entries(MALFORMED))('%s: is in no output', async (_name, change) => {
    for (const [place, isThere] of Object.entries(PLACES)) {
      let changed = 0;
      malform = (answer, url) => {
        if (!isThere(url)) return answer;
        changed += 1;
        return change(answer);
      };
      const { said } = await everythingSaid(env);
      expect(leaks(said), place).toEqual([]);
      if (place !== 'every page but the first') expect(changed, place).toBeGreaterThan(0);
      expect(said, place).not.toContain('a mistake in Sluice');
    }
  });
});
