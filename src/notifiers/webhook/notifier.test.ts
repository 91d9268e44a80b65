import { describe, expect, it } from 'vitest';
import { fakeTelemetry } from '../../../test/support/fake-telemetry.ts';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import type { TeamsPayload } from '../../cards/envelope.ts';
import { SluiceError } from '../../errors/sluice-error.ts';
import { Secret } from '../../runtime/secret.ts';
import type { WebhookDestination } from './destination.ts';
import { createWebhookNotifier, type WebhookNotifierOptions } from './notifier.ts';
import { WebhookUrl } from './webhook-url.ts';

const url = (name: string) =>
  WebhookUrl.parse(`https://h.example/${name}`, { allow: { hosts: ['h.example'] }, identityKey: new Secret('k') });
const [primary, secondary] = [url('primary'), url('secondary')];
const endpointOf = ({ identity }: WebhookUrl) => identity;
const OPS = {};

/** A notifier for `ops` whose URLs answer these statuses. */
function setUp(over: Partial<WebhookDestination> = {}, options: Partial<WebhookNotifierOptions<object>> = {}) {
  const statuses: Record<string, number> = { primary: 202, secondary: 202 };
  const asked: string[] = [];
  const telemetry = fakeTelemetry();
  const runtime = new VirtualClock();
  const notifier = createWebhookNotifier({
    resolve: () => ({ primary, ...over }),
    send: async (request) => {
      const name = request.url.split('/').at(-1)!;
      asked.push(name);
      await runtime.pass(40);
      return { status: statuses[name]!, headers: {}, body: Buffer.from('') };
    },
    runtime,
    telemetry,
    ...options,
  });
  const notify = (payload: unknown = {}, endpoint?: string) => {
    const message = { id: 'm1', to: 'ops', receiver: OPS, body: payload as TeamsPayload, text: () => '', attempt: 1 };
    return notifier.notify({ ...message, endpoint }, new AbortController().signal);
  };
  return { notifier, notify, statuses, asked, telemetry, runtime };
}

describe('the webhook notifier', () => {
  it('makes one attempt and measures it', async () => {
    const { notify, asked, telemetry } = setUp();
    expect(await notify()).toEqual({ kind: 'accepted', endpoint: endpointOf(primary) });
    expect(asked).toEqual(['primary']);
    // Whether a delivery is over is known to the outbox, which counts it.
    expect(telemetry.counts).toEqual([]);
    expect(telemetry.records).toEqual([{ name: 'teams.webhook.latency_ms', value: 40 }]);
    expect(telemetry.spans).toEqual([
      { name: 'teams.webhook.send', attributes: { webhook: primary.identity, outcome: 'accepted' } },
    ]);
  });

  it('does not time what never went out', async () => {
    const { notify, statuses, telemetry } = setUp();
    statuses['primary'] = 503;
    expect((await notify()).kind).toBe('retry');
    expect((await notify('x'.repeat(30_000))).kind).toBe('permanent');
    expect(telemetry.records.length).toBe(1);
  });

  it('uses the second URL when the first is refused, and says what each answered', async () => {
    const { notify, statuses, asked, notifier } = setUp({ secondary });
    statuses['primary'] = 404;
    expect(await notify()).toMatchObject({
      kind: 'accepted',
      endpoint: endpointOf(secondary),
      refusals: [{ endpoint: endpointOf(primary), outcome: { kind: 'permanent', blame: 'gone' } }],
    });
    expect(notifier.endpoints(OPS)).toEqual([endpointOf(primary), endpointOf(secondary)]);
    expect(asked).toEqual(['primary', 'secondary']);
  });

  it('begins with the URL that is chosen: those before it are out', async () => {
    const { notify, asked } = setUp({ secondary });
    expect(await notify({}, endpointOf(secondary))).toMatchObject({ kind: 'accepted' });
    expect(asked).toEqual(['secondary']);
  });

  it('puts a URL last from the day that it is to be replaced', async () => {
    const runtime = new VirtualClock();
    const { notifier } = setUp({ secondary, expiresAtMs: runtime.now() });
    expect(notifier.endpoints(OPS)).toEqual([endpointOf(secondary), endpointOf(primary)]);
  });

  it.each([500, 429, 200, 413])(
    'stays with the first URL after %i: it may have posted, or will not take it either',
    async (status) => {
      const { notify, statuses, asked } = setUp({ secondary });
      statuses['primary'] = status;
      await notify();
      expect(asked).toEqual(['primary']);
    },
  );

  it('warns once, ahead of the day that the owner named', async () => {
    const runtime = new VirtualClock();
    const { notify, telemetry } = setUp({ expiresAtMs: runtime.now() + 5.5 * 86_400_000 });
    await notify();
    await notify();
    expect(telemetry.logs.filter(({ event }) => event === 'webhook.expires')).toMatchObject([
      { fields: { daysLeft: 5 } },
    ]);
  });

  it('with a retired URL is gone until it is replaced', async () => {
    const retired = new SluiceError({
      code: 'webhook_retired',
      recovery: 'user_action',
      surface: 'webhook',
      message: 'x',
    });
    let replaced = false;
    const resolve = () => {
      if (!replaced) throw retired;
      return { primary };
    };
    const { notify, notifier, asked } = setUp({}, { resolve });
    expect(await notify()).toEqual({ kind: 'permanent', error: retired, blame: 'gone' });
    expect(notifier.endpoints(OPS)).toEqual([]);
    expect(asked).toEqual([]);
    replaced = true;
    expect(await notify()).toMatchObject({ kind: 'accepted' });
    expect(notifier.endpoints(OPS)).toEqual([endpointOf(primary)]);
  });
});
