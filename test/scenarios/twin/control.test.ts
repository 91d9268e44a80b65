import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemRuntime } from '../../../src/runtime/runtime.ts';
import { BEGIN_MS } from '../../support/fast-runtime.ts';
import { servedTwin, type TestTwin } from '../../support/served-twin.ts';

let served: TestTwin;
beforeAll(async () => {
  served = await servedTwin();
});
afterAll(() => served[Symbol.asyncDispose]());

const ledger = async (table: string) => {
  const answer = await fetch(`${served.url}/_twin/ledger?table=${table}`);
  const text = await answer.text();
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
};

describe('the control interface', () => {
  it('lists what it has, and every entry is there', async () => {
    const { body } = await served.control('GET', '');
    for (const entry of Object.keys(body)) {
      const [method, path] = entry.split(' ') as [string, string];
      const target = path.replace('/_twin', '').replace('=T', '=teams');
      const answer = await fetch(`${served.url}/_twin${target}`, {
        method,
        ...(method === 'POST' && { body: '{}', headers: { 'content-type': 'application/json' } }),
      });
      expect([404, 403]).not.toContain(answer.status);
    }
  });

  it.each([
    ['/faults', { kind: 'nonsense' }, 'kind', 'page-loop'],
    ['/faults', { kind: 'status', methd: 'GET' }, 'methd', 'method'],
    ['/faults', { kind: 'status', method: 'FETCH' }, 'method', 'GET'],
    ['/events', { type: 'nonsense' }, 'type', 'post'],
    ['/live', { eventsPerSecond: 'many' }, 'eventsPerSecond', 'number'],
    ['/clock', { rate: -1 }, 'rate', undefined],
    ['/live', undefined, 'body', 'a JSON object'],
  ])('refuses %s %o by its field', async (path, body, field, valid) => {
    const answer = await served.control('POST', path, body);
    expect(answer.status).toBe(400);
    expect(answer.body.error.field).toBe(field);
    expect(answer.body.error.message).toContain(field === 'body' ? 'JSON' : field);
    if (valid !== undefined) expect(answer.body.error.valid).toContain(valid);
  });

  it('refuses a table without a ledger and names those there are', async () => {
    const { status, body } = await served.control('GET', '/ledger?table=nonsense');
    expect(status).toBe(400);
    expect(body.error).toMatchObject({
      field: 'table',
      valid: expect.arrayContaining(['messages', 'message_replies']),
    });
  });
});

describe('the ledger', () => {
  it('is the truth that Graph shows', async () => {
    const { body } = await served.get('/teams');
    expect((await ledger('teams')).map(({ id }) => id)).toEqual(body.value.map(({ id }: { id: string }) => id));
  });

  it('follows what happens', async () => {
    const before = (await ledger('messages')).length;
    const { body } = await served.control('POST', '/events', [{ type: 'post', content: 'Hello' }, { type: 'delete' }]);
    expect(body.map(({ type }: { type: string }) => type)).toEqual(['post', 'delete']);
    const rows = await ledger('messages');
    expect(rows.length).toBe(before + 1);
    expect(rows.some(({ id }) => id === body[0].messageId)).toBe(true);
  });
});

describe('time and life', () => {
  it('moves the clock, the Date header with it', async () => {
    await served.control('POST', '/clock', { set: '2030-01-01T00:00:00Z', rate: 0 });
    const { headers } = await served.get('/teams');
    expect(headers.get('date')).toBe('Tue, 01 Jan 2030 00:00:00 GMT');
    const { body } = await served.control('POST', '/clock', { advanceMs: 86_400_000 });
    expect(body).toEqual({ now: '2030-01-02T00:00:00.000Z', rate: 0 });
    await served.control('POST', '/clock', { rate: 1 });
  });

  it('stands where one call sets and stops it, however long the call takes', async () => {
    let nowMs = BEGIN_MS;
    const ticking = { ...systemRuntime, now: () => nowMs++ };
    await using slow = await servedTwin({ runtime: ticking });
    const { body } = await slow.control('POST', '/clock', { set: '2030-01-01T00:00:00Z', rate: 0 });
    expect(body).toEqual({ now: '2030-01-01T00:00:00.000Z', rate: 0 });
  });

  it('lets the tenant live until it is stopped', async () => {
    const { tenant } = served.twin;
    const before = tenant.revision;
    await served.control('POST', '/live', { eventsPerSecond: 500 });
    while (tenant.revision === before) await new Promise((resolve) => setTimeout(resolve, 20));
    await served.control('POST', '/live', { eventsPerSecond: 0 });
    const stopped = tenant.revision;
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(tenant.revision).toBe(stopped);
  });
});

describe('the counts', () => {
  it('start anew when they are reset', async () => {
    await served.get('/teams');
    expect((await served.control('GET', '/requests')).body.byRoute).toHaveProperty('/teams');
    await served.control('POST', '/requests/reset');
    expect((await served.control('GET', '/requests')).body).toMatchObject({ total: 0, byRoute: {}, tokens: 0 });
  });
});
