import { expect, it } from 'vitest';
import { compilePattern } from '../../src/router/match/pattern.ts';

// shapes that take exponential or polynomial time in a backtracking engine
const patterns = [
  '^(a|a)*$',
  '(a+)+b',
  '(a*)*b',
  '(a|aa)+$',
  '(.*)*x',
  '(.*a){12}',
  '([a-z]+)*\\d',
  '^(([a-z])+.)+[A-Z]([a-z])+$',
];

// a backtracking engine would need longer than the universe lasts: coming back at all is the assertion
it.each(patterns)('%s answers on 50,000 characters', (pattern) => {
  expect(compilePattern(pattern)(`${'a'.repeat(50_000)}!`)).toBe(false);
  expect(compilePattern(`(?:${pattern})|a*`)('a'.repeat(50_000))).toBe(true);
});
