import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { connect } from '../../../src/outbox/database.ts';
import { Renderer } from '../../../src/sending/render/render.ts';
import { Sender } from '../../../src/sending/sender.ts';
import { json, servedSender, servedWebhooks, type TestWebhooks, until } from '../../support/sending.ts';

let twin: TestWebhooks;
beforeAll(async () => {
  twin = await servedWebhooks(['ops', 'builds', 'third']);
});
afterAll(async () => {
  await twin[Symbol.asyncDispose]();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const served = async (id: string, more: object = {}) =>
  await servedSender({
    receivers: { ops: { webhook: twin.webhooks.urls(twin.base).find((url) => url.includes(`/${id}/`)) } },
    webhooks: { twin_hosts: [twin.host] },
    ...more,
  });
const alert = (alertname: string) => ({ status: 'firing', labels: { alertname } });
const metric = (text: string, name: string) => text.split('\n').filter((line) => line.startsWith(`${name}{`));

it('makes a dead letter of a message whose rendering throws, and sends the others', async () => {
  const render = Renderer.prototype.render;
  vi.spyOn(Renderer.prototype, 'render').mockImplementation(async function (this: Renderer, message) {
    if (message.notifications[0]?.labels['alertname'] === 'Poison') throw new TypeError('canary');
    return await render.call(this, message);
  });
  await using sluice = await served('ops', {
    routing: { route: { receivers: ['ops'], group_by: ['alertname'], group_wait: '0s' } },
  });
  for (const name of ['Poison', 'Healthy']) await sluice.post('/v1/notifications', alert(name));
  await until(async () => (await twin.channel('ops')).includes('Healthy'));
  const dead = async () => (json((await sluice.get('/v1/outbox?state=dead')).body) as { messages: object[] }).messages;
  await until(async () => (await dead()).length === 1);
  expect(await dead()).toMatchObject([{ errorCode: 'message_unrenderable' }]);
  expect((await sluice.get('/readyz')).status).toBe(200);
  expect(sluice.lines.join('')).not.toContain('canary');
});

it('says that a loop makes no progress, and that it does again', async () => {
  await using sluice = await served('builds');
  const { db } = connect(`sqlite:${sluice.folder}/outbox.db`);
  // The server writes too: a transaction waits for its turn.
  const rename = async (from: string, to: string) =>
    await db.transaction().execute(({ schema }) => schema.alterTable(from).renameTo(to).execute());
  await rename('outbox_lanes', 'lanes_away');
  await until(async () => (await sluice.get('/readyz')).status === 503);
  await until(async () => (await sluice.get('/readyz')).body.includes('"outbox"'));
  expect(json((await sluice.get('/readyz')).body)).toMatchObject({ status: 'stalled' });
  await until(() => sluice.lines.some((line) => line.includes('loop.stalled') && line.includes('"outbox"')));
  const metrics = (await sluice.get('/metrics')).body;
  const [failures] = metric(metrics, 'sluice_loop_failures_total').filter((line) => line.includes('"outbox"'));
  expect(Number(failures?.split(' ').at(-1))).toBeGreaterThanOrEqual(3);
  await rename('lanes_away', 'outbox_lanes');
  await db.destroy();
  await until(async () => (await sluice.get('/readyz')).status === 200);
  await sluice.post('/v1/notifications', { text: 'it goes on' });
  await until(async () => (await twin.channel('builds')).includes('it goes on'));
});

it('goes on when a reload throws, tries it again, and takes it over as soon as it can', async () => {
  await using sluice = await served('third');
  const thrown = vi.spyOn(Sender.prototype, 'configChanged').mockImplementation(() => {
    throw new TypeError('canary');
  });
  const text = await readFile(sluice.file, 'utf8');
  await writeFile(sluice.file, `${text}\n`);
  await until(async () => (await sluice.get('/readyz')).status === 503);
  expect(json((await sluice.get('/readyz')).body)).toMatchObject({ status: 'stalled', loops: [{ loop: 'config' }] });
  await sluice.post('/v1/notifications', { text: 'still here' });
  await until(async () => (await twin.channel('third')).includes('still here'));
  thrown.mockRestore();
  await until(async () => (await sluice.get('/readyz')).status === 200);
  expect(sluice.lines.join('')).not.toContain('canary');
});
