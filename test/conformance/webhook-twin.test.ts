import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TeamsPayload } from '../../src/cards/envelope.ts';
import type { Transport } from '../../src/http/undici-transport.ts';
import type { Endpoint } from '../../src/notifiers/kind.ts';
import { guardedTransport } from '../../src/notifiers/webhook/guarded-transport.ts';
import { createWebhookNotifier } from '../../src/notifiers/webhook/notifier.ts';
import { sendWebhook } from '../../src/notifiers/webhook/send.ts';
import { WebhookUrl } from '../../src/notifiers/webhook/webhook-url.ts';
import { systemRuntime } from '../../src/runtime/runtime.ts';
import { Secret } from '../../src/runtime/secret.ts';
import { fromNode, toNode } from '../../src/simulator/protocol/node-exchange.ts';
import { behaviourNames } from '../../src/simulator/webhooks/behaviours.ts';
import { type WebhookRoutes, webhookRoutes } from '../../src/simulator/webhooks/webhook-routes.ts';
import { fakeTelemetry } from '../support/fake-telemetry.ts';

const payload = {
  type: 'message',
  attachments: [
    {
      contentType: 'application/vnd.microsoft.card.adaptive',
      contentUrl: null,
      content: { type: 'AdaptiveCard', version: '1.4', body: [{ type: 'TextBlock', text: 'Build 512 is green' }] },
    },
  ],
};

/** What the sender must make of everything that the twin can do, and whether the message is in the channel then. */
const expected: Record<string, readonly [outcome: string, posted: boolean]> = {
  flow: ['accepted', true],
  'flow-fails': ['accepted', false],
  'flow-response': ['delivered', true],
  status: ['retry', false],
  throttle: ['retry', false],
  'executed-status': ['unknown', true],
  redirect: ['permanent', false],
  reset: ['unknown', false],
  'executed-reset': ['unknown', true],
  hang: ['unknown', false],
  'executed-hang': ['unknown', true],
  retired: ['permanent', false],
  unreachable: ['retry', false],
  dump: ['unknown', false],
  connector: ['delivered', true],
};

describe('the sender against the twin, over real sockets', () => {
  let twin: WebhookRoutes;
  let server: Server;
  let base: string;
  let transport: Transport;
  /** For what never answers. */
  let impatient: Transport;

  beforeAll(async () => {
    twin = webhookRoutes({ runtime: systemRuntime, render: String, limits: 'none' });
    server = createServer(async (request, response) => {
      await toNode((await twin.handle(fromNode(request)))!, response, systemRuntime);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    transport = guardedTransport({ runtime: systemRuntime, timeoutMs: 60_000, allow: allow() });
    impatient = guardedTransport({ runtime: systemRuntime, timeoutMs: 500, allow: allow() });
  });
  afterAll(async () => {
    await Promise.all([transport.close(), impatient.close()]);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const allow = () => ({ twins: Object.values(twin.env(base)) });

  function send(url: string, id: string, { send } = transport) {
    const hook = WebhookUrl.parse(url, { allow: allow(), identityKey: new Secret('key') });
    return sendWebhook({ url: hook, id, payload, send, runtime: systemRuntime, receipt: 'posted' });
  }

  it('knows what to expect of every behaviour', () => {
    expect(Object.keys(expected).sort()).toEqual([...behaviourNames].sort());
  });

  it.each(Object.entries(expected))('%s: %o', async (behaviour, [outcome, posted]) => {
    const url = twin.add({ id: behaviour }, base);
    const script = JSON.stringify({ after: { do: behaviour } });
    await twin.app.request(`${base}/_twin/webhooks/${behaviour}/script`, { method: 'POST', body: script });
    const isSilent = ['hang', 'executed-hang'].includes(behaviour);
    expect((await send(url, 'm1', isSilent ? impatient : transport)).kind).toBe(outcome);
    const ledger = twin.ledger(behaviour);
    expect(ledger.map(({ messageId, run }) => [messageId, run === 'posted'])).toEqual([['m1', posted]]);
  });

  it('a repeat after an executed reset is one duplicate under the same id', async () => {
    const url = twin.add({ id: 'repeat' }, base);
    const script = JSON.stringify({ steps: [{ do: 'executed-reset' }] });
    await twin.app.request(`${base}/_twin/webhooks/repeat/script`, { method: 'POST', body: script });
    expect([(await send(url, 'm7')).kind, (await send(url, 'm7')).kind]).toEqual(['unknown', 'accepted']);
    expect(twin.ledger('repeat').map(({ duplicate }) => duplicate)).toEqual([false, true]);
  });

  it('one hanging webhook does not stand in the way of another', async () => {
    const [hanging, fine] = [twin.add({ id: 'hanging' }, base), twin.add({ id: 'fine' }, base)];
    const script = JSON.stringify({ after: { do: 'hang' } });
    await twin.app.request(`${base}/_twin/webhooks/hanging/script`, { method: 'POST', body: script });
    let hasEnded = false;
    const held = send(hanging, 'h').finally(() => {
      hasEnded = true;
    });
    await Promise.all(Array.from({ length: 20 }, (_, index) => send(fine, `f${index}`)));
    expect([hasEnded, twin.ledger('fine').length]).toEqual([false, 20]);
    server.closeAllConnections();
    expect((await held).kind).toBe('unknown');
  });

  it('a URL that is replaced while messages flow loses none and doubles none', async () => {
    const [before, after] = [twin.add({ id: 'before' }, base), twin.add({ id: 'after' }, base)];
    const hook = (url: string) => WebhookUrl.parse(url, { allow: allow(), identityKey: new Secret('key') });
    const [primary, secondary] = [hook(before), hook(after)];
    const notifier = createWebhookNotifier({
      resolve: () => ({ primary, secondary }),
      send: transport.send,
      runtime: systemRuntime,
      telemetry: fakeTelemetry(),
    });
    const script = JSON.stringify({ steps: [{ do: 'flow', times: 5 }], after: { do: 'status', status: 404 } });
    await twin.app.request(`${base}/_twin/webhooks/before/script`, { method: 'POST', body: script });
    const ids = Array.from({ length: 12 }, (_, index) => `r${index}`);
    let endpoint: Endpoint | undefined;
    for (const id of ids) {
      const body = payload as unknown as TeamsPayload;
      const message = { id, to: 'ops', receiver: {}, body, text: () => '', attempt: 1, endpoint };
      const outcome = await notifier.notify(message, new AbortController().signal);
      expect(outcome.kind).toBe('accepted');
      endpoint = outcome.endpoint;
    }
    const posted = ['before', 'after'].map((id) => twin.ledger(id).filter(({ run }) => run === 'posted'));
    expect(posted.map((entries) => entries.length)).toEqual([5, 7]);
    expect(posted.flat().map(({ messageId }) => messageId)).toEqual(ids);
    expect(twin.ledger('before')).toHaveLength(6);
  });

  it('the env of a twin opens that twin only', () => {
    const parse = (url: string) => WebhookUrl.parse(url, { allow: allow(), identityKey: new Secret('key') });
    expect(parse(twin.urls(base)[0]!).kind).toBe('configured');
    expect(() => parse(twin.urls('http://127.0.0.1:1')[0]!)).toThrow(/https/);
  });
});
