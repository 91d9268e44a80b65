import { describe, expect, it } from 'vitest';
import { partsOf } from './condition.ts';
import { parseCondition } from './parse-condition.ts';

const read = (text: string) => {
  const parsed = parseCondition(text);
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed.condition;
};
const problemOf = (text: string) => {
  const parsed = parseCondition(text);
  return 'problem' in parsed ? parsed.problem : undefined;
};

describe('a condition', () => {
  it('compares a property with a text, a number, an instant, true, false or null', () => {
    expect(read("from/user/id eq 'it''s'")).toEqual({ path: 'from/user/id', operator: 'eq', value: "it's" });
    expect(read('size ge -1.5')).toEqual({ path: 'size', operator: 'ge', value: -1.5 });
    expect(read('at lt 2026-01-31T00:00:00Z')).toEqual({
      path: 'at',
      operator: 'lt',
      value: { at: '2026-01-31T00:00:00Z' },
    });
    expect(read('isArchived eq true')).toMatchObject({ value: true });
    expect(read('mail ne null')).toMatchObject({ operator: 'ne', value: null });
    expect(read("startswith(displayName,'A')")).toEqual({ path: 'displayName', operator: 'startswith', value: 'A' });
  });

  it('binds and closer than or, and parentheses closest', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((path) => ({ path, operator: 'eq', value: 1 }));
    expect(read('a eq 1 or b eq 1 and c eq 1')).toEqual({ any: [a, { all: [b, c] }] });
    expect(read('(a eq 1 or b eq 1) and not c eq 1')).toEqual({ all: [{ any: [a, b] }, { not: c }] });
  });

  it('is taken apart into what must be met, however it was put together', () => {
    expect(partsOf(read('a eq 1 and (b eq 1 and c eq 1)'))).toHaveLength(3);
    expect(partsOf(read('a eq 1 or b eq 1'))).toHaveLength(1);
  });

  it.each([
    ['', 'at its end, the name of a property is expected'],
    ['membershipType', 'at its end, eq, ne, gt, ge, lt or le is expected'],
    ['a = 1', 'at 3, "= 1" is no part of a condition'],
    ['a like 1', 'at 3, before "like", eq, ne, gt, ge, lt or le is expected'],
    ['a eq b', `at 6, before "b", a value: 'text', a number, an instant, true, false or null is expected`],
    ['(a eq 1', 'at its end, ) is expected'],
    ['a eq 1 b', 'at 8, before "b", and, or, or its end is expected'],
    ["a eq 'open", `at 6, "'open" is no part of a condition`],
    [
      'a eq 2026-99-99',
      `at 6, before "2026-99-99", a value: 'text', a number, an instant, true, false or null is expected`,
    ],
  ])('%j is refused, and where is said', (text, problem) => {
    expect(problemOf(text)).toBe(problem);
  });
});
