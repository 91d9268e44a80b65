import type { ServerResponse } from 'node:http';
import { Writable } from 'node:stream';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TeamsPayload } from '../../src/cards/envelope.ts';
import { guardedTransport } from '../../src/notifiers/webhook/guarded-transport.ts';
import { createWebhookNotifier } from '../../src/notifiers/webhook/notifier.ts';
import { WebhookUrl } from '../../src/notifiers/webhook/webhook-url.ts';
import { systemRuntime } from '../../src/runtime/runtime.ts';
import { Secret } from '../../src/runtime/secret.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { createTelemetry } from '../../src/telemetry/telemetry.ts';
import { startServer, type TestServer } from '../support/http-server.ts';

const SIGNATURE = 'canary/s1gn4ture+value';
const TEXT = 'canary text of the message';

/** The ways in which a secret may be written down. */
const spellings = [SIGNATURE, TEXT].flatMap((secret) => [
  secret,
  encodeURIComponent(secret),
  Buffer.from(secret).toString('base64').replace(/=+$/, ''),
  Buffer.from(secret).toString('hex'),
]);

/** Everything that can be seen of a value: printed, inspected with hidden parts, as JSON, and its causes. */
function seen(value: unknown): string {
  const shown = [String(value), inspect(value, { depth: 12, showHidden: true, getters: true }), JSON.stringify(value)];
  if (value instanceof Error) {
    shown.push(value.message, value.stack ?? '', JSON.stringify(value, Object.getOwnPropertyNames(value)));
    if (value.cause) shown.push(seen(value.cause));
  }
  return shown.join('\n');
}

const found = (text: string) => spellings.filter((spelling) => text.includes(spelling));

/** Answers that quote the request back, so that nothing of an answer may be copied either. */
const answers: Record<string, (response: ServerResponse, echo: string) => unknown> = {
  ...Object.fromEntries(
    [200, 202, 302, 400, 401, 404, 413, 418, 429, 500].map((status) => [
      `status ${status}`,
      (response: ServerResponse, echo: string) =>
        response.writeHead(status, { location: '/', 'x-echo': encodeURIComponent(echo) }).end(echo),
    ]),
  ),
  'code that quotes': (response, echo) =>
    response.writeHead(400).end(JSON.stringify({ error: { code: echo, message: echo } })),
  reset: (response) => response.socket?.resetAndDestroy(),
  hang: () => {},
  broken: (response, echo) => response.write(echo, () => response.destroy()),
  'no HTTP': (response, echo) => response.socket?.end(`${echo}\r\n\r\n`),
  'bad chunk': (response, echo) =>
    response.socket?.end(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${echo}\r\n`),
  'too large': (response, echo) => response.end(echo.repeat(2_000)),
  'bad encoding': (response, echo) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(echo),
};

describe('the signature and the text of a message', () => {
  let server: TestServer;
  let answer: (response: ServerResponse, echo: string) => unknown = () => {};

  beforeAll(async () => {
    server = await startServer((request, response) => answer(response, `${request.url} ${SIGNATURE} ${request.body}`));
  });
  afterAll(() => server.close());

  function setUp(base: string) {
    const lines: string[] = [];
    const destination = new Writable({
      write: (chunk, _, done) => {
        lines.push(String(chunk));
        done();
      },
    });
    const telemetry = createTelemetry({ logger: createLogger({ level: 'debug', destination }) });
    const host = new URL(base).host;
    const transport = guardedTransport({ runtime: systemRuntime, timeoutMs: 300, allow: { twins: [host] } });
    const primary = WebhookUrl.parse(`${base}/hook?sig=${encodeURIComponent(SIGNATURE)}`, {
      allow: { twins: [host] },
      identityKey: new Secret('key'),
    });
    const resolve = () => ({ primary });
    const notifier = createWebhookNotifier({ resolve, send: transport.send, runtime: systemRuntime, telemetry });
    return { lines, notifier, transport, primary };
  }

  async function leaks(base: string) {
    const { lines, notifier, transport, primary } = setUp(base);
    const body = { text: TEXT } as unknown as TeamsPayload;
    const message = { id: 'm', to: 'ops', receiver: {}, body, text: () => TEXT, attempt: 1 };
    const outcome = await notifier.notify(message, AbortSignal.timeout(5_000));
    await transport.close();
    expect(lines.length).toBeGreaterThan(0);
    return found(
      [
        seen(outcome),
        'error' in outcome && seen(outcome.error),
        seen(notifier),
        seen(notifier.endpoints({})),
        seen(primary),
        ...lines,
      ].join('\n'),
    );
  }

  it.each(Object.keys(answers))('stay inside after %s', async (name) => {
    answer = answers[name]!;
    expect(await leaks(server.url)).toEqual([]);
  });

  it('stay inside when nobody is there', async () => {
    expect(await leaks('http://127.0.0.1:9')).toEqual([]);
  });

  it('would be found if they were shown', () => {
    expect(found(seen(new Error('outer', { cause: new Error(`?sig=${encodeURIComponent(SIGNATURE)}`) })))).toHaveLength(
      1,
    );
  });
});
