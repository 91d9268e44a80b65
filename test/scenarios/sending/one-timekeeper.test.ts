import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  json,
  servedSender,
  servedWebhooks,
  type TestServer,
  type TestWebhooks,
  until,
} from '../../support/sending.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

let twin: TestWebhooks;
beforeAll(async () => {
  twin = await servedWebhooks(['ops', 'builds']);
});
afterAll(async () => {
  await twin[Symbol.asyncDispose]();
});

const MINUTE = 60_000;
const body = (cluster: string, status = 'firing') => ({
  version: '4',
  groupKey: `{}:{cluster="${cluster}"}`,
  status,
  receiver: 'sluice',
  groupLabels: { cluster },
  externalURL: 'http://alertmanager:9093',
  alerts: [
    {
      status,
      labels: { alertname: 'DiskFull', cluster },
      annotations: { summary: `Disk of ${cluster} is full` },
      startsAt: '2027-01-15T07:00:00Z',
      fingerprint: cluster,
    },
  ],
});

it('forwards each body once: a retry is none, a repeat is one, also after a restart; groups stay apart', async () => {
  const runtime = new VirtualClock({ seed: 1 });
  const [ops] = twin.webhooks.urls(twin.base);
  const config = { receivers: { ops: { webhook: ops } }, webhooks: { twin_hosts: [twin.host] } };
  const posted = () => twin.webhooks.ledger('ops').filter(({ run }) => run === 'posted').length;
  /** What is still in flight when time moves on for days is given up. */
  const accepted = async (server: TestServer, count: number) => {
    await until(async () => {
      const { messages } = json((await server.get('/v1/outbox?state=accepted')).body) as { messages: unknown[] };
      return messages.length === count;
    });
    expect(posted()).toBe(count);
  };
  const first = await servedSender(config, { runtime });
  const { folder } = first;
  expect(json((await first.post('/v1/alerts/alertmanager', body('east'))).body)).not.toHaveProperty('retry');
  expect(json((await first.post('/v1/alerts/alertmanager', body('east'))).body)).toMatchObject({ retry: true });
  await first.post('/v1/alerts/alertmanager', body('west'));
  await accepted(first, 2);
  await first.server.stop();

  await using second = await servedSender(config, { runtime, folder });
  expect(json((await second.post('/v1/alerts/alertmanager', body('west'))).body)).toMatchObject({ retry: true });
  runtime.advance(MINUTE);
  await second.post('/v1/alerts/alertmanager', body('west'));
  await accepted(second, 3);
  runtime.advance(200 * 60 * MINUTE);
  await second.post('/v1/alerts/alertmanager', body('east', 'resolved'));
  await until(() => posted() === 4);
  const channel = await twin.channel('ops');
  expect(channel.match(/Disk of west is full/g), 'nobody said that west is over').toHaveLength(2);
});

it('sends a group beside one whose link nothing can show, and says ready', async () => {
  const builds = twin.webhooks.urls(twin.base)[1]!;
  await using sender = await servedSender({
    receivers: { ops: { webhook: builds } },
    webhooks: { twin_hosts: [twin.host] },
    routing: { route: { receivers: ['ops'], group_by: ['alertname'], group_wait: '0s', group_interval: '1s' } },
  });
  for (const [index, mark] of ['\u202e', '\u007f', '\u0001', '\uffff'].entries()) {
    const alert = {
      status: 'firing',
      labels: { alertname: `Poison${index}` },
      links: { a: `https://a.example/${mark}` },
    };
    expect((await sender.post('/v1/notifications', alert)).status).toBe(202);
  }
  await sender.post('/v1/notifications', { status: 'firing', labels: { alertname: 'Healthy' } });
  await until(async () => (await twin.channel('builds')).includes('Healthy'));
  await until(async () => (await twin.channel('builds')).includes('Poison3'));
  expect((await sender.get('/readyz')).status).toBe(200);
});

it('says in the answer, the log and the metrics what a silence keeps back of a forwarded body', async () => {
  const [ops] = twin.webhooks.urls(twin.base);
  await using server = await servedSender({
    receivers: { ops: { webhook: ops } },
    webhooks: { twin_hosts: [twin.host] },
  });
  const silence = { matchers: ['cluster="muted"'], endsAt: '2099-01-01T00:00:00Z', createdBy: 'ann', comment: 'x' };
  const { id } = json((await server.post('/v1/silences', silence)).body) as { id: string };
  const answer = json((await server.post('/v1/alerts/alertmanager', body('muted'))).body);
  expect(answer).toMatchObject({
    accepted: 1,
    muted: 1,
    notifications: [{ fingerprint: 'muted', muted: [{ route: 'default', reason: `silence ${id}` }] }],
  });
  expect(json((await server.post('/v1/alerts/alertmanager', body('loud'))).body)).not.toHaveProperty('muted');
  expect((await server.get('/metrics')).body).toMatch(/status="muted"[^}]*\} 1/);
});
