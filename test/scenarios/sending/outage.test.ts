import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import SqliteFile from 'libsql';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { json, servedSender, servedWebhooks, type TestWebhooks, until } from '../../support/sending.ts';

let twin: TestWebhooks;
beforeAll(async () => {
  twin = await servedWebhooks(['ops', 'builds', 'other']);
});
beforeEach(async () => {
  await fetch(`${twin.base}/_twin/webhooks/reset`, { method: 'POST' });
});
afterAll(async () => {
  await twin[Symbol.asyncDispose]();
});

const urlOf = (id: string) => twin.webhooks.urls(twin.base).find((url) => url.includes(`/${id}/`))!;
const base = () => ({
  webhooks: { twin_hosts: [twin.host] },
  receivers: { ops: { webhook: urlOf('ops') }, builds: { webhook: urlOf('builds') } },
});

describe('a webhook that is gone', () => {
  it('is not healthy; what it does not get is a dead letter with the reason, and enabling it brings it back', async () => {
    await using sender = await servedSender({
      ...base(),
      routing: { route: { receivers: ['ops'], group_by: ['...'], group_wait: '0s' } },
    });
    const dead = async () =>
      (json((await sender.get('/v1/outbox?state=dead')).body) as { messages: { deadReason: string }[] }).messages;
    await twin.script('ops', { steps: [{ do: 'status', status: 404 }] });
    await sender.post('/v1/notifications', { text: 'first' });
    await until(async () => (await dead()).length === 1);
    await sender.post('/v1/notifications', { text: 'second' });
    await until(async () => (await dead()).length === 2);
    expect((await dead()).map(({ deadReason }) => deadReason)).toEqual(['endpoint_disabled', 'permanent']);
    const metrics = (await sender.get('/metrics')).body;
    expect(metrics).toContain('teams_outbox_endpoints{state="disabled"} 1');
    expect(metrics).toContain('teams_outbox_endpoints{state="healthy"} 0');
    expect(await sender.server.sender.enable('ops')).toHaveLength(1);
    await sender.post('/v1/notifications', { text: 'third' });
    await until(() => twin.webhooks.ledger('ops').length === 2);
    expect(await twin.channel('ops')).toContain('third');
  });
});

describe('a fallback receiver', () => {
  it('gets once what its route could not deliver, and the answer names who is left out', async () => {
    await using sender = await servedSender({
      webhooks: { twin_hosts: [twin.host] },
      receivers: {
        ops: { webhook: urlOf('ops') },
        builds: { webhook: urlOf('builds'), max_bytes: 20_000 },
        other: { webhook: urlOf('other') },
      },
      routing: {
        route: { receivers: ['ops', 'builds'], fallback_receiver: 'other', group_by: ['...'], group_wait: '0s' },
      },
    });
    const posts = (id: string) => twin.webhooks.ledger(id).length;
    for (const id of ['ops', 'builds']) await twin.script(id, { steps: [], after: { do: 'status', status: 404 } });
    const first = await sender.post('/v1/notifications', { text: 'first' });
    expect(json(first.body)).not.toHaveProperty('left_out');
    await until(() => posts('other') === 1);
    await until(async () => (await sender.server.sender.outbox.stats()).states.dead === 2);
    const second = await sender.post('/v1/notifications', { text: 'second' });
    expect(json(second.body)).toMatchObject({
      left_out: [
        { receiver: 'ops', code: 'endpoint_disabled', fallback: 'other' },
        { receiver: 'builds', code: 'endpoint_disabled', fallback: 'other' },
      ],
    });
    await until(async () => (await sender.server.sender.outbox.stats()).states.dead === 4);
    await until(() => posts('other') === 2);
    expect([posts('ops'), posts('builds'), posts('other')]).toEqual([1, 1, 2]);
    const dead = await sender.server.sender.outbox.list({ states: ['dead'] });
    expect(dead.every(({ fellBackTo }) => fellBackTo !== undefined)).toBe(true);
    const metrics = (await sender.get('/metrics')).body;
    expect(metrics).toMatch(/teams_routing_left_out_total\{[^}]*code="endpoint_disabled"[^}]*\} 2/);
  });
});

describe('a database that cannot be written', () => {
  it('makes the server not ready, and requests are refused with a code', async () => {
    await using sender = await servedSender({ ...base(), routing: { route: { receivers: ['ops'] } } });
    expect((await sender.get('/readyz')).status).toBe(200);
    const other = new SqliteFile(join(sender.folder, 'outbox.db'));
    other.exec('begin immediate');
    const [ready, refused] = await Promise.all([
      sender.get('/readyz'),
      sender.post('/v1/notifications', { text: 'refused' }),
    ]);
    expect([ready.status, json(ready.body)]).toEqual([503, { status: 'outbox_unavailable' }]);
    expect([refused.status, json(refused.body)]).toMatchObject([503, { error: { code: 'outbox_unavailable' } }]);
    other.exec('rollback');
    other.close();
    expect((await sender.get('/readyz')).status).toBe(200);
  }, 30_000);
});

describe('a reload', () => {
  it('while messages are under way posts each of them once', async () => {
    await using sender = await servedSender({
      ...base(),
      routing: { route: { receivers: ['ops'], group_by: ['...'], group_wait: '0s' } },
    });
    await twin.script('ops', { steps: [], after: { do: 'flow', delayMs: 60 } });
    for (let touch = 0; touch < 50; touch++) {
      await sender.post('/v1/notifications', { text: `message ${touch}` });
      await appendFile(sender.file, '\n');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const text = await readFile(sender.file, 'utf8');
    await writeFile(sender.file, text.replace('"debug"', '"info"'));
    await until(async () => (await sender.get('/metrics')).body.includes('teams_outbox_messages{state="accepted"} 50'));
    expect(sender.lines.filter((line) => line.includes('config.reloaded')).length).toBeGreaterThan(0);
    expect(twin.webhooks.ledger('ops')).toHaveLength(50);
    expect(twin.webhooks.ledger('ops').filter(({ duplicate }) => duplicate)).toEqual([]);
  }, 60_000);
});

describe('several tenants', () => {
  it('each sees its own messages, however many the others have', async () => {
    const receivers = {
      ops: { webhook: urlOf('ops'), tenant: 'contoso' },
      builds: { webhook: urlOf('builds'), tenant: 'fabrikam' },
    };
    const api_keys = ['contoso', 'fabrikam'].map((tenant) => ({ key: `key-${tenant}`, tenant }));
    await using sender = await servedSender({
      ...base(),
      receivers,
      server: { api_keys },
      multi_tenant: { enabled: true, allowed_tenants: ['contoso', 'fabrikam'] },
      routing: { route: { receivers: ['ops'] } },
    });
    const { outbox } = sender.server.sender;
    const message = (destination: string) => ({ notifier: 'none', destination, payload: {} });
    await outbox.enqueueMany([message('contoso/ops')]);
    await outbox.enqueueMany(Array.from({ length: 1_200 }, () => message('fabrikam/builds')));
    const headers = { 'x-api-key': 'key-contoso' };
    const { messages } = json((await sender.get('/v1/outbox', headers)).body) as { messages: object[] };
    expect(messages).toMatchObject([{ destination: 'contoso/ops' }]);
    expect((await sender.get('/metrics', headers)).body).not.toContain('fabrikam');
  });
});
