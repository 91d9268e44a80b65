import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createGovernor } from '../../src/limits/governor.ts';
import type { LimitedRequest } from '../../src/limits/limited-request.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

/** Published limits, written down again by hand: [rows a request counts in, limit per second]. */
const PUBLISHED: Record<string, { perTenant: number; perId?: { parameter: string; limit: number } }> = {
  '/teams/{team-id}': { perTenant: 30, perId: { parameter: 'team-id', limit: 4 } },
  '/teams/{team-id}/channels': { perTenant: 60, perId: { parameter: 'team-id', limit: 4 } },
  '/teams/{team-id}/channels/{channel-id}/messages': { perTenant: 20, perId: { parameter: 'channel-id', limit: 1 } },
  '/teams/{team-id}/channels/getAllMessages': { perTenant: 200 },
};

/** Naive on purpose: looks at every window that begins with a request. */
function worstOverrun(times: readonly number[], perSecond: number): number {
  const windows = [
    [1000, perSecond],
    [10_000, perSecond * 0.83 * 10],
    [30_000, perSecond * 0.83 * 30],
    [60_000, perSecond * 0.83 * 60],
  ] as const;
  let worst = Number.NEGATIVE_INFINITY;
  for (const [ms, limit] of windows) {
    for (let first = 0, last = 0; first < times.length; first++) {
      while (last < times.length && times[last]! < times[first]! + ms) last++;
      worst = Math.max(worst, last - first - limit);
    }
  }
  return worst;
}

const request = fc.record({
  route: fc.constantFrom(...Object.keys(PUBLISHED)),
  team: fc.integer({ min: 0, max: 2 }),
  channel: fc.integer({ min: 0, max: 3 }),
  delayMs: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 3000 })),
  repeat: fc.integer({ min: 1, max: 40 }),
});

async function sendAll(
  plan: readonly { route: string; team: number; channel: number; delayMs: number; repeat: number }[],
) {
  const clock = new VirtualClock({ seed: plan.length, jitterMs: 20 });
  const governor = createGovernor({ runtime: clock });
  const sent = new Map<string, number[]>();
  const note = (key: string) => {
    const times = sent.get(key) ?? [];
    sent.set(key, times);
    times.push(clock.now());
  };
  const one = async (row: (typeof plan)[number]) => {
    await clock.sleep(row.delayMs);
    const ids = { 'team-id': `t${row.team}`, 'channel-id': `c${row.channel}` };
    const limited: LimitedRequest = { method: 'GET', route: row.route, ids };
    const permit = await governor.acquire(limited);
    note(row.route);
    const perId = PUBLISHED[row.route]!.perId;
    if (perId) note(`${row.route} ${ids[perId.parameter as keyof typeof ids]}`);
    await clock.sleep(30);
    permit.settle({ status: 200, headers: {} });
  };
  await clock.run(Promise.all(plan.flatMap((row) => Array.from({ length: row.repeat }, () => one(row)))));
  return sent;
}

describe('the governor', () => {
  it('never exceeds a published window, burst or sustained', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 12 }), async (plan) => {
        for (const [key, times] of await sendAll(plan)) {
          const [route, id] = key.split(' ');
          const { perTenant, perId } = PUBLISHED[route!]!;
          expect(worstOverrun(times, id ? perId!.limit : perTenant)).toBeLessThanOrEqual(0);
        }
      }),
      { numRuns: 40 },
    );
  });

  it.each([
    { route: '/teams/{team-id}/channels/getAllMessages', perSecond: 200, ids: () => ({ 'team-id': 't' }) },
    {
      route: '/teams/{team-id}/channels/{channel-id}/messages',
      perSecond: 20,
      ids: (n: number) => ({ 'channel-id': `c${n}` }),
    },
    { route: '/teams/{team-id}/channels/{channel-id}/messages', perSecond: 1, ids: () => ({ 'channel-id': 'c' }) },
  ])('uses at least 90 % of $perSecond per second on $route', async ({ route, perSecond, ids }) => {
    const clock = new VirtualClock({ jitterMs: 4 });
    const governor = createGovernor({ runtime: clock });
    const count = perSecond * 60;
    const startedAtMs = clock.now();
    const one = async (n: number) => (await governor.acquire({ method: 'GET', route, ids: ids(n) })).settle();
    await clock.run(Promise.all(Array.from({ length: count }, (_, n) => one(n))));
    const perfectMs = (count / (perSecond * 0.83)) * 1000;
    expect(clock.now() - startedAtMs).toBeLessThan(perfectMs / 0.9);
  });
});
