import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createConfigHolder } from '../../../src/config/holder.ts';
import { systemRuntime } from '../../../src/runtime/runtime.ts';
import { Sender } from '../../../src/sending/sender.ts';
import { createTelemetry } from '../../../src/telemetry/telemetry.ts';
import { servedSender, servedWebhooks, type TestWebhooks, until } from '../../support/sending.ts';
import { registerTracing } from '../../support/tracing.ts';

let twin: TestWebhooks;
let folder: string;
beforeAll(async () => {
  twin = await servedWebhooks();
  folder = await mkdtemp(join(tmpdir(), 'sluice-trace-'));
});
afterAll(async () => {
  await twin[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const caller = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
const traceparent = `00-${caller.traceId}-${caller.spanId}-01`;
const linked = (span: ReadableSpan | undefined) => span?.links.map(({ context }) => context.spanId);
const idOf = (span: ReadableSpan | undefined) => span?.spanContext().spanId;

it("leads from the caller's request to the deliveries, although the server was restarted in between", async () => {
  using tracing = registerTracing();
  const settings = {
    receivers: { ops: { webhook: twin.url } },
    webhooks: { twin_hosts: [twin.host] },
    routing: { route: { receivers: ['ops'], group_wait: '1h' } },
  };
  {
    await using first = await servedSender(settings, { folder });
    for (const [index, text] of ['canary one', 'canary two'].entries()) {
      const state = index === 0 ? { tracestate: 'vendor=1' } : undefined;
      const answer = await first.post('/v1/notifications', { text }, { traceparent, ...state });
      expect(answer.status).toBe(202);
    }
  }
  const accepts = tracing.spans('teams.notification.accept');
  expect(accepts.map(({ parentSpanContext }) => parentSpanContext)).toMatchObject([caller, caller]);

  const anHourLater = { ...systemRuntime, now: () => systemRuntime.now() + 3_600_000 };
  await using _ = await servedSender(settings, { folder, runtime: anHourLater });
  await until(() => tracing.spans('teams.outbox.deliver').length > 0);
  const [flush] = tracing.spans('teams.routing.flush');
  const [deliver] = tracing.spans('teams.outbox.deliver');
  const [send] = tracing.spans('teams.webhook.send');
  expect(linked(flush)).toEqual(accepts.map(idOf));
  expect(flush!.links[0]!.context.traceState?.get('vendor')).toBe('1');
  expect(linked(deliver)).toEqual([idOf(flush)]);
  expect(deliver!.attributes).toMatchObject({ attempt: 1, outcome: 'accepted', 'messaging.destination.name': 'ops' });
  expect(send!.parentSpanContext!.spanId).toBe(idOf(deliver));
  const written = tracing.spans().map(({ attributes, links }) => [attributes, links]);
  expect(JSON.stringify(written)).not.toContain('canary');
});

it('leads from a message that is sent at once to its delivery', async () => {
  using tracing = registerTracing();
  const environment = {
    TEAMS_WEBHOOK_URL: twin.url,
    TEAMS_WEBHOOK_TWIN_HOSTS: twin.host,
    SLUICE_OUTBOX_URL: 'sqlite::memory:',
  };
  const config = await createConfigHolder({ environment, runtime: systemRuntime });
  await using sender = await Sender.open({ config, runtime: systemRuntime, telemetry: createTelemetry() });
  await sender.sendNow({ to: ['default'], content: { kind: 'text', text: 'green' } });
  const [accept] = tracing.spans('teams.notification.accept');
  expect(linked(tracing.spans('teams.outbox.deliver')[0])).toEqual([idOf(accept)]);
});
