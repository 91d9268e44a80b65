import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { trace } from '@opentelemetry/api';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createConfigHolder } from '../../src/config/holder.ts';
import { checkConfig } from '../../src/config/load.ts';
import { isSluiceError } from '../../src/errors/sluice-error.ts';
import { systemRuntime } from '../../src/runtime/runtime.ts';
import { Sender } from '../../src/sending/sender.ts';
import { createTelemetry } from '../../src/telemetry/telemetry.ts';
import { json, servedSender, servedWebhooks, type TestServer, type TestWebhooks, until } from '../support/sending.ts';

const TEXT = 'canary message text';
const CLIENT_SECRET = 'canary+client/secret';
const API_KEY = 'canary-api-key';
const DATABASE_PASSWORD = 'canary-password';

/** Everything that left, by where it was seen. */
const seen: string[] = [];
const see = (...things: unknown[]) => {
  for (const thing of things) {
    seen.push(typeof thing === 'string' ? thing : inspect(thing, { depth: 20, showHidden: true }));
    if (typeof thing === 'object') seen.push(JSON.stringify(thing));
    if (thing instanceof Error) seen.push(String(thing), thing.stack ?? '', JSON.stringify(thing.cause ?? ''));
  }
};

const spans = new InMemorySpanExporter();
let folder: string;
let twin: TestWebhooks;
let signature: string;
let sender: TestServer;
const key = { 'x-api-key': API_KEY };

beforeAll(async () => {
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }));
  folder = await mkdtemp(join(tmpdir(), 'sluice-canary-'));
  twin = await servedWebhooks(['ops']);
  signature = new URL(twin.url).searchParams.get('sig')!;
  sender = await servedSender(
    {
      auth: { client_id: 'app', client_secret: CLIENT_SECRET },
      resilience: {
        max_retries: 0,
        request_timeout_ms: 300,
        circuit_breaker_threshold: 3,
        circuit_breaker_timeout_ms: 100,
      },
      receivers: { ops: { webhook: twin.url } },
      webhooks: { twin_hosts: [twin.host] },
      server: { api_keys: [{ key: API_KEY }] },
    },
    { folder },
  );
});
afterAll(async () => {
  await twin[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** The forms in which a secret could stand somewhere. */
function formsOf(secret: string): string[] {
  return [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    Buffer.from(secret).toString('base64').replace(/=+$/, ''),
    Buffer.from(secret).toString('hex'),
  ];
}

/** What the webhook does, with the secrets in its answers where it can. */
const steps = () => [
  ...[200, 302, 400, 401, 403, 404, 410, 413, 418, 429, 500, 502, 503].map((status) => ({
    do: 'status',
    status,
    body: `{"error":{"code":"${TEXT}","message":"${TEXT} sig=${signature}"}} ${TEXT}`,
  })),
  { do: 'redirect', body: `http://169.254.169.254/?sig=${signature}` },
  { do: 'throttle' },
  { do: 'reset' },
  { do: 'executed-reset' },
  { do: 'hang' },
];

it('no secret and no message text leaves on any error path', async () => {
  await badRequests();
  await failedDeliveries();
  await failedStarts();
  await failedReload();
  see((await sender.get('/metrics', key)).body, await sender.server.sender.outbox.list({ limit: 1_000 }));
  await sender[Symbol.asyncDispose]();
  see(sender.lines.join('\n'));
  for (const { name, attributes, status, events } of spans.getFinishedSpans())
    see({ name, attributes, status, events });

  expect(sender.lines.length).toBeGreaterThan(50);
  expect(spans.getFinishedSpans().length).toBeGreaterThan(20);
  const everything = seen.join('\n');
  for (const secret of [signature, TEXT, CLIENT_SECRET, API_KEY, DATABASE_PASSWORD]) {
    for (const form of formsOf(secret)) expect(everything.includes(form), `${secret} as ${form}`).toBe(false);
  }
});

it('no secret is stored', async () => {
  const stored = Buffer.concat(
    await Promise.all(
      ['outbox.db', 'outbox.db-wal'].map((name) => readFile(join(folder, name)).catch(() => Buffer.of())),
    ),
  );
  expect(stored.includes(TEXT)).toBe(true);
  for (const secret of [signature, CLIENT_SECRET, API_KEY]) expect(stored.includes(secret), secret).toBe(false);
});

async function badRequests(): Promise<void> {
  const card = {
    type: 'AdaptiveCard',
    version: '1.4',
    body: [{ type: 'Image', url: `http://10.0.0.1/?${signature}`, altText: TEXT }],
  };
  const bodies = [
    `{"text":"${TEXT}`,
    { text: TEXT, card: { type: TEXT } },
    { text: TEXT, status: TEXT },
    { text: TEXT, labels: { a: { b: TEXT } } },
    { card },
    { card: { ...card, body: [{ type: 'TextBlock', text: `<at>${TEXT}</at>` }] } },
    `${TEXT}`.repeat(200_000),
  ];
  for (const path of ['/v1/notifications', '/v1/alerts/alertmanager', '/v1/alerts/grafana', '/v1/silences']) {
    for (const body of bodies) {
      const answer = await sender.post(path, body, key);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      see(answer.body);
    }
    see((await sender.post(path, { text: TEXT }, { authorization: `Bearer ${API_KEY}x${signature}` })).body);
    see((await sender.post(path, TEXT, { ...key, 'content-type': 'text/plain' })).body);
  }
}

async function failedDeliveries(): Promise<void> {
  await twin.script('ops', { steps: steps() });
  let sent = 0;
  for (const _ of steps()) {
    expect((await sender.post('/v1/notifications', { text: `${TEXT} ${sent}` }, key)).status).toBe(202);
    sent += 1;
    await until(async () => (await finished()) === sent);
  }
  const { messages } = json((await sender.get('/v1/outbox', key)).body) as {
    messages: { id: string; errorCode?: string }[];
  };
  expect(new Set(messages.map(({ errorCode }) => errorCode)).size).toBeGreaterThan(5);
  for (const { id } of messages) see((await sender.get(`/v1/outbox/${id}`, key)).body);
  await twin.script('ops', { steps: [{ do: 'status', status: 403, body: `${TEXT} ${signature}` }] });
  const report = await sender.server.sender.sendNow({ to: ['ops'], content: { kind: 'text', text: TEXT }, waitMs: 0 });
  see(report, ...report.destinations.flatMap(({ error }) => error ?? []));
}

async function finished(): Promise<number> {
  const { states } = await sender.server.sender.outbox.stats();
  return states.dead + states.accepted + states.delivered;
}

/** Starts that must fail, with a secret in what is wrong. */
async function failedStarts(): Promise<void> {
  const environments = [
    { SLUICE_OUTBOX_URL: `postgres://user:${DATABASE_PASSWORD}@127.0.0.1:1/x` },
    { SLUICE_OUTBOX_URL: `mysql://user:${DATABASE_PASSWORD}@127.0.0.1:1/x` },
    { SLUICE_OUTBOX_URL: 'sqlite:/no/such/folder/x.db', TEAMS_CLIENT_SECRET: CLIENT_SECRET },
    { TEAMS_WEBHOOK_URL: `https://example.com/?sig=${signature}` },
    { TEAMS_CLIENT_CERTIFICATE: 'missing.pem', TEAMS_CLIENT_SECRET: CLIENT_SECRET, TEAMS_CLOUD: 'x' },
  ];
  for (const environment of environments) {
    await expect(start(environment)).rejects.toSatisfy((error) => {
      see(error);
      return isSluiceError(error);
    });
  }
}

async function start(environment: Readonly<Record<string, string | undefined>>): Promise<void> {
  const config = await createConfigHolder({ environment, runtime: systemRuntime });
  await using _ = await Sender.open({ config, runtime: systemRuntime, telemetry: createTelemetry() });
}

async function failedReload(): Promise<void> {
  const text = await readFile(sender.file, 'utf8');
  const broken = text.replace('"client_secret"', '"client_sekret"');
  await writeFile(sender.file, broken);
  await until(() => sender.lines.some((line) => line.includes('config.refused')));
  const checked = await checkConfig({ file: sender.file, environment: {} });
  see('faults' in checked ? checked.faults : []);
  await writeFile(sender.file, text);
  see(
    sender.server.sender,
    (await createConfigHolder({ file: sender.file, environment: {}, runtime: systemRuntime })).current(),
  );
}
