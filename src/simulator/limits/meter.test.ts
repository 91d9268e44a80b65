import { describe, expect, it } from 'vitest';
import { type LimitOptions, publishedMeter } from './meter.ts';

const list = {
  method: 'GET',
  path: '/teams/t/channels/c/messages',
  query: new URLSearchParams(),
  clientId: 'app',
  tenantId: 'tenant',
};
const export200 = { ...list, path: '/teams/t/channels/getAllMessages' };

const meterOf = (options: LimitOptions = {}) => publishedMeter(options, () => 'S');

/** How many of `count` calls, `everyMs` apart, pass. */
function passed(options: LimitOptions, call: typeof list, count: number, everyMs: number): number {
  const meter = meterOf(options);
  return Array.from({ length: count }, (_, index) => meter.weigh(call, index * everyMs)).filter(
    ({ throttled }) => !throttled,
  ).length;
}

describe('the published limits', () => {
  it('let one list of a channel pass a second', () => {
    expect(passed({}, list, 20, 100)).toBeLessThanOrEqual(2);
    expect(passed({}, list, 20, 1_250)).toBe(20);
  });

  it('hold 83 % over the longer window', () => {
    expect(passed({}, list, 60, 1_001)).toBeLessThan(60);
    expect(passed({}, list, 60, 1_205)).toBe(60);
  });

  it('let 200 exports of a tenant burst', () => {
    expect(passed({}, export200, 300, 0)).toBe(200);
  });

  it('become four times stricter by a factor', () => {
    expect(passed({ factor: 0.25 }, export200, 300, 0)).toBe(50);
    expect(passed({ factor: 0.25 }, list, 20, 1_205)).toBeLessThan(20);
    expect(passed({ factor: 0.25 }, list, 20, 4_820)).toBe(20);
  });
});

describe('a mailbox', () => {
  const view = { ...list, path: '/users/ana/calendarView' };

  it('lets four calls in at once, the next when one has left, and counts each mailbox by itself', () => {
    const meter = meterOf();
    const inside = [1, 2, 3, 4].map(() => meter.enter(view));
    expect(inside).not.toContain(undefined);
    expect(meter.enter({ ...list, path: '/users/ana/onlineMeetings/m/attendanceReports' })).toBeUndefined();
    expect(meter.enter({ ...view, path: '/users/ben/calendarView' })).toBeDefined();
    // Who leaves twice has left once.
    inside[0]!();
    inside[0]!();
    expect(meter.enter(view)).toBeDefined();
    expect(meter.enter(view)).toBeUndefined();
  });

  it('is of no concern to other calls', () => {
    const meter = meterOf();
    expect(Array.from({ length: 20 }, () => meter.enter(list))).not.toContain(undefined);
  });
});

describe('a bucket under Retry-After', () => {
  it('refuses until the time is over and tells early from late arrivals', () => {
    const meter = meterOf({ graceMs: 250 });
    meter.weigh(list, 0);
    meter.weigh(list, 1).throttled!.stop(5_000);
    expect(meter.weigh(list, 100).duringRetryAfter).toEqual({ late: false });
    expect(meter.weigh(list, 3_000)).toMatchObject({ duringRetryAfter: { late: true }, throttled: { waitMs: 2_001 } });
    expect(meter.weigh(list, 5_002).duringRetryAfter).toBeUndefined();
  });

  it('leaves other channels alone', () => {
    const meter = meterOf();
    meter.weigh(list, 0);
    meter.weigh(list, 1).throttled!.stop(5_000);
    const other = meter.weigh({ ...list, path: '/teams/t/channels/d/messages' }, 2_000);
    expect(other.throttled).toBeUndefined();
    expect(other.duringRetryAfter).toBeUndefined();
  });
});
