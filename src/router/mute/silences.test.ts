import { describe, expect, it } from 'vitest';
import { ALERTS_BEGIN_MS, alert } from '../../../test/support/routing.ts';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { Silences } from './silences.ts';

const HOUR = 3_600_000;

function setUp() {
  const runtime = new VirtualClock({ startMs: ALERTS_BEGIN_MS });
  const silences = new Silences(runtime);
  const request = (changes: Partial<Parameters<Silences['create']>[0]> = {}) => ({
    tenant: 'contoso',
    matchers: ['team="db"'],
    endsAt: runtime.now() + HOUR,
    createdBy: 'ada',
    comment: 'disk swap',
    ...changes,
  });
  return { runtime, silences, request };
}

const db = alert({ labels: { team: 'db' } });

describe('silences', () => {
  it('mutes what matches, in its tenant, from start to end (the end not included)', () => {
    const { runtime, silences, request } = setUp();
    const { id } = silences.create(request({ startsAt: runtime.now() + HOUR / 2 }));
    expect(silences.silencing(db)).toEqual([]);
    expect(silences.list('contoso', 'pending').map((one) => one.id)).toEqual([id]);
    runtime.advance(HOUR / 2);
    expect(silences.silencing(db)).toEqual([id]);
    expect(silences.silencing(alert({ labels: { team: 'web' } }))).toEqual([]);
    expect(silences.silencing({ ...db, tenant: 'fabrikam' })).toEqual([]);
    runtime.advance(HOUR / 2);
    expect(silences.silencing(db)).toEqual([]);
    expect(silences.list('contoso', 'expired').map((one) => one.id)).toEqual([id]);
  });

  it('mutes from when it was asked for and as long as was asked, also when the clock is set back', () => {
    const { runtime, silences, request } = setUp();
    const { id } = silences.create(request());
    const { id: later } = silences.create(request({ startsAt: runtime.now() + HOUR / 2 }));
    runtime.advance(-24 * HOUR);
    silences.boundWaits(runtime.now());
    expect(silences.silencing(db)).toEqual([id]);
    runtime.advance(HOUR / 2);
    expect(silences.silencing(db).sort()).toEqual([id, later].sort());
    silences.boundWaits(runtime.now());
    runtime.advance(HOUR / 2);
    expect(silences.silencing(db)).toEqual([]);
  });

  it('can be ended early, once, by its own tenant', () => {
    const { runtime, silences, request } = setUp();
    const { id } = silences.create(request());
    runtime.advance(1_000);
    expect(() => silences.expire('fabrikam', id)).toThrow(expect.objectContaining({ code: 'silence_unknown' }));
    expect(silences.expire('contoso', id).endsAt).toBe(runtime.now());
    expect(silences.silencing(db)).toEqual([]);
    runtime.advance(1_000);
    expect(silences.expire('contoso', id).endsAt).toBe(runtime.now() - 1_000);
  });

  it('ends a pending silence before it starts', () => {
    const { runtime, silences, request } = setUp();
    const { id } = silences.create(request({ startsAt: runtime.now() + HOUR / 2 }));
    silences.expire('contoso', id);
    runtime.advance(HOUR / 2);
    expect(silences.silencing(db)).toEqual([]);
  });

  it('survives a restart as JSON', () => {
    const { runtime, silences, request } = setUp();
    const { id } = silences.create(request());
    const restarted = new Silences(runtime, JSON.parse(JSON.stringify(silences.list('contoso'))));
    expect(restarted.silencing(db)).toEqual([id]);
  });

  it('forgets an expired silence after 120 hours', () => {
    const { runtime, silences, request } = setUp();
    silences.create(request());
    runtime.advance(122 * HOUR);
    const { id } = silences.create(request({ endsAt: runtime.now() + HOUR }));
    expect(silences.list('contoso').map((one) => one.id)).toEqual([id]);
  });

  it.each([
    ['an end before the start', { startsAt: Date.UTC(2027, 0, 1) }, 'endsAt is not after'],
    ['an end in the past', { startsAt: 1, endsAt: 2 }, 'has passed'],
    ['nobody', { createdBy: ' ' }, 'createdBy'],
    ['everything', { matchers: ['team=~".*"'] }, 'mute everything'],
    ['no condition', { matchers: [] }, 'mute everything'],
  ])('refuses %s', (_, changes, problem) => {
    const { silences, request } = setUp();
    expect(() => silences.create(request(changes))).toThrow(problem);
    expect(() => silences.create(request(changes))).toThrow(expect.objectContaining({ code: 'silence_invalid' }));
    expect(silences.list('contoso')).toEqual([]);
  });
});
