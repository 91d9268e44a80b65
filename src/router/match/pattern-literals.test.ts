import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePattern } from './pattern.ts';
import { patternLiterals } from './pattern-literals.ts';

const begins = (text: string) => ({ text, whole: false });
const is = (text: string) => ({ text, whole: true });

describe('what a pattern says of how a text begins', () => {
  it.each([
    ['db-1', [is('db-1')]],
    ['db-.*', [begins('db-')]],
    ['warning|critical', [is('warning'), is('critical')]],
    ['db-.*|web', [begins('db-'), is('web')]],
    ['db-(a|b)', undefined],
    ['db-[12]', [begins('db-')]],
    ['db1?', [begins('db')]],
    ['db1{0,2}', [begins('db')]],
    ['😀*', undefined],
    ['a😀*', [begins('a')]],
    ['a+', undefined],
    ['a\\|b', undefined],
    ['a\\.b', [begins('a')]],
    ['(?i)db', undefined],
    ['^db', undefined],
    ['.*', undefined],
    ['', undefined],
    ['a|', undefined],
    ['[a|b]', undefined],
  ])('%s', (source, literals) => expect(patternLiterals(source)).toEqual(literals));

  it('never leaves out a text that matches', () => {
    let matched = 0;
    const part = fc.constantFrom(
      'a',
      'b',
      'ab',
      '|',
      '.',
      '*',
      '?',
      '+',
      '{0,2}',
      '(',
      ')',
      '[ab]',
      '\\.',
      '^',
      '$',
      '(?i)',
      '😀',
    );
    const text = fc
      .array(fc.constantFrom('a', 'b', 'A', '.', '|', '😀'), { maxLength: 5 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 6 }),
        fc.array(text, { minLength: 20, maxLength: 20 }),
        (parts, texts) => {
          const source = parts.join('');
          const matches = patternOf(source);
          const literals = patternLiterals(source);
          if (matches === undefined || literals === undefined) return;
          for (const one of texts.filter(matches)) {
            matched++;
            expect(
              literals.some(({ text: literal, whole }) => (whole ? one === literal : one.startsWith(literal))),
            ).toBe(true);
          }
        },
      ),
      { numRuns: 5_000 },
    );
    expect(matched).toBeGreaterThan(100);
  });
});

function patternOf(source: string) {
  try {
    return compilePattern(source);
  } catch {
    return undefined;
  }
}
