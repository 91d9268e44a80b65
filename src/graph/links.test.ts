import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findLinks, hasValue } from './links.ts';

const find = (text: string, replies = false) => findLinks(Buffer.from(text), { replies });
const LINK = 'https://graph.microsoft.com/v1.0/x?$skiptoken=a';

describe('findLinks', () => {
  it.each([
    ['before the values', `{"@odata.nextLink":"${LINK}","value":[{"a":1}]}`],
    ['after the values', `{"value":[{"a":[1]}],"@odata.nextLink":"${LINK}","@odata.count":5}`],
    ['with blanks around the colon', `{"value":[] , "@odata.nextLink" : "${LINK}"}`],
    [
      'in the middle of long values',
      `{"a":[${'1,'.repeat(9000)}1],"@odata.nextLink":"${LINK}","value":[${'1,'.repeat(9000)}1]}`,
    ],
  ])('finds a link %s', (_where, page) => {
    expect(find(page)).toEqual({ nextLink: LINK, replyLinks: [] });
  });

  it('unescapes', () => {
    expect(find('{"value":[],"@odata.deltaLink":"https://x/\\u0026\\"\\\\"}').deltaLink).toBe('https://x/&"\\');
  });

  it.each([
    ['inside a text', `{"value":[{"body":"\\"@odata.nextLink\\":\\"${LINK}\\""}]}`],
    ['in a nested object', `{"value":[{"@odata.nextLink":"${LINK}"}]}`],
    ['in an object before the values', `{"a":{"@odata.nextLink":"${LINK}"},"value":[]}`],
    ['in the last nested object', `{"value":[],"z":{"@odata.nextLink":"${LINK}"}}`],
    ['of replies', `{"value":[{"replies@odata.nextLink":"${LINK}"}]}`],
  ])('does not take a link %s for that of the page', (_where, page) => {
    expect(find(page)).toEqual({ replyLinks: [] });
  });

  it.each([
    ['a control character', '"a\u0001b"'],
    ['a byte that is no UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['a stray word', 'STRAY "a"'],
    ['brackets in a text', '"]}\u0001{["'],
    ['a quote in a text', '"\\"\u0001"'],
  ])('of a page that is no JSON for the sake of %s', (_what, value) => {
    const page = (tail: string, blank = '') =>
      Buffer.concat([
        Buffer.from(`{"value"${blank}:${blank}[{"id":"1","x":`),
        Buffer.from(value),
        Buffer.from(`}]${tail}}`),
      ]);
    expect(findLinks(page(`,"@odata.nextLink" : "${LINK}"`))).toMatchObject({ nextLink: LINK });
    expect(findLinks(page(''))).toEqual({ replyLinks: [] });
    expect(hasValue(page('', ' '))).toBe(true);
  });

  it.each([
    ['in a text', '{"value":[{"id":"1","x":"a\u0001'],
    ['behind a record', '{"value":[{"id":"1","x":"a\u0001"}'],
    ['behind a list of a record', '{"value":[{"x":"a\u0001","y":[{"z":[]}'],
    ['behind a quote too many', '{"value":[{"x":"a\u0001"","y":1}]}'],
    ['and followed by another', '{"value":["a\u0001"]}{"value":[]}'],
  ])('tells nothing of a page that was cut %s', (_where, page) => {
    expect(() => find(page)).toThrow(SyntaxError);
  });

  it('reports links to further replies on demand, in order', () => {
    const page =
      '{"value":[{"replies@odata.nextLink":"https://x/1"},{"t":"\\"replies@odata.nextLink\\":\\"no\\"","replies@odata.nextLink":"https://x/2"}]}';
    expect(find(page, true).replyLinks).toEqual(['https://x/1', 'https://x/2']);
    expect(find(page).replyLinks).toEqual([]);
  });

  it('agrees with JSON.parse on every page', () => {
    const link = fc.option(fc.string({ minLength: 1 }), { nil: undefined });
    const key = fc.constantFrom('@odata.nextLink', '@odata.deltaLink', 'id', 'value', 'body');
    const nested = fc.dictionary(
      key,
      fc.oneof(fc.string(), fc.array(fc.dictionary(key, fc.string()), { maxLength: 2 })),
    );
    const page = fc.record({
      next: link,
      delta: link,
      value: fc.array(nested, { maxLength: 4 }),
      extra: nested,
      first: fc.boolean(),
      pretty: fc.boolean(),
    });
    fc.assert(
      fc.property(page, ({ next, delta, value, extra, first, pretty }) => {
        const found = { '@odata.nextLink': next, '@odata.deltaLink': delta };
        const object = first ? { ...found, extra, value } : { value, extra, ...found };
        const { replyLinks: _, ...links } = find(JSON.stringify(object, null, pretty ? 1 : 0));
        expect(links).toEqual({ ...(next && { nextLink: next }), ...(delta && { deltaLink: delta }) });
      }),
      { numRuns: 500 },
    );
  });
});

it.each([
  ['{"value":[]}', true],
  ['{"@odata.count":1, "value" : [1]}', true],
  ['{"value":{"id":1}}', false],
  ['{"error":{"code":"x"}}', false],
  ['{"note":"\\"value\\":[","@odata.nextLink":"x"}', false],
])('%s is a list: %s', (page, expected) => {
  expect(hasValue(Buffer.from(page))).toBe(expected);
});
