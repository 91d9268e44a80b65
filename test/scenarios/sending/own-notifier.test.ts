import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { startServer } from '../../support/http-server.ts';
import { json, servedSender, servedWebhooks, until } from '../../support/sending.ts';

const inboxModule = fileURLToPath(new URL('../../../examples/notifier-inbox/index.js', import.meta.url));

/** An inbox that answers with the status it is told to. */
async function startInbox() {
  const answers = { status: 201 };
  const server = await startServer((_, response) => void response.writeHead(answers.status).end());
  const taken = () => server.requests.map(({ body }) => JSON.parse(String(body)) as Record<string, unknown>);
  return { answers, taken, url: `${server.url}/?token=canary-of-the-inbox`, close: () => server.close() };
}

it('a notifier of another package is routed to, fails, is redriven and delivers; other tenants see nothing of it', async () => {
  const inbox = await startInbox();
  await using twin = await servedWebhooks(['ops']);
  const folder = await mkdtemp(join(tmpdir(), 'sluice-own-'));
  const keys = { contoso: { authorization: 'Bearer c' }, fabrikam: { authorization: 'Bearer f' } };
  {
    await using served = await servedSender(
      {
        notifiers: [inboxModule],
        webhooks: { twin_hosts: [twin.host] },
        multi_tenant: { enabled: true, allowed_tenants: ['contoso', 'fabrikam'] },
        server: {
          api_keys: [
            { key: 'c', tenant: 'contoso' },
            { key: 'f', tenant: 'fabrikam' },
          ],
        },
        receivers: {
          ops: { webhook: twin.url, tenant: 'contoso' },
          records: { notifier: 'inbox', url: inbox.url, people: ['ann'], tenant: 'fabrikam' },
        },
        routing: {
          route: {
            receivers: ['ops'],
            group_wait: '0s',
            routes: [{ id: 'audit', matchers: ['severity="audit"'], receivers: ['records'] }],
          },
        },
      },
      { folder },
    );
    const say = (text: string) =>
      served.post('/v1/notifications', { status: 'event', severity: 'audit', text }, keys.fabrikam);
    const messages = async (tenant: keyof typeof keys) =>
      (json((await served.get('/v1/outbox', keys[tenant])).body) as { messages: Record<string, unknown>[] }).messages;

    inbox.answers.status = 404;
    expect((await say('lost')).status).toBe(202);
    await until(async () => (await messages('fabrikam'))[0]?.['state'] === 'dead');
    expect(await messages('fabrikam')).toMatchObject([
      { notifier: 'inbox', destination: 'fabrikam/records', errorCode: 'inbox_refused' },
    ]);
    const seenBy = async (tenant: keyof typeof keys) => (await served.get('/metrics', keys[tenant])).body;
    expect(await seenBy('fabrikam')).toMatch(/circuit_breaker_state\{endpoint="inbox:[0-9a-f]{16}"\} 2/);
    expect(await seenBy('contoso')).not.toContain('inbox:');
    expect(await messages('contoso')).toEqual([]);

    inbox.answers.status = 201;
    await served.server.sender.outbox.redrive({ all: true });
    await until(async () => (await messages('fabrikam'))[0]?.['state'] === 'delivered');
    const [, posted] = inbox.taken();
    expect(posted).toMatchObject({ text: expect.stringContaining('lost'), people: ['ann'] });
    expect(posted).toMatchObject({ card: { type: 'AdaptiveCard', version: '1.5' } });
    expect((await messages('fabrikam'))[0]).toMatchObject({ receipt: posted!['id'] });
    expect(served.lines.join('')).not.toContain('canary-of-the-inbox');
  }
  await rm(folder, { recursive: true });
  await inbox.close();
});

it('what does not arrive there falls back to a webhook, and the other way round', async () => {
  const inbox = await startInbox();
  inbox.answers.status = 404;
  await using twin = await servedWebhooks(['ops', 'builds']);
  await twin.script('builds', { after: { do: 'status', status: 404 } });
  await using served = await servedSender({
    notifiers: [inboxModule],
    webhooks: { twin_hosts: [twin.host] },
    receivers: {
      ops: { webhook: twin.url },
      builds: { webhook: twin.webhooks.urls(twin.base)[1] },
      records: { notifier: 'inbox', url: inbox.url },
      spare: { notifier: 'inbox', url: `${inbox.url}&spare` },
    },
    routing: {
      route: {
        receivers: ['ops'],
        group_wait: '0s',
        routes: [
          { id: 'a', matchers: ['to="records"'], receivers: ['records'], fallback_receiver: 'ops' },
          { id: 'b', matchers: ['to="builds"'], receivers: ['builds'], fallback_receiver: 'spare' },
        ],
      },
    },
  });
  const say = (to: string) => served.post('/v1/notifications', { status: 'event', labels: { to }, text: `for ${to}` });
  await say('records');
  await until(async () => (await twin.channel('ops')).includes('for records'));
  inbox.answers.status = 201;
  await say('builds');
  await until(() => inbox.taken().some(({ text }) => String(text).includes('for builds')));
  // Stored for the notifier that delivers it, not for the one whose webhook failed.
  await until(async () => {
    const delivered = await served.server.sender.outbox.list({ states: ['delivered'] });
    return delivered.some(({ notifier, destination }) => notifier === 'inbox' && destination === 'spare');
  });
  await inbox.close();
});

it('what waits for a notifier that is no longer named is told, and delivered once it is named again', async () => {
  const inbox = await startInbox();
  inbox.answers.status = 503;
  await using twin = await servedWebhooks(['ops']);
  const folder = await mkdtemp(join(tmpdir(), 'sluice-own-'));
  const config = { webhooks: { twin_hosts: [twin.host] }, receivers: { ops: { webhook: twin.url } } };
  const withInbox = {
    ...config,
    notifiers: [inboxModule],
    receivers: { ...config.receivers, records: { notifier: 'inbox', url: inbox.url } },
    routing: { route: { receivers: ['records'], group_wait: '0s' } },
  };
  {
    await using served = await servedSender(withInbox, { folder });
    await served.post('/v1/notifications', { status: 'event', text: 'kept' });
    await until(() => inbox.taken().length > 0);
  }
  {
    await using served = await servedSender(config, { folder });
    await until(() => served.lines.some((line) => line.includes('"outbox.without_notifier"')));
    const line = served.lines.find((one) => one.includes('"outbox.without_notifier"'));
    expect(json(line!)).toMatchObject({ notifier: 'inbox', messages: 1 });
    expect((await served.get('/metrics')).body).toMatch(/teams_outbox_without_notifier(\{[^}]*\})? 1/);
  }
  inbox.answers.status = 201;
  {
    await using served = await servedSender(withInbox, { folder });
    await until(() => inbox.taken().length > 1);
    expect(inbox.taken().at(-1)).toMatchObject({ text: expect.stringContaining('kept') });
    expect((await served.get('/metrics')).body).toMatch(/teams_outbox_without_notifier(\{[^}]*\})? 0/);
  }
  await rm(folder, { recursive: true });
  await inbox.close();
});
