import { expect, it } from 'vitest';
import { VirtualClock } from '../../test/support/virtual-clock.ts';
import { clientError } from '../errors/client-rules.ts';
import { Secret } from '../runtime/secret.ts';
import { createTokenSource } from './token-source.ts';

function setup(options: { lifeMs?: number; latencyMs?: number } = {}) {
  const clock = new VirtualClock();
  const { lifeMs = 3_600_000, latencyMs = 100 } = options;
  const state = { fetches: 0, failing: false };
  const source = createTokenSource({
    runtime: clock,
    fetchToken: async () => {
      state.fetches++;
      const issuedAtMs = clock.now();
      await clock.sleep(latencyMs);
      if (state.failing) throw clientError('network_error', { method: 'POST', route: '/token' }, { surface: 'login' });
      const value = new Secret(`t${state.fetches}`);
      return { value, issuedAtMs, expiresAtMs: issuedAtMs + lifeMs, roles: new Set() };
    },
  });
  const read = async () => (await clock.run(source.token())).value.reveal();
  return { clock, source, state, read };
}

it('makes one request for 500 callers', async () => {
  const { clock, source, state } = setup();
  const tokens = await clock.run(Promise.all(Array.from({ length: 500 }, () => source.token())));
  expect(new Set(tokens).size).toBe(1);
  expect(state.fetches).toBe(1);
});

it.each([60_000, 3_600_000, 86_400_000])('renews a token of %i ms in the background from 80 %% on', async (lifeMs) => {
  const { clock, state, read } = setup({ lifeMs });
  await read();
  await clock.pass(lifeMs * 0.79 - 100);
  expect(await read()).toBe('t1');
  expect(state.fetches).toBe(1);
  await clock.pass(lifeMs * 0.02);
  expect(await read()).toBe('t1');
  await clock.pass(100);
  expect(await read()).toBe('t2');
  expect(state.fetches).toBe(2);
});

it('goes on with the old token while the login service is down, and never beyond its life', async () => {
  const { clock, state, read } = setup();
  await read();
  state.failing = true;
  await clock.pass(3_600_000 * 0.9);
  expect(await read()).toBe('t1');
  await clock.pass(3_600_000 * 0.1);
  await expect(read()).rejects.toMatchObject({ code: 'network_error', surface: 'login' });
  state.failing = false;
  expect(await read()).toMatch(/^t\d+$/);
});

it('fetches one new token however many callers report the old one', async () => {
  const { clock, source, state, read } = setup();
  const token = await clock.run(source.token());
  for (let report = 0; report < 100; report++) source.invalidate(token);
  expect(await read()).toBe('t2');
  source.invalidate(token);
  expect(await read()).toBe('t2');
  expect(state.fetches).toBe(2);
});

it('does not follow a service that refuses every token', async () => {
  const { clock, source, state } = setup();
  for (let refusal = 0; refusal < 10; refusal++) source.invalidate(await clock.run(source.token()));
  expect(state.fetches).toBeLessThanOrEqual(2);
});

it('lets a caller leave without hurting the others', async () => {
  const { clock, source } = setup();
  const stop = new AbortController();
  const leaving = source.token(stop.signal);
  const staying = source.token();
  stop.abort(new Error('left'));
  await expect(leaving).rejects.toThrow('left');
  expect((await clock.run(staying)).value.reveal()).toBe('t1');
});
