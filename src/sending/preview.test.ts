import { describe, expect, it } from 'vitest';
import { configSchema } from '../config/schema.ts';
import { systemRuntime } from '../runtime/runtime.ts';
import { previewRouting } from './preview.ts';

const hook = 'http://127.0.0.1:1/hook';
const routing = {
  route: { receivers: ['ops'], routes: [{ id: 'db', matchers: ['team="db"'], receivers: ['ops', 'db'] }] },
};
const loaded = {
  config: configSchema({ environment: {}, folder: '.' }).parse({
    webhooks: { twin_hosts: ['127.0.0.1:1'] },
    receivers: { ops: { webhook: hook }, db: { webhook: hook } },
  }),
  routingText: JSON.stringify({ routing }),
  files: [],
};
const preview = (body: unknown) =>
  previewRouting(Buffer.from(JSON.stringify(body)), { loaded, runtime: systemRuntime });
const alert = (team: string) => ({
  status: 'firing',
  labels: { alertname: 'DiskFull', team },
  startsAt: new Date().toISOString(),
});

describe('a preview', () => {
  it('says which routes take an alert and what would be sent to whom', async () => {
    const { form, notifications, messages } = await preview({ version: '4', alerts: [alert('db'), alert('web')] });
    expect(form).toBe('alertmanager');
    expect(notifications.map(({ explanation }) => explanation.assignments.map(({ route }) => route))).toEqual([
      ['db', 'db'],
      ['route'],
    ]);
    const keys = notifications.flatMap(({ explanation }) => explanation.assignments.map(({ groupKey }) => groupKey));
    expect(new Set(keys), "the sender's group, for each receiver").toEqual(
      new Set([expect.stringContaining('"db","alertmanager"'), expect.stringContaining('"ops","alertmanager"')]),
    );
    expect(messages.map(({ receiver }) => receiver).sort(), 'one body, one message to each').toEqual(['db', 'ops']);
    for (const { bodies } of messages) expect(JSON.stringify(bodies)).toContain('DiskFull');
    const own = await preview({ status: 'firing', labels: { alertname: 'DiskFull', team: 'db' } });
    expect(own.messages.map(({ route, receiver }) => `${route} ${receiver}`).sort()).toEqual(['db db', 'db ops']);
  });

  it('tells the forms apart', async () => {
    expect((await preview({ version: '1', orgId: 1, alerts: [alert('db')] })).form).toBe('grafana');
    expect((await preview({ text: 'x' })).form).toBe('notification');
    await expect(preview([])).rejects.toMatchObject({ code: 'body_invalid' });
  });
});
