import { describe, expect, it } from 'vitest';
import { BEGIN_MS } from '../../support/fast-runtime.ts';
import { servedTwin } from '../../support/served-twin.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const channels = (count: number, path: string) => Array.from({ length: count }, () => path);

describe('the published limits over HTTP', () => {
  it('throttle the second list of a channel within a second, and count it', async () => {
    await using served = await servedTwin({
      runtime: new VirtualClock({ startMs: BEGIN_MS }),
      limits: { retryAfterShare: 1 },
    });
    const first = await served.get(`${served.channel}/messages`);
    const second = await served.get(`${served.channel}/messages`);
    expect([first.status, second.status]).toEqual([200, 429]);
    expect(second.body.error).toMatchObject({ code: 'TooManyRequests', innerError: { code: '429' } });
    expect(second.headers.get('retry-after')).toBeTruthy();
    expect(served.twin.requests()).toMatchObject({
      total: 2,
      throttled: 1,
      byLimitClass: { 'channelMessages.list': { requests: 2, throttled: 1 } },
      byStatus: { 200: 1, 429: 1 },
    });
  });

  it('weigh another channel by itself', async () => {
    await using served = await servedTwin({ runtime: new VirtualClock({ startMs: BEGIN_MS }), limits: 'published' });
    const [team] = served.twin.tenant.teams();
    const paths = served.twin.tenant.channels(team!.id).map(({ id }) => `${served.team}/channels/${id}/messages`);
    for (const path of paths) expect((await served.get(path)).status).toBe(200);
  });

  it('give Retry-After as integer, fraction, date, or not at all', async () => {
    await using served = await servedTwin({
      runtime: new VirtualClock({ startMs: BEGIN_MS }),
      limits: { retryAfterShare: 0.7 },
    });
    const forms = new Set<string>();
    for (let seed = 0; seed < 60; seed++) {
      const { status, headers } = await served.get(`${served.channel}/messages`);
      if (status !== 429) continue;
      const value = headers.get('retry-after');
      forms.add(
        value === null ? 'absent' : /^\d+$/.test(value) ? 'integer' : /^\d+\.\d+$/.test(value) ? 'fraction' : 'date',
      );
    }
    expect([...forms].sort()).toEqual(['absent', 'date', 'fraction', 'integer']);
  });

  it('tell a request that was on its way from one that ignored the Retry-After', async () => {
    const runtime = new VirtualClock({ startMs: BEGIN_MS });
    await using served = await servedTwin({ runtime, limits: { retryAfterShare: 1, graceMs: 250 } });
    await served.get(`${served.channel}/messages`);
    await served.get(`${served.channel}/messages`);
    runtime.advance(200);
    await served.get(`${served.channel}/messages`);
    expect(served.twin.requests()).toMatchObject({ duringRetryAfter: 0, duringRetryAfterRaw: 1 });
    runtime.advance(100);
    await served.get(`${served.channel}/messages`);
    expect(served.twin.requests()).toMatchObject({ duringRetryAfter: 1, duringRetryAfterRaw: 2 });
  });

  it('answer none of their 429s with a Retry-After when the share is 0, and then stop nothing', async () => {
    await using served = await servedTwin({
      runtime: new VirtualClock({ startMs: BEGIN_MS }),
      limits: { factor: 0.25, retryAfterShare: 0 },
    });
    const answers = [];
    for (const path of channels(4, `${served.channel}/messages`)) answers.push(await served.get(path));
    expect(answers.filter(({ status }) => status === 429).length).toBe(3);
    expect(answers.every(({ headers }) => headers.get('retry-after') === null)).toBe(true);
    expect(served.twin.requests().duringRetryAfterRaw).toBe(0);
  });

  it('are not there at all with limits none', async () => {
    await using served = await servedTwin({ limits: 'none' });
    const answers = await Promise.all(channels(50, `${served.channel}/messages`).map((path) => served.get(path)));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(served.twin.requests().byLimitClass).toEqual({ 'channelMessages.list': { requests: 50, throttled: 0 } });
  });
});

describe('$batch', () => {
  it('weighs each inner request and answers by id, in another order', async () => {
    await using served = await servedTwin({
      runtime: new VirtualClock({ startMs: BEGIN_MS }),
      limits: { retryAfterShare: 1 },
    });
    const requests = Array.from({ length: 6 }, (_, index) => ({
      id: String(index),
      method: 'GET',
      url: index < 2 ? `${served.channel}/messages` : '/users?$top=1',
    }));
    const { status, body } = await served.batch(requests);
    expect(status).toBe(200);
    const byId = new Map<string, { status: number; headers: Record<string, string>; body: Record<string, unknown> }>(
      body.responses.map((one: { id: string }) => [one.id, one]),
    );
    expect([...byId.keys()]).not.toEqual(['0', '1', '2', '3', '4', '5']);
    expect([byId.get('0')!.status, byId.get('1')!.status, byId.get('2')!.status]).toEqual([200, 429, 200]);
    expect(byId.get('1')!.headers['retry-after']).toBeTruthy();
    expect(byId.get('0')!.body['@odata.count']).toBe(20);
    expect(served.twin.requests()).toMatchObject({ total: 6, batches: 1 });
  });

  it('fails what depends on a failure with 424', async () => {
    await using served = await servedTwin();
    const { body } = await served.batch([
      { id: 'a', method: 'GET', url: '/teams/none' },
      { id: 'b', method: 'GET', url: '/teams', dependsOn: ['a'] },
    ]);
    const statuses = body.responses.map(({ id, status }: { id: string; status: number }) => [id, status]);
    expect(statuses.sort()).toEqual([
      ['a', 404],
      ['b', 424],
    ]);
  });

  it.each([
    ['more than 20', Array.from({ length: 21 }, (_, id) => ({ id: String(id), method: 'GET', url: '/teams' }))],
    ['one id twice', [1, 1].map(() => ({ id: 'x', method: 'GET', url: '/teams' }))],
    ['no request', []],
    ['a request without url', [{ id: '1', method: 'GET' }]],
  ])('refuses %s', async (_, requests) => {
    await using served = await servedTwin();
    expect((await served.batch(requests)).status).toBe(400);
  });
});
