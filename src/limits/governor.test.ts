import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../test/support/virtual-clock.ts';
import { LONGEST_RETRY_AFTER_MS } from '../errors/retry-after.ts';
import { createGovernor } from './governor.ts';
import { lowerBound } from './lower-bound.ts';

const list = (channel: string) => ({
  method: 'GET',
  route: '/teams/{team-id}/channels/{channel-id}/messages',
  ids: { 'team-id': 't', 'channel-id': channel },
});

describe('turns', () => {
  it('do not let one channel hold up another', async () => {
    const clock = new VirtualClock();
    const governor = createGovernor({ runtime: clock });
    const order: string[] = [];
    const ask = async (channel: string) => {
      (await governor.acquire(list(channel))).settle();
      order.push(channel);
    };
    const work = [ask('a'), ask('a'), ask('a'), ask('b')];
    await clock.pass(100);
    expect(order).toEqual(['a', 'b']);
    await clock.run(Promise.all(work));
  });

  it('are given up with the signal and leave nothing behind', async () => {
    const clock = new VirtualClock();
    const governor = createGovernor({ runtime: clock });
    (await governor.acquire(list('a'))).settle();
    const stop = new AbortController();
    const abandoned = governor.acquire(list('a'), stop.signal);
    const patient = governor.acquire(list('a'));
    stop.abort(new Error('enough'));
    await expect(abandoned).rejects.toThrow('enough');
    await clock.pass(1400);
    (await patient).settle();
    expect(clock.sleeping).toBe(0);
  });

  it('keep to the number of sockets', async () => {
    const clock = new VirtualClock();
    const governor = createGovernor({ runtime: clock, maxInFlight: 1 });
    const first = await governor.acquire(list('a'));
    let started = false;
    const second = governor.acquire(list('b')).then((permit) => {
      started = true;
      permit.settle();
    });
    await clock.pass(60_000);
    expect(started).toBe(false);
    first.settle();
    await clock.run(second);
  });
});

describe('what a mailbox takes at once', () => {
  const meeting = (user: string) => ({
    method: 'GET',
    route: '/users/{user-id}/onlineMeetings/{meeting-id}/attendanceReports',
    ids: { 'user-id': user, 'meeting-id': 'm' },
  });

  it('is four requests, however long they take: the fifth goes when one is answered, and no other mailbox waits', async () => {
    const clock = new VirtualClock();
    const governor = createGovernor({ runtime: clock });
    const held = await Promise.all([1, 2, 3, 4].map(() => governor.acquire(meeting('ana'))));
    const order: string[] = [];
    const fifth = governor.acquire(meeting('ana')).then(() => order.push('ana'));
    const other = governor.acquire(meeting('ben')).then(() => order.push('ben'));
    await clock.pass(60_000);
    expect(order).toEqual(['ben']);
    held[0]!.settle();
    await clock.run(Promise.all([fifth, other]));
    expect(order).toEqual(['ben', 'ana']);
  });

  it('is given back by whoever gives up waiting, and by an answer that never came', async () => {
    const clock = new VirtualClock();
    const governor = createGovernor({ runtime: clock });
    const view = { ...meeting('ana'), route: '/users/{user-id}/calendarView' };
    const held = await Promise.all([1, 2, 3, 4].map(() => governor.acquire(view)));
    const stop = new AbortController();
    const abandoned = governor.acquire(view, stop.signal);
    stop.abort(new Error('enough'));
    await expect(abandoned).rejects.toThrow('enough');
    for (const permit of held) permit.settle();
    const again = await Promise.all([1, 2, 3, 4].map(() => clock.run(governor.acquire(view))));
    expect(again).toHaveLength(4);
  });

  it('is not counted where no limits are kept', async () => {
    const governor = createGovernor({ runtime: new VirtualClock(), limits: [] });
    await expect(Promise.all(Array.from({ length: 9 }, () => governor.acquire(meeting('ana'))))).resolves.toHaveLength(
      9,
    );
  });
});

describe('a 429', () => {
  it('stops the whole class until Retry-After has passed, and no other class', async () => {
    const clock = new VirtualClock();
    const governor = createGovernor({ runtime: clock });
    (await governor.acquire(list('a'))).settle({ status: 429, headers: { 'retry-after': '7' } });
    const stoppedAtMs = clock.now();
    expect(governor.stopped).toBe(true);
    (await governor.acquire({ method: 'GET', route: '/teams/{team-id}', ids: { 'team-id': 't' } })).settle();
    expect(clock.now()).toBe(stoppedAtMs);
    const other = governor.acquire(list('b'));
    (await clock.run(other)).settle();
    expect(clock.now() - stoppedAtMs).toBeGreaterThanOrEqual(7000);
    expect(governor.stopped).toBe(false);
  });

  it('that asks for hours is not waited out by anyone', async () => {
    const clock = new VirtualClock();
    const governor = createGovernor({ runtime: clock });
    const first = await governor.acquire(list('a'));
    const waiting = governor.acquire(list('a'));
    first.settle({ status: 429, headers: { 'retry-after': '1000000000' } });
    const refusal = { code: 'throttled', recovery: 'retry', retryAfterMs: LONGEST_RETRY_AFTER_MS };
    await expect(waiting).rejects.toMatchObject(refusal);
    await expect(governor.acquire(list('b'))).rejects.toMatchObject(refusal);
  });

  it('without Retry-After pauses longer each time', async () => {
    const clock = new VirtualClock();
    const governor = createGovernor({ runtime: clock });
    const pauses: number[] = [];
    for (let round = 0; round < 4; round++) {
      const permit = await clock.run(governor.acquire(list(`c${round}`)));
      permit.settle({ status: 429, headers: {} });
      const stoppedAtMs = clock.now();
      while (governor.stopped) await clock.pass(10);
      pauses.push(clock.now() - stoppedAtMs);
    }
    expect(pauses[0]).toBeGreaterThanOrEqual(500);
    expect(pauses[3]).toBeGreaterThan(pauses[0]! * 3);
  });
});

describe('lowerBound', () => {
  it('is the slowest window at its sustained rate', () => {
    const exported = { method: 'GET', route: '/teams/{team-id}/channels/getAllMessages', count: 3040 };
    expect(lowerBound([exported])).toBeCloseTo((3040 / 166) * 1000, 5);
    // 20 channels with 10 pages each: 200 requests at 16.6 per second, and 10 per channel at 0.83 per second.
    const channels = Array.from({ length: 20 }, (_, n) => ({ ...list(`c${n}`), count: 10 }));
    expect(lowerBound(channels)).toBeCloseTo((200 / 16.6) * 1000, 5);
    expect(lowerBound([{ ...list('one'), count: 10 }])).toBeCloseTo((10 / 0.83) * 1000, 5);
    expect(lowerBound([])).toBe(0);
  });

  it('weighs directory requests by their resource units', () => {
    const users = { method: 'GET', route: '/users', url: '/users?$top=999', count: 700 };
    expect(lowerBound([users])).toBeCloseTo((700 * 2 * 10_000) / 3500, 5);
    expect(lowerBound([{ ...users, url: '/users?$select=id' }])).toBeCloseTo((700 * 10_000) / 3500, 5);
  });
});
