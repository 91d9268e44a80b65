import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isDamaged, lostOn } from './records.ts';

const utf8 = (text: string) => Buffer.from(text, 'utf8');

describe('a page', () => {
  it('is damaged exactly when it is no UTF-8, no JSON or has no list, whatever stands in its texts', () => {
    const value = fc.oneof(fc.array(fc.jsonValue()), fc.jsonValue());
    const broken = fc.tuple(value, fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 3 })).map(([json, at, bytes]) => {
      const page = utf8(JSON.stringify({ value: json }));
      page.set(bytes, at % (page.length - bytes.length));
      return page;
    });
    const whole = value.map((json) => utf8(JSON.stringify({ value: json })));
    fc.assert(
      fc.property(fc.oneof(whole, broken), (bytes) => {
        expect(isDamaged({ bytes })).toBe(!isListPage(bytes));
      }),
    );
  });

  it.each(['é', '\u00a0', '\u2028', '😀', '\\ud800', 'ÿ'])('may hold %j in a text', (text) => {
    expect(lostOn({ bytes: utf8(`{"value":[{"id":"${text}"}]}`) })).toEqual([]);
    expect(isDamaged({ bytes: utf8(`{"value":[{"id":"${text}"}]}`) })).toBe(false);
  });

  it.each(['\u00a0', '\u0085', '\ufeff', '\u2028'])('is no JSON with %j between its tokens', (text) => {
    expect(isDamaged({ bytes: utf8(`{"value":${text}[]}`) })).toBe(true);
  });
});

function isListPage(bytes: Uint8Array): boolean {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return Array.isArray((JSON.parse(text) as { value?: unknown } | null)?.value);
  } catch {
    return false;
  }
}
