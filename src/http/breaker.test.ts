import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../test/support/virtual-clock.ts';
import { clientError } from '../errors/client-rules.ts';
import { breaker } from './breaker.ts';
import { compose } from './compose.ts';
import { retry } from './retry.ts';
import { retryBudget } from './retry-budget.ts';
import type { HttpRequest, HttpResponse, Send } from './types.ts';

const get: HttpRequest = { method: 'GET', url: 'https://x/', route: '/x' };
const answer = (status: number): HttpResponse => ({ status, headers: {}, body: new Uint8Array() });

describe('breaker', () => {
  it('opens after calls, not after attempts, and lets one probe through', async () => {
    const clock = new VirtualClock();
    let status = 503;
    let sent = 0;
    const states: string[] = [];
    const send = compose(
      breaker({
        runtime: clock,
        failures: 2,
        pauseMs: 50,
        surface: 'graph',
        onState: (_, state) => states.push(state),
      }),
      retry({ attempts: 4, baseMs: 1, capMs: 1, budget: retryBudget(), runtime: clock }),
    )(async () => {
      sent++;
      return answer(status);
    });
    await clock.run(send(get));
    expect({ sent, states }).toEqual({ sent: 4, states: [] });
    await clock.run(send(get));
    expect(states).toEqual(['open']);
    await expect(send(get)).rejects.toMatchObject({ code: 'circuit_open', recovery: 'retry' });
    expect(sent).toBe(8);
    await clock.run(send({ ...get, route: '/other' }));
    expect(sent).toBe(12);
    status = 200;
    clock.jump(-86_400_000);
    await clock.pass(50);
    await clock.run(send(get));
    expect(states).toEqual(['open', 'half_open', 'closed']);
  });

  it.each([401, 403, 404, 408, 425, 429])('takes %i for the answer of a service that works', async (status) => {
    const send = breaker({ runtime: new VirtualClock(), failures: 1, pauseMs: 1000, surface: 'graph' })(async () =>
      answer(status),
    );
    for (let calls = 0; calls < 5; calls++) expect((await send(get)).status).toBe(status);
  });

  it.each(['throttled', 'page_invalid', 'page_links'] as const)('does not open for %s', async (code) => {
    const failing: Send = async () => {
      throw clientError(code, get, { surface: 'graph' });
    };
    const send = breaker({ runtime: new VirtualClock(), failures: 1, pauseMs: 1000, surface: 'graph' })(failing);
    for (let calls = 0; calls < 5; calls++) await expect(send(get)).rejects.toMatchObject({ code });
  });

  it('learns nothing from callers who give up, and its probe is not lost with one', async () => {
    const clock = new VirtualClock();
    let respond: Send = async () => answer(503);
    const send = breaker({ runtime: clock, failures: 1, pauseMs: 10, surface: 'graph' })((...call) => respond(...call));
    const hanging: Send = (_, signal) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason));
      });
    respond = hanging;
    for (let calls = 0; calls < 5; calls++) {
      const leaving = new AbortController();
      const call = send(get, leaving.signal);
      leaving.abort(clientError('timeout', get, { surface: 'graph' }));
      await expect(call).rejects.toMatchObject({ code: 'timeout' });
    }
    respond = async () => answer(503);
    await send(get);
    await expect(send(get)).rejects.toMatchObject({ code: 'circuit_open' });
    await clock.pass(10);
    respond = hanging;
    const leaving = new AbortController();
    const probe = send(get, leaving.signal);
    const waiting = send(get);
    respond = async () => answer(200);
    leaving.abort(new Error('gone'));
    await expect(probe).rejects.toThrow('gone');
    expect((await waiting).status).toBe(200);
    expect((await send(get)).status).toBe(200);
  });

  it('lets one probe through, however many wait for it', async () => {
    const clock = new VirtualClock();
    let sent = 0;
    let end = (_: HttpResponse) => {};
    const send = breaker({ runtime: clock, failures: 1, pauseMs: 10, surface: 'graph' })(() => {
      sent += 1;
      return new Promise((resolve) => {
        end = resolve;
      });
    });
    const first = send(get);
    end(answer(503));
    await first;
    await clock.pass(10);
    const callers = Array.from({ length: 10 }, () => send(get));
    const failed = callers.slice(1).map((call) => expect(call).rejects.toMatchObject({ code: 'circuit_open' }));
    end(answer(503));
    expect((await callers[0]!).status).toBe(503);
    await Promise.all(failed);
    expect(sent).toBe(2);
  });

  it('makes calls wait while it is open, as long as it is told, by a clock that nobody sets', async () => {
    const clock = new VirtualClock();
    let status = 503;
    let sent = 0;
    const send = breaker({ runtime: clock, failures: 1, pauseMs: 10_000, waitMs: 25_000, surface: 'graph' })(
      async () => {
        sent += 1;
        return answer(status);
      },
    );
    await send(get);
    clock.jump(-86_400_000);
    const waiting = Promise.all([send(get), send(get), send(get)].map((call) => call.catch((error) => error.code)));
    // The probes at 10 s and 20 s fail, each for the caller that made it; the last one has waited long enough.
    expect((await clock.run(waiting)).map((one) => one.status ?? one)).toEqual([503, 503, 'circuit_open']);
    expect(sent).toBe(3);
    await expect(send(get)).rejects.toMatchObject({ code: 'circuit_open' });
    status = 200;
    await clock.pass(10_000);
    expect((await send(get)).status).toBe(200);
    expect((await send(get)).status).toBe(200);
  });

  it('lets those who wait through when it closes', async () => {
    const clock = new VirtualClock();
    let status = 503;
    const send = breaker({ runtime: clock, failures: 1, pauseMs: 10_000, waitMs: 25_000, surface: 'graph' })(async () =>
      answer(status),
    );
    await send(get);
    status = 200;
    const answers = await clock.run(Promise.all([send(get), send(get), send(get)]));
    expect(answers.map((one) => one.status)).toEqual([200, 200, 200]);
  });

  it('keeps a circuit for each part, and shows the worst of an endpoint', async () => {
    const clock = new VirtualClock();
    const sick = new Set(['a', 'b']);
    const states: string[] = [];
    const send = breaker({
      runtime: clock,
      failures: 1,
      pauseMs: 10,
      surface: 'graph',
      partOf: ({ ids }) => ids!['team-id']!,
      onState: (endpoint, state) => states.push(`${endpoint} ${state}`),
    })(async ({ ids }) => answer(sick.has(ids!['team-id']!) ? 503 : 200));
    const of = (team: string) => send({ ...get, ids: { 'team-id': team } });
    await of('a');
    await of('b');
    await expect(of('a')).rejects.toMatchObject({ code: 'circuit_open' });
    expect((await of('c')).status).toBe(200);
    expect(states).toEqual(['GET /x open']);
    sick.clear();
    await clock.pass(10);
    expect([(await of('a')).status, states.length]).toEqual([200, 1]);
    expect([(await of('b')).status, states.slice(1)]).toEqual([200, ['GET /x half_open', 'GET /x closed']]);
  });
});
