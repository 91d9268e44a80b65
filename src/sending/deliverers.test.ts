import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { fakeTelemetry } from '../../test/support/fake-telemetry.ts';
import { connectBotStore } from '../bot/store/bot-store.ts';
import type { TeamsPayload } from '../cards/index.ts';
import { textMessage, toTeamsPayload } from '../cards/index.ts';
import { configSchema } from '../config/schema.ts';
import type { Send } from '../http/types.ts';
import { botLimits, botTenantLimits } from '../limits/bot-limits.ts';
import type { Answer, NotifierKind } from '../notifiers/kind.ts';
import { houseKinds } from '../notifiers/kinds.ts';
import { systemRuntime } from '../runtime/runtime.ts';
import { Secret } from '../runtime/secret.ts';
import { Deliverers } from './deliverers.ts';
import { Destinations } from './destinations.ts';

const hook = (name: string) => `http://127.0.0.1:1/${name}`;
const body: TeamsPayload = toTeamsPayload(textMessage('Build 512 is green'));

interface Journal {
  readonly token: Secret;
  readonly book?: string | undefined;
}

/** What a notifier of another package may be: it answers what it is told to. */
function journal(answer: (token: string) => unknown, over: Partial<NotifierKind<Journal>> = {}): NotifierKind<Journal> {
  return {
    api: 1,
    name: 'journal',
    fields: ({ secret, text }) => ({ token: secret, book: text.optional() }),
    open: () => ({
      endpoints: ({ token, book }) => [book ?? token],
      notify: async ({ receiver }) => answer(receiver.token.reveal()) as Answer,
    }),
    ...over,
  };
}

function setUp(config: object, options: { kind?: NotifierKind<Journal>; send?: Send } = {}) {
  const kinds = [...houseKinds, ...(options.kind ? [options.kind] : [])];
  const schema = configSchema({ environment: {}, folder: '.' }, kinds);
  const parse = (given: object) => schema.parse({ webhooks: { twin_hosts: ['127.0.0.1:1'] }, ...given });
  let current = parse(config);
  const destinations = new Destinations(() => current);
  const deliverers = new Deliverers({
    config: () => current,
    destinations,
    runtime: systemRuntime,
    telemetry: fakeTelemetry(),
    identityKey: new Secret('k'),
    botStore: connectBotStore({ url: 'sqlite::memory:', runtime: systemRuntime }),
    send: options.send,
  });
  const notify = (destination: string, by = 'webhook') =>
    deliverers
      .all()
      .find(({ name }) => name === by)!
      .notify({ id: 'm1', destination, payload: body, attempt: 1 }, new AbortController().signal);
  const reload = (given: object) => {
    current = parse(given);
  };
  const windowsOf = (destination: string) =>
    deliverers.limits({
      notifier: 'webhook',
      destination,
      lane: 'l',
      endpoint: deliverers.endpointsOf(destination)[0]!,
    });
  return { deliverers, notify, reload, windowsOf };
}

const answering =
  (status: number, asked: string[] = []): Send =>
  async ({ url }) => {
    asked.push(url);
    return { status, headers: {}, body: new Uint8Array() };
  };

describe('receivers that a bot speaks to', () => {
  const tenant = '22222222-2222-4222-8222-222222222222';
  const bot = { app_id: '11111111-1111-4111-8111-111111111111', app_secret: 'canary-secret' };
  const at = (receivers: object) => setUp({ auth: { tenant_id: tenant }, bot, receivers }).deliverers;
  const scopesOf = (deliverers: Deliverers, destination: string) => {
    const [endpoint] = deliverers.endpointsOf(destination) as [string];
    return deliverers.limits({ notifier: 'bot', destination, lane: `bot/${destination}`, endpoint });
  };
  const receivers = {
    a: { notifier: 'bot', chat: '19:x@thread.v2' },
    b: { notifier: 'bot', conversation: '19:x@thread.v2' },
    c: { notifier: 'bot', channel: '19:y@thread.tacv2' },
    d: { notifier: 'bot', channel: '19:y@thread.tacv2', thread: '17' },
  };

  it('share the windows of a conversation when they are the same, and those of the app in any case', () => {
    const deliverers = at(receivers);
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => scopesOf(deliverers, name));
    expect(a).toEqual(b);
    expect(a!.map(({ windows }) => windows)).toEqual([botLimits.send, botTenantLimits]);
    expect(new Set([a, c, d].map((scopes) => scopes![0]!.scope)).size).toBe(3);
    expect(new Set([a, c, d].map((scopes) => scopes![1]!.scope)).size).toBe(1);
    expect(JSON.stringify([a, c, d])).not.toMatch(/19:|1111|canary/);
  });

  it.each<[string, object]>([
    ['no place', {}],
    ['two places', { chat: '19:x@thread.v2', user: 'ann' }],
    ['a thread without its channel', { chat: '19:x@thread.v2', thread: '17' }],
    ['a thread that is none', { channel: '19:y@thread.tacv2', thread: '../17' }],
  ])('are refused with %s', (_, fields) => {
    expect(() => at({ wrong: { notifier: 'bot', ...fields } })).toThrow();
  });

  it('are refused without a bot', () => {
    expect(() => setUp({ receivers })).toThrow(/bot\.app_id/);
  });
});

describe('a receiver that is a webhook', () => {
  it('is asked at its second URL when the first is refused, as configured now', async () => {
    const asked: string[] = [];
    const { notify, reload, deliverers } = setUp(
      { receivers: { ops: { webhook: [hook('old'), hook('new')] } } },
      { send: answering(404, asked) },
    );
    const [old, replaced] = deliverers.endpointsOf('ops');
    expect(await notify('ops')).toMatchObject({ kind: 'permanent', endpoint: replaced, refusals: [{ endpoint: old }] });
    reload({ receivers: { ops: { webhook: hook('newer') } } });
    await notify('ops');
    expect(asked).toEqual([hook('old'), hook('new'), hook('newer')]);
  });

  it('has the published windows, or tighter ones, for each of its URLs', () => {
    const receivers = { ops: { webhook: hook('a') } };
    const [scope] = setUp({ receivers }).windowsOf('ops');
    expect(scope!.scope).toMatch(/^webhook:[0-9a-f]{16}$/);
    expect(scope!.windows).toContainEqual({ limit: 4, windowMs: 1_000 });
    expect(scope!.windows).toContainEqual({ limit: 60, windowMs: 30_000 });
    const tight = setUp({ receivers, resilience: { webhook_rate_limit_per_second: 2 } });
    expect(tight.windowsOf('ops')[0]!.windows).toContainEqual({ limit: 2, windowMs: 1_000 });
  });

  it('is one endpoint for tenants that share it, and none for others', async () => {
    const tenants = { multi_tenant: { enabled: true, allowed_tenants: ['contoso', 'fabrikam'] } };
    const keys = { server: { api_keys: [{ key: 'k', tenant: 'contoso' }] } };
    const { deliverers, notify, windowsOf } = setUp({
      ...keys,
      multi_tenant: { ...tenants.multi_tenant, isolation: 'shared_receivers' },
      receivers: { default: { webhook: hook('shared') }, a: { webhook: hook('a'), tenant: 'contoso' } },
    });
    const [contoso, fabrikam] = ['contoso', 'fabrikam'].map((tenant) => deliverers.endpointsOf(`${tenant}/default`)[0]);
    expect(contoso).toBe(fabrikam);
    expect(deliverers.endpointsOf('fabrikam/a')).toEqual(['webhook/fabrikam/a', 'bot/fabrikam/a']);
    expect(windowsOf('fabrikam/a')).toEqual([]);
    expect(await notify('fabrikam/a')).toMatchObject({ kind: 'permanent', error: { code: 'tenant_isolated' } });
    // Stored before there were several tenants.
    expect(await notify('a')).toMatchObject({ kind: 'permanent', error: { code: 'destination_unknown' } });
  });

  it('is given up within the time that the configuration gives a request', async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const outcomeOf = async (scheme: string, resilience: object) => {
      const webhooks = { twin_hosts: [`127.0.0.1:${port}`] };
      const receivers = { ops: { webhook: `${scheme}://127.0.0.1:${port}/` } };
      const { notify, deliverers } = setUp({ webhooks, receivers, resilience });
      const outcome = await notify('ops');
      await deliverers.close();
      return outcome;
    };
    // It may have been posted.
    expect(await outcomeOf('http', { request_timeout_ms: 150 })).toMatchObject({
      kind: 'unknown',
      error: { cause: { code: 'timeout', details: { timeoutMs: 150 } } },
    });
    expect(await outcomeOf('https', { connection_timeout_ms: 150 })).toMatchObject({
      kind: 'retry',
      error: { cause: { code: 'timeout', details: { sent: false } } },
    });
    silent.close();
  });
});

describe('a receiver of a notifier from elsewhere', () => {
  const token = 'token-of-the-journal';
  const receivers = { log: { notifier: 'journal', token } };

  it('is told without the secrets of its receiver, whatever the notifier says', async () => {
    const kind = journal((secret) => ({
      kind: 'retry',
      error: { code: 'journal_full', message: `No room for ${secret}.`, hint: `Ask for ${secret}.` },
    }));
    const outcome = await setUp({ receivers }, { kind }).notify('log', 'journal');
    expect(outcome).toMatchObject({ kind: 'retry', error: { code: 'journal_full', surface: 'notifier' } });
    expect(String('error' in outcome && outcome.error.message)).toBe('No room for [secret]. Ask for [secret].');
    const receipt = journal((secret) => ({ kind: 'delivered', id: `at ${secret}` }));
    expect(await setUp({ receivers }, { kind: receipt }).notify('log', 'journal')).toMatchObject({ id: 'at [secret]' });
  });

  it('names its endpoints itself; of a secret a hash is shown', () => {
    const kind = journal(() => ({ kind: 'accepted' }));
    const endpointOf = (more: object) =>
      setUp({ receivers: { log: { ...receivers.log, ...more } } }, { kind }).deliverers.endpointsOf('log');
    expect(endpointOf({ book: 'north' })).toEqual(['journal:north']);
    expect(endpointOf({})).toEqual([expect.stringMatching(/^journal:[0-9a-f]{16}$/)]);
    expect(endpointOf({ book: `b-${token}` })).toEqual([expect.stringMatching(/^journal:[0-9a-f]{16}$/)]);
    expect(endpointOf({ book: 'https://example.com/b' })).toEqual([expect.stringMatching(/^journal:[0-9a-f]{16}$/)]);
  });

  it.each([
    [
      'throws',
      {
        endpoints: () => {
          throw new Error('x');
        },
      },
      ['journal/log'],
    ],
    ['names none', { endpoints: () => [] }, ['journal/log']],
  ])('has one endpoint of its own where its notifier %s', (_, over, expected) => {
    const kind = journal(() => ({ kind: 'accepted' }), {
      open: () => ({ notify: async () => ({ kind: 'accepted' }), ...over }),
    });
    expect(setUp({ receivers }, { kind }).deliverers.endpointsOf('log')).toEqual(expected);
  });

  it('gets what was stored for another notifier, once it is configured so', async () => {
    const kind = journal(() => ({ kind: 'delivered', id: 'r1' }));
    const { notify } = setUp({ receivers }, { kind });
    expect(await notify('log', 'webhook')).toMatchObject({ kind: 'delivered', id: 'r1' });
  });

  it('has the windows of its notifier', () => {
    const kind = journal(() => ({ kind: 'accepted' }), { windows: () => [{ limit: 3, windowMs: 60_000 }] });
    const { windowsOf } = setUp({ receivers: { log: { ...receivers.log, book: 'north' } } }, { kind });
    expect(windowsOf('log')).toEqual([{ scope: 'journal:north', windows: [{ limit: 3, windowMs: 60_000 }] }]);
  });
});
