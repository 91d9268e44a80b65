import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { generateTenant } from './generator.ts';
import { startLive } from './live.ts';

const nowMs = Date.UTC(2026, 5, 1, 12);
const generate = (teams: number) => generateTenant({ teams, channels: 3, messages: 10, users: 20, seed: 1, nowMs });

describe('startLive', () => {
  beforeEach(() => vi.useFakeTimers({ now: nowMs }));
  afterEach(() => vi.useRealTimers());

  it('changes the tenant at the asked rate until it is stopped', () => {
    const tenant = generate(3);
    const before = tenant.revision;
    const stop = startLive(tenant, { eventsPerSecond: 40, runtime: { now: () => Date.now() } });
    vi.advanceTimersByTime(10_000);
    const changes = tenant.revision - before;
    // An event is one change, but for the few that touch more than one record or find nothing to do.
    expect(changes).toBeGreaterThan(350);
    expect(changes).toBeLessThan(600);
    const all = tenant.teams().flatMap(({ id }) => tenant.teamMessages(id));
    const fresh = all.filter(({ modifiedMs }) => modifiedMs > nowMs);
    expect(fresh.some(({ root }) => root === null)).toBe(true);
    expect(fresh.some(({ root }) => root !== null)).toBe(true);
    expect(fresh.some(({ reactions }) => reactions.length > 0)).toBe(true);
    stop();
    vi.advanceTimersByTime(10_000);
    expect(tenant.revision - before).toBe(changes);
  });

  it('does not catch up on a clock that was moved', () => {
    const tenant = generate(3);
    const before = tenant.revision;
    let now = nowMs;
    const stop = startLive(tenant, { eventsPerSecond: 10, runtime: { now: () => now } });
    now += 86_400_000;
    vi.advanceTimersByTime(60);
    stop();
    expect(tenant.revision - before).toBeLessThan(40);
  });

  it('lives on in a tenant without teams', () => {
    const stop = startLive(generate(0), { eventsPerSecond: 40, runtime: { now: () => Date.now() } });
    expect(() => vi.advanceTimersByTime(2000)).not.toThrow();
    stop();
  });
});
