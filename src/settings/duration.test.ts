import { expect, it } from 'vitest';
import { parseDuration } from './duration.ts';

it.each([
  ['0s', 0],
  ['30s', 30_000],
  ['1h30m', 5_400_000],
  ['1w2d3h4m5s6ms', 788_645_006],
  ['', undefined],
  ['5', undefined],
  ['1m1h', undefined],
  ['-1s', undefined],
  ['1.5h', undefined],
])('%j is %s ms', (text, expected) => {
  expect(parseDuration(text)).toBe(expected);
});
