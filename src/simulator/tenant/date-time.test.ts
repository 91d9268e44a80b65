import { describe, expect, it } from 'vitest';
import { graphDateTime, parseDateTime } from './date-time.ts';

describe('graphDateTime', () => {
  it.each([
    [1_700_000_000_123, '2023-11-14T22:13:20.123Z'],
    [1_700_000_000_120, '2023-11-14T22:13:20.12Z'],
    [1_700_000_000_100, '2023-11-14T22:13:20.1Z'],
    [1_700_000_000_000, '2023-11-14T22:13:20.0Z'],
    [1_700_000_000_001, '2023-11-14T22:13:20.001Z'],
  ])('writes %d with one to three fraction digits', (ms, text) => {
    expect(graphDateTime(ms)).toBe(text);
    expect(parseDateTime(text)).toBe(ms);
  });
});

describe('parseDateTime', () => {
  it('reads offsets and seven fraction digits', () => {
    expect(parseDateTime('2023-11-14T14:13:20.1230000-08:00')).toBe(1_700_000_000_123);
  });

  it.each(['', 'yesterday', '2023-11-14', '2023-11-14T22:13:20', '2023-13-14T22:13:20Z'])('refuses "%s"', (text) => {
    expect(parseDateTime(text)).toBeUndefined();
  });
});
