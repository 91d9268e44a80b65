import { expect, it } from 'vitest';
import { LONGEST_RETRY_AFTER_MS, parseRetryAfter } from './retry-after.ts';

const NOW = Date.parse('2026-05-01T12:00:00Z');

it.each<[Record<string, string>, number | undefined]>([
  [{ 'retry-after': '10' }, 10_000],
  [{ 'retry-after': '2.128' }, 2128],
  [{ 'retry-after': '0' }, 0],
  [{ 'retry-after': 'Fri, 01 May 2026 12:00:30 GMT' }, 30_000],
  [{ 'retry-after': 'Fri, 01 May 2026 11:00:00 GMT' }, 0],
  [{ 'retry-after-ms': '1500', 'retry-after': '9' }, 1500],
  [{ 'x-ms-retry-after-ms': '250' }, 250],
  [{ 'retry-after': '-5' }, undefined],
  [{ 'retry-after': '12 soup' }, undefined],
  [{ 'retry-after': 'soon' }, undefined],
  [{ 'retry-after': '' }, undefined],
  [{ 'retry-after': '1e20' }, LONGEST_RETRY_AFTER_MS],
  [{ 'retry-after': '9'.repeat(400) }, LONGEST_RETRY_AFTER_MS],
  [{ 'retry-after-ms': '86400001' }, LONGEST_RETRY_AFTER_MS],
  [{ 'retry-after': 'Fri, 31 Dec 9999 23:59:59 GMT' }, LONGEST_RETRY_AFTER_MS],
  [{ 'retry-after': '86400' }, LONGEST_RETRY_AFTER_MS],
  [{}, undefined],
])('%j asks for %s ms', (headers, expected) => {
  expect(parseRetryAfter(headers, NOW)).toBe(expected);
});
