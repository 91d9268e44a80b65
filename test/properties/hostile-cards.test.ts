import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CATALOGUE } from '../../src/cards/catalogue/catalogue.ts';
import { fitCard } from '../../src/cards/fit.ts';
import { BOT, HOST_PROFILES, WORKFLOW } from '../../src/cards/host-profile.ts';
import { markdownLinks } from '../../src/cards/markdown/links.ts';
import { parseMarkdown } from '../../src/cards/markdown/markdown.ts';
import { parseCardSource } from '../../src/cards/parse-card.ts';
import { validateCard } from '../../src/cards/validate.ts';

const DEEP = 100_000;
const container = (items: unknown[]) => ({ type: 'Container', items });

function nested(levels: number): unknown {
  let node: unknown = { type: 'TextBlock', text: 'x' };
  for (let level = 0; level < levels; level++) node = container([node]);
  return { type: 'AdaptiveCard', version: '1.4', body: [node] };
}

function cyclic(): unknown {
  const items: unknown[] = [];
  items.push(container(items));
  return { type: 'AdaptiveCard', version: '1.4', body: items };
}

const wide = (body: unknown[]) => ({ type: 'AdaptiveCard', version: '1.4', body });

describe('hostile cards', () => {
  it.each([
    ['deep nesting', () => nested(DEEP), 'too_deep'],
    ['deep lists', () => JSON.parse(`${'['.repeat(DEEP)}${']'.repeat(DEEP)}`), 'too_deep'],
    ['deep fallbacks', () => JSON.parse(`${'{"type":"x","fallback":'.repeat(DEEP)}1${'}'.repeat(DEEP)}`), 'too_deep'],
    ['a cycle', cyclic, 'too_deep'],
    ['a million elements', () => wide(new Array(1_000_000).fill({ type: 'TextBlock', text: 'x' })), 'too_many_values'],
    [
      'a million keys',
      () => wide([Object.fromEntries(Array.from({ length: 1_000_000 }, (_, i) => [`k${i}`, 1]))]),
      'too_many_values',
    ],
    [
      'ten megabytes of text',
      () => wide([{ type: 'TextBlock', wrap: true, text: '['.repeat(10_000_000) }]),
      'too_large',
    ],
  ])('refuses %s in its stride', (_, make, code) => {
    expect(validateCard(make(), WORKFLOW).map((fault) => fault.code)).toEqual([code]);
    expect(() => fitCard(code === 'too_large' ? wide([{}]) : make(), WORKFLOW)).toThrow(
      expect.objectContaining({ code: 'card_invalid' }),
    );
  });

  it.each(['[', '](', '[a](', '[a]:', '<a:', '*', '_', '\\', '&amp;', '<at>', '1. '])(
    'reads Markdown of nothing but %j in linear time',
    (unit) => {
      const text = unit.repeat(Math.ceil(100_000 / unit.length));
      expect(markdownLinks(text).length + parseMarkdown(text).length).toBeGreaterThan(0);
    },
  );

  it('answers any JSON at all with faults, never with an exception, and pollutes nothing', () => {
    const key = fc.oneof(
      fc.constantFrom('__proto__', 'constructor', 'type', 'body', 'actions', 'items', 'fallback', 'text', 'id'),
      fc.string(),
    );
    const leaf = fc.oneof(
      fc.constantFrom(...CATALOGUE.keys(), 'AdaptiveCard', '1.4', 'drop'),
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        leaf,
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(key, tie('tree'), { maxKeys: 5 }),
      ),
    }));
    fc.assert(
      fc.property(tree, fc.constantFrom(...Object.values(HOST_PROFILES)), (body, profile) => {
        fc.pre(body !== null);
        const faults = validateCard(
          { type: 'AdaptiveCard', version: '1.4', body, msteams: body, refresh: body },
          profile,
        );
        expect(faults.length).toBeGreaterThan(0);
        for (const fault of faults)
          expect(fault).toMatchObject({ path: expect.stringMatching(/^\$/), allowed: expect.stringMatching(/./) });
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});

describe('parseCardSource', () => {
  it.each([
    ['invalid UTF-8', Uint8Array.of(0x22, 0xc3, 0x28, 0x22)],
    ['no JSON', new TextEncoder().encode('{"secret-canary": ')],
    ['two megabytes', new Uint8Array(2_097_152)],
  ])('refuses %s without quoting it', (_, source) => {
    expect(() => parseCardSource(source, 'card.json')).toThrow(
      expect.objectContaining({ code: 'card_not_readable', message: expect.not.stringContaining('canary') }),
    );
  });

  it('reads JSON', () => {
    expect(parseCardSource(new TextEncoder().encode('{"type":"AdaptiveCard"}'), 'card.json')).toEqual({
      type: 'AdaptiveCard',
    });
  });

  it('hands polluting keys to the validator, which refuses them', () => {
    const card = parseCardSource(
      new TextEncoder().encode('{"type":"AdaptiveCard","version":"1.5","__proto__":{"x":1}}'),
      'card.json',
    );
    expect(validateCard(card, BOT)).toMatchObject([{ code: 'forbidden_key', path: '$.__proto__' }]);
  });
});
