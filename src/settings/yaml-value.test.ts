import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readConfigDocument } from './document.ts';

function read(text: string) {
  const document = readConfigDocument(text);
  if (!('faults' in document)) return document.value;
  return document.faults.map(({ line, column, path, message }) => `${line}:${column} ${path}: ${message}`);
}

describe('a configuration file as data', () => {
  it('has its aliases put in, each a copy of its own place', () => {
    expect(read('a: &x { b: [1, 2] }\nc: *x\nd: [*x]')).toEqual({
      a: { b: [1, 2] },
      c: { b: [1, 2] },
      d: [{ b: [1, 2] }],
    });
  });

  it('takes the anchor that stands last before the alias', () => {
    expect(read('a: &x 1\nb: *x\nc: &x 2\nd: *x')).toEqual({ a: 1, b: 1, c: 2, d: 2 });
  });

  it('merges << as Compose does: own keys win, then the earlier mapping', () => {
    const text =
      'base: &b { p: 1, q: 1 }\nmore: &m { q: 2, r: 2 }\none: { <<: *b, p: 0 }\ntwo: { <<: [*b, *m] }\nthree: { <<: { z: 1 } }';
    expect(read(text)).toMatchObject({ one: { p: 0, q: 1 }, two: { p: 1, q: 1, r: 2 }, three: { z: 1 } });
    expect(read('deep: &d { <<: { a: 1 }, b: 2 }\nall: { <<: *d }')).toMatchObject({ all: { a: 1, b: 2 } });
  });

  it.each([
    ['an alias within its own anchor', 'a: &x { b: *x }', '1:9 a.b: This alias holds itself.'],
    ['an alias within its own list', 'a: &x [1, [*x]]', '1:12 a[1][0]: This alias holds itself.'],
    ['a merge of itself', 'a: &x\n  <<: *x\n  b: 1', '2:3 a: This alias holds itself.'],
    ['two that hold each other', 'a: &x { b: &y { c: *x } }\nd: *y', '1:17 a.b.c: This alias holds itself.'],
    ['a key that stands twice', 'a: 1\nb: 2\na: 3', '3:1 a: This key stands here twice'],
    ['__proto__', 'server: { __proto__: { port: 1 } }', '1:11 server.__proto__: This name cannot be a key.'],
    ['__proto__ by merge', 'a: { <<: { __proto__: 1 } }', '1:6 a.__proto__: This name cannot be a key.'],
    ['a merge of a text', 'a: { <<: text }', '1:6 a.<<: Expected a mapping, or a list of mappings.'],
    ['great depth', `a: ${'['.repeat(300)}${']'.repeat(300)}`, 'nested too deeply.'],
  ])('refuses %s', (_name, text, fault) => {
    const [first] = read(text) as string[];
    expect(first).toContain(fault);
  });

  it('refuses aliases that multiply', () => {
    const lines = Array.from(
      { length: 30 },
      (_, i) => `l${i + 1}: &l${i + 1} [${Array(10).fill(`*l${i}`).join(', ')}]`,
    );
    expect(read(`l0: &l0 [1, 2]\n${lines.join('\n')}`)).toEqual([
      expect.stringContaining('too large once its aliases'),
    ]);
  });

  it('never throws, whatever the text', () => {
    const piece = fc.constantFrom(
      'a',
      'b:',
      ' ',
      '\n',
      '&x ',
      '*x',
      '<<: ',
      '{',
      '}',
      '[',
      ']',
      ',',
      '- ',
      '"',
      '? ',
      '!!set ',
      '1',
      '|\n',
      '#',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => void read(pieces.join(''))),
      { numRuns: 2_000 },
    );
  });
});
