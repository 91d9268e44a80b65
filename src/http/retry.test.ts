import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../test/support/virtual-clock.ts';
import { clientError } from '../errors/client-rules.ts';
import { type RetryOptions, retry } from './retry.ts';
import { retryBudget } from './retry-budget.ts';
import type { HttpRequest, Send } from './types.ts';

const get: HttpRequest = { method: 'GET', url: 'https://x/', route: '/x' };
const post: HttpRequest = { ...get, method: 'POST' };
const answer = (status: number, headers: Record<string, string> = {}) => ({ status, headers, body: new Uint8Array() });
const lost = (sent: boolean) => clientError('network_error', get, { surface: 'graph', details: { sent } });

/** Sends once through `retry`, giving the outcomes in order (the last one for ever). */
async function call(request: HttpRequest, outcomes: readonly unknown[], options: Partial<RetryOptions> = {}) {
  const clock = new VirtualClock();
  const sentAtMs: number[] = [];
  const next: Send = async () => {
    const outcome = outcomes[Math.min(sentAtMs.length, outcomes.length - 1)];
    sentAtMs.push(clock.now());
    if (outcome instanceof Error) throw outcome;
    return outcome as Awaited<ReturnType<Send>>;
  };
  const send = retry({ attempts: 4, baseMs: 100, capMs: 1000, budget: retryBudget(), runtime: clock, ...options })(
    next,
  );
  const result = await clock.run(
    send(request).then(
      ({ status }) => status,
      (error: { code: string }) => error.code,
    ),
  );
  return { result, attempts: sentAtMs.length, gaps: sentAtMs.slice(1).map((at, index) => at - sentAtMs[index]!) };
}

describe('retry', () => {
  it.each([408, 425, 500, 502, 503, 504])('repeats a GET after %i', async (status) => {
    expect(await call(get, [answer(status), answer(200)])).toMatchObject({ result: 200, attempts: 2 });
  });

  it.each([400, 401, 403, 404, 409, 410, 302])('takes %i as the answer', async (status) => {
    expect(await call(get, [answer(status)])).toMatchObject({ result: status, attempts: 1 });
  });

  it('gives the last outcome after the last attempt', async () => {
    expect(await call(get, [answer(503)])).toMatchObject({ result: 503, attempts: 4 });
    expect(await call(get, [lost(true)])).toMatchObject({ result: 'network_error', attempts: 4 });
  });

  it('repeats a POST only when nothing can have happened', async () => {
    expect(await call(post, [answer(503)])).toMatchObject({ result: 503, attempts: 1 });
    expect(await call(post, [lost(true)])).toMatchObject({ attempts: 1 });
    expect(await call(post, [lost(false), answer(200)])).toMatchObject({ result: 200, attempts: 2 });
    expect(await call(post, [answer(429, { 'retry-after': '1' }), answer(200)])).toMatchObject({
      result: 200,
      attempts: 2,
    });
  });

  it('never comes back before Retry-After', async () => {
    const { gaps } = await call(get, [
      answer(503, { 'retry-after': '7' }),
      answer(429, { 'retry-after-ms': '250' }),
      answer(200),
    ]);
    expect(gaps[0]).toBeGreaterThanOrEqual(7000);
    expect(gaps[1]).toBeGreaterThanOrEqual(250);
  });

  it('waits out a throttled service longer than the attempts, but not for ever', async () => {
    const patient = await call(get, [...Array(8).fill(answer(429, { 'retry-after': '30' })), answer(200)]);
    expect(patient).toMatchObject({ result: 200, attempts: 9 });
    expect(await call(get, [answer(429, { 'retry-after': '250' })])).toMatchObject({ result: 429, attempts: 3 });
    expect(await call(get, [answer(429, { 'retry-after': '1000000000' })])).toMatchObject({ result: 429, attempts: 1 });
  });

  it('stops repeating when the budget is empty', async () => {
    const budget = retryBudget();
    let attempts = 0;
    for (let calls = 0; calls < 200; calls++) attempts += (await call(get, [answer(503)], { budget })).attempts;
    expect(attempts).toBe(200 + 500 / 5);
  });
});
