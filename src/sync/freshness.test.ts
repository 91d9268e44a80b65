import { describe, expect, it } from 'vitest';
import { freshRun, withFinishedRun } from './freshness.ts';

const at = (hour: number) => `2026-01-01T0${hour}:00:00.000Z`;
const run = (scope: object, hour = 1) => ({
  scope: { tables: ['messages', 'teams'], ...scope },
  startedAt: at(hour),
  finishedAt: at(hour + 1),
});

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
  ])('is one that %s', (_, done, wanted, since, expected) => {
    const facts = withFinishedRun({}, run(done));
    const found = freshRun(facts, { tables: ['messages', 'teams'], ...wanted }, Date.parse(since));
    expect(found !== undefined).toBe(expected);
  });

  it('is remembered once for each scope', () => {
    const facts = withFinishedRun(withFinishedRun({}, run({})), run({}, 3));
    expect(facts).toEqual({ finishedRuns: [run({}, 3)] });
  });

  it.each([{}, { finishedRuns: 'none' }, { finishedRuns: [null, 1, {}, { scope: 1, startedAt: 2 }] }])(
    'is not found in %j',
    (facts) => {
      expect(freshRun(facts, { tables: [] }, 0)).toBeUndefined();
    },
  );
});
