import { describe, expect, it } from 'vitest';
import { freshRun } from './freshness.ts';
import type { LoggedRun } from './run-log.ts';
import { begunRun } from './run-log.ts';

const at = (hour: number) => `2026-01-01T0${hour}:00:00.000Z`;
const run = (scope: object, more: Partial<LoggedRun> = {}): LoggedRun => ({
  ...begunRun({ id: '1', command: 'sync', startedAt: at(1), scope: { tables: ['messages', 'teams'], ...scope } }),
  outcome: 'ok',
  finishedAt: at(2),
  ...more,
});
const wanted = { tables: ['messages', 'teams'] };

describe('a run that has done it already', () => {
  it.each([
    ['began later and read more', {}, { tables: ['teams'] }, at(0), true],
    ['began at that very instant', {}, {}, at(1), true],
    ['began before, though it ended after', {}, {}, '2026-01-01T01:30:00Z', false],
    ['read other tables', {}, { tables: ['users'] }, at(0), false],
    ['read one team only', { teams: ['a'] }, {}, at(0), false],
    ['read that team among others', { teams: ['a', 'b'] }, { teams: ['b'] }, at(0), true],
    ['read one channel only', { channels: ['c'] }, {}, at(0), false],
    ['began its history later', { sinceMs: 2 }, {}, at(0), false],
    ['began its history earlier', { sinceMs: 2 }, { sinceMs: 3 }, at(0), true],
  ])('is one that %s', (_, done, asked, since, expected) => {
    const found = freshRun([run(done)], { ...wanted, ...asked }, { sinceMs: Date.parse(since) });
    expect(found !== undefined).toBe(expected);
  });

  it.each(['running', 'partial', 'failed', 'killed'] as const)('is none that is %s', (outcome) => {
    expect(freshRun([run({}, { outcome })], wanted, { sinceMs: 0 })).toBeUndefined();
  });

  it('answers for what it left out to those who name nothing, and to nobody who names it', () => {
    const done = run({ onlyGranted: true }, { notPermitted: ['teams'] });
    expect(freshRun([done], { ...wanted, onlyGranted: true }, { sinceMs: 0 })).toBe(done);
    expect(freshRun([done], wanted, { sinceMs: 0 })).toBeUndefined();
    expect(freshRun([done], { tables: ['messages'] }, { sinceMs: 0 })).toBe(done);
  });

  it('does not count when something was put back after it', () => {
    const before = run({});
    const reset = run({}, { id: '2', command: 'reset' });
    const broken = run({}, { id: '3', command: 'refresh', outcome: 'killed' });
    const again = run({}, { id: '4' });
    expect(freshRun([reset, before], wanted, { sinceMs: 0 })).toBeUndefined();
    expect(freshRun([broken, before], wanted, { sinceMs: 0 })).toBeUndefined();
    expect(freshRun([again, broken, before], wanted, { sinceMs: 0 })).toBe(again);
  });
});
