// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the template language writes placeholders this way
import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  json,
  servedSender,
  servedWebhooks,
  type TestServer,
  type TestWebhooks,
  until,
} from '../../support/sending.ts';

let twin: TestWebhooks;
beforeAll(async () => {
  twin = await servedWebhooks(['ops', 'builds']);
});
afterAll(async () => {
  await twin[Symbol.asyncDispose]();
});

const urlOf = (id: string) => twin.webhooks.urls(twin.base).find((url) => url.includes(`/${id}/`))!;
const fresh = async () => {
  await fetch(`${twin.base}/_twin/webhooks/reset`, { method: 'POST' });
};

const alert = (name: string, status: 'firing' | 'resolved' = 'firing') => ({
  status,
  labels: { alertname: name, severity: 'critical', instance: 'db-1' },
  annotations: { summary: `${name} on db-1` },
  startsAt: '2026-01-05T11:59:30Z',
  endsAt: status === 'resolved' ? '2026-01-05T12:10:00Z' : '0001-01-01T00:00:00Z',
  generatorURL: 'http://prometheus:9090/graph',
  fingerprint: `print-${name}`,
});
const alertmanager = (...alerts: ReturnType<typeof alert>[]) => ({ version: '4', alerts });

describe('sluice serve', () => {
  it('delivers what Alertmanager posts with nothing but a URL, and then that it is resolved', async () => {
    await fresh();
    await using sender = await start({});
    const answer = await sender.post('/v1/alerts/alertmanager', alertmanager(alert('DiskFull'), alert('Slow')));
    expect(answer.status).toBe(202);
    expect(json(answer.body)).toMatchObject({ accepted: 2, notifications: [{ routes: ['default'] }, {}] });
    await until(() => twin.webhooks.ledger('ops').length === 1);
    expect(await twin.channel('ops'), 'one body, one message').toMatch(/DiskFull[\s\S]*Slow/);
    await sender.post('/v1/alerts/alertmanager', alertmanager(alert('DiskFull', 'resolved')));
    await until(() => twin.webhooks.ledger('ops').length === 2);
    expect(await twin.channel('ops')).toMatch(/Resolved[\s\S]*DiskFull/);
  });

  it('takes Grafana, own notifications and templates, and routes them', async () => {
    await fresh();
    const template = {
      type: 'AdaptiveCard',
      version: '1.4',
      body: [{ type: 'TextBlock', text: 'Release ${name}', wrap: true }],
    };
    await using sender = await start(
      {
        receivers: { ops: { webhook: urlOf('ops') }, builds: { webhook: urlOf('builds') } },
        templates: { release: 'release.json' },
        routing: {
          route: {
            receivers: ['ops'],
            group_wait: '0s',
            routes: [{ id: 'builds', matchers: ['tag="ci"'], receivers: ['builds'], group_by: ['...'] }],
          },
        },
      },
      { 'release.json': template },
    );
    const sent = await Promise.all([
      sender.post('/v1/alerts/grafana', { alerts: [alert('Lag')] }),
      sender.post('/v1/notifications', { text: 'Build 512 is green', tags: ['ci'] }),
      sender.post('/v1/notifications', { template: 'release', data: { name: '1.4' }, tags: ['ci'] }),
    ]);
    expect(sent.map(({ status }) => status)).toEqual([202, 202, 202]);
    await until(() => twin.webhooks.ledger('builds').length === 2 && twin.webhooks.ledger('ops').length === 1);
    const channel = await twin.channel('builds');
    expect(channel).toContain('Build 512 is green');
    expect(channel).toContain('Release 1.4');
    const metrics = (await sender.get('/metrics')).body;
    expect(metrics).toContain(
      'teams_routing_messages_routed_total{rule_id="builds",destination_type="webhook",status="queued"} 2',
    );
    await until(async () => (await sender.get('/metrics')).body.includes('teams_outbox_messages{state="accepted"} 3'));
    expect((await sender.get('/metrics')).body).toContain(
      'teams_webhook_messages_sent_total{status="accepted",tenant_id="default"} 3',
    );
  });

  it('keeps what it took over a restart: groups that wait, and silences', async () => {
    await fresh();
    const config = {
      routing: { mode: 'group', route: { receivers: ['ops'], group_by: ['alertname'], group_wait: '1s' } },
    };
    const first = await start(config);
    const { folder } = first;
    const silence = { matchers: ['alertname="Muted"'], endsAt: '2099-01-01T00:00:00Z', createdBy: 'ann' };
    expect((await first.post('/v1/silences', silence)).status).toBe(201);
    const now = new Date().toISOString();
    const alerts = [alert('Kept'), alert('Muted')].map((one) => ({ ...one, startsAt: now }));
    await first.post('/v1/alerts/alertmanager', alertmanager(...alerts));
    await first.server.stop();
    expect(twin.webhooks.ledger('ops')).toEqual([]);
    await using second = await servedSender({ ...base(), ...config }, { folder });
    await until(() => twin.webhooks.ledger('ops').length === 1);
    expect(await twin.channel('ops')).toContain('Kept');
    const { silences } = json((await second.get('/v1/silences')).body) as { silences: { id: string }[] };
    expect(silences).toMatchObject([{ createdBy: 'ann' }]);
    expect((await fetch(`${second.server.url}/v1/silences/${silences[0]!.id}`, { method: 'DELETE' })).status).toBe(200);
  });

  it('goes on with the old configuration when the new one is wrong, and takes the next good one', async () => {
    await fresh();
    await using sender = await start({});
    const text = await readFile(sender.file, 'utf8');
    await writeFile(sender.file, text.replace('"receivers"', '"recievers"'));
    await until(() => sender.lines.some((line) => line.includes('config.refused')));
    expect(sender.lines.find((line) => line.includes('config.refused'))).toMatch(
      /sluice\.yaml:\d+:\d+ recievers: Unknown key/,
    );
    await sender.post('/v1/notifications', { text: 'still here' });
    await until(() => twin.webhooks.ledger('ops').length > 0);
    await writeFile(sender.file, text.replaceAll(urlOf('ops'), urlOf('builds')));
    await until(() => sender.lines.some((line) => line.includes('config.reloaded')));
    await sender.post('/v1/notifications', { text: 'moved' });
    await until(() => twin.webhooks.ledger('builds').length > 0);
  });

  it('stops on error: the second receiver gets nothing when the first refused', async () => {
    await fresh();
    await twin.script('ops', { steps: [{ do: 'status', status: 403 }] });
    const both = { id: 'both', receivers: ['ops', 'builds'], stop_on_error: true, group_wait: '0s' };
    await using sender = await start({
      receivers: { ops: { webhook: urlOf('ops') }, builds: { webhook: urlOf('builds') } },
      routing: { route: { receivers: ['ops'], routes: [both] } },
    });
    await sender.post('/v1/notifications', { text: 'first' });
    await until(
      async () =>
        (json((await sender.get('/v1/outbox?state=dead')).body) as { messages: unknown[] }).messages.length === 2,
    );
    const { messages } = json((await sender.get('/v1/outbox?state=dead')).body) as {
      messages: { errorCode: string; id: string }[];
    };
    expect(messages.map(({ errorCode }) => errorCode).sort()).toEqual(['permission_denied', 'stopped_on_error']);
    expect(twin.webhooks.ledger('builds')).toEqual([]);
    const shown = (await sender.get(`/v1/outbox/${messages[0]!.id}`)).body;
    expect(shown).toContain('history');
    expect(shown).not.toContain('first');
  });
});

const base = () => ({
  receivers: { ops: { webhook: urlOf('ops') } },
  webhooks: { twin_hosts: [twin.host] },
});

async function start(config: Readonly<Record<string, unknown>>, files = {}): Promise<TestServer> {
  return await servedSender({ ...base(), ...config }, { files });
}
