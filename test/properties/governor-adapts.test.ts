import { describe, expect, it } from 'vitest';
import { compose } from '../../src/http/compose.ts';
import { retry } from '../../src/http/retry.ts';
import { retryBudget } from '../../src/http/retry-budget.ts';
import type { HttpRequest } from '../../src/http/types.ts';
import { createGovernor } from '../../src/limits/governor.ts';
import { ThrottlingService } from '../support/throttling-service.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const DURATION_MS = 240_000;

const list = (lane: number): HttpRequest => ({
  method: 'GET',
  url: 'https://graph.example/list',
  route: '/teams/{team-id}/channels/{channel-id}/messages',
  ids: { 'team-id': `t${lane % 20}`, 'channel-id': `c${lane}` },
});

const exported = (lane: number): HttpRequest => ({
  method: 'GET',
  url: 'https://graph.example/export',
  route: '/teams/{team-id}/channels/getAllMessages',
  ids: { 'team-id': `t${lane}` },
});

/** Many readers against a service four times stricter than published (20 and 200 per second). */
async function read(options: { limit: number; lanes: number; silent: number; seed: number; make: typeof list }) {
  const clock = new VirtualClock({ seed: options.seed, jitterMs: 5 });
  const perTenSeconds = Math.floor(options.limit * 8.3);
  const service = new ThrottlingService({
    runtime: clock,
    silent: options.silent,
    windows: [
      { limit: options.limit, ms: 1000 },
      { limit: perTenSeconds, ms: 10_000 },
    ],
  });
  const governor = createGovernor({ runtime: clock });
  const again = retry({ attempts: 5, baseMs: 500, capMs: 20_000, budget: retryBudget(), runtime: clock });
  const send = compose(again, governor.stage)(service.send);
  const endMs = clock.now() + DURATION_MS;
  const lane = async (_: unknown, index: number) => {
    while (clock.now() < endMs) await send(options.make(index));
  };
  await clock.run(Promise.all(Array.from({ length: options.lanes }, lane)));
  const accepted = service.accepted.filter((time) => time < endMs).length;
  return {
    goodput: accepted / (perTenSeconds * (DURATION_MS / 10_000)),
    throttledShare: service.throttled / (service.throttled + accepted),
    early: service.early,
  };
}

describe('a service four times stricter than published', () => {
  it.each([
    { name: 'lists, every 429 with Retry-After', limit: 5, lanes: 100, silent: 0, seed: 1, make: list },
    { name: 'lists, half of them without', limit: 5, lanes: 100, silent: 0.5, seed: 2, make: list },
    { name: 'lists, none with', limit: 5, lanes: 100, silent: 1, seed: 3, make: list },
    { name: 'export, half of them without', limit: 50, lanes: 60, silent: 0.5, seed: 4, make: exported },
  ])('$name: settles without a storm', async (options) => {
    const { goodput, throttledShare, early } = await read(options);
    expect(early).toBe(0);
    expect(throttledShare).toBeLessThan(0.02);
    expect(goodput).toBeGreaterThan(0.8);
  });
});
