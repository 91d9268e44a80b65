import { expect, it } from 'vitest';
import { Forwarded, isRetry, RETRY_WINDOW_MS } from './forwarded.ts';

const last = { key: 'g', bodyDigest: 'same', at: 1_000_000 };

it.each([
  ['the same bytes a moment later', 'same', 500, true],
  ['the same bytes at the end of the window', 'same', RETRY_WINDOW_MS, false],
  ["its sender's repeat of a minute", 'same', 60_000, false],
  ['other bytes', 'other', 500, false],
  ['the same bytes after the clock was put back', 'same', -3_600_000, false],
])('takes %s for a retry: %s, %s, %s', (_, bodyDigest, afterMs, retry) => {
  expect(isRetry(last, bodyDigest, last.at + afterMs)).toBe(retry);
  expect(isRetry(undefined, bodyDigest, last.at + afterMs)).toBe(false);
});

it('remembers only the last moments, and nothing that could not be stored', () => {
  const forwarded = new Forwarded([last]);
  expect(forwarded.isRetry('g', 'same', last.at + 1), 'after a restart').toBe(true);
  forwarded.note('h', 'new', last.at + RETRY_WINDOW_MS);
  expect(forwarded.changes()).toMatchObject([{ key: 'g', value: undefined }, { key: 'h' }]);
  forwarded.rollback();
  expect(forwarded.isRetry('h', 'new', last.at + RETRY_WINDOW_MS)).toBe(false);
  expect(forwarded.isRetry('g', 'same', last.at + 1)).toBe(true);
});
