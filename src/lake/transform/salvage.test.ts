import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { message } from '../../../test/support/lake-pages.ts';
import { recordTables } from '../../schema/column.ts';
import { tables } from '../../tables/index.generated.ts';
import { recordTest, salvageRecords } from './salvage.ts';

const isMessage = recordTest(recordTables(tables, 'channel_messages'));
const salvaged = (page: string | Uint8Array) => {
  const found = salvageRecords(typeof page === 'string' ? Buffer.from(page) : page, isMessage);
  return (
    found && {
      ids: found.records.map(({ value }) => (value as { id: string }).id),
      lost: found.lost.map((bytes) => Buffer.from(bytes).toString()),
      complete: found.complete,
    }
  );
};

const five = ['1', '2', '3', '4', '5'].map((id) => JSON.stringify(message(id)));
const page = (records: readonly string[], tail = ',"@odata.nextLink":"https://x/?$skiptoken=a%22]b"') =>
  `{"@odata.context":"c, \\"value\\":[","@odata.count":5,"value": [${records.join(', ')}]${tail}}`;
const damaged = (at: number, by: (record: string) => string) =>
  five.map((record, place) => (place === at ? by(record) : record));

describe('a page with one record that is no JSON', () => {
  const damages: readonly [string, (record: string) => string][] = [
    ['a raw control character in a text', (record) => record.replace('text of', 'text\u0001of')],
    ['words after a colon', (record) => record.replace('"content":', '"content":WORD ')],
    ['quotes in pairs inside a text', (record) => record.replace('text of', 'a "text" of')],
    ['one quote inside a text', (record) => record.replace('text of', 'a 3" text of')],
    ['one quote and a brace inside a text', (record) => record.replace('text of', 'a }" text {of')],
    ['a missing closing brace', (record) => record.slice(0, -1)],
    ['a brace too many', (record) => `${record}}`],
    ['a bracket too many', (record) => record.replace('"reactions":[]', '"reactions":[]]')],
    ['a stray comma', (record) => record.replace('"replyToId":', ',"replyToId":')],
    ['an escape that is none', (record) => record.replace('text of', String.raw`\x text of`)],
    ['a cut in its middle', (record) => record.slice(0, 120)],
  ];
  it.each(damages.flatMap(([what, by]) => [0, 2, 4].map((at) => [what, at, by] as const)))(
    'gives all others: %s, record %i',
    (_, at, by) => {
      const found = salvaged(page(damaged(at, by)))!;
      expect(found.ids).toEqual(['1', '2', '3', '4', '5'].filter((_, place) => place !== at));
      expect(found.complete).toBe(true);
      expect(found.lost.join('')).toContain('"messageType":"message"'.slice(0, 12));
      expect(found.lost.join('')).not.toContain('skiptoken');
    },
  );

  it('loses bytes that are no UTF-8 with their record only', () => {
    const bytes = Buffer.from(page(five));
    bytes[bytes.indexOf('text of 3')] = 0xff;
    expect(salvaged(bytes)).toMatchObject({ ids: ['1', '2', '4', '5'], complete: true });
  });
});

it('finds whole replies inside a broken root, and never takes an attachment or a mention for a message', () => {
  const reply = (id: string) => message(id, { replyToId: '3' });
  const root = message('3', {
    attachments: [
      { id: 'a', contentType: 'reference' },
      { id: 'b', contentType: 'reference', name: 'x', content: null },
    ],
    mentions: [
      { id: 0, mentionText: 'x' },
      { id: 1, mentionText: 'y' },
    ],
    replies: [reply('6'), reply('7')],
  });
  const broken = JSON.stringify(root).replace('text of 3', 'text " of 3');
  const found = salvaged(page(damaged(2, () => broken)))!;
  expect(found.ids).toEqual(['1', '2', '6', '7', '4', '5']);
  expect(found.complete).toBe(true);
});

it('says when the end is missing', () => {
  expect(salvaged(page(five).slice(0, -600))).toMatchObject({ complete: false });
  expect(salvaged('{"error":{}}')).toBeUndefined();
  expect(salvaged('')).toBeUndefined();
});

it('gives every record of a page that is JSON, whatever stands in it, and loses nothing', () => {
  const anyRecord = fc.oneof(
    fc.jsonValue(),
    fc.string({ unit: 'binary' }).map((content) => ({ id: '1', content })),
  );
  fc.assert(
    fc.property(fc.array(anyRecord, { maxLength: 5 }), fc.dictionary(fc.string(), fc.jsonValue()), (value, rest) => {
      const body = JSON.stringify({ ...rest, value });
      const found = salvageRecords(Buffer.from(body), isMessage)!;
      expect(found.records.map((record) => record.value)).toEqual(JSON.parse(body).value);
      expect(found).toMatchObject({ lost: [], complete: true });
    }),
  );
});

it('ends on any bytes, and what it gives was there', () => {
  const bits = fc.constantFrom('{', '}', '[', ']', '"', ',', ':', '\\', 'null', '"value":[', '"id":"1"', ' ', '\u0001');
  fc.assert(
    fc.property(fc.array(bits, { maxLength: 60 }), (parts) => {
      const body = `{"value":[${parts.join('')}`;
      const found = salvageRecords(Buffer.from(body), isMessage)!;
      for (const { bytes } of found.records) expect(body).toContain(Buffer.from(bytes).toString());
      for (const bytes of found.lost) expect(body).toContain(Buffer.from(bytes).toString());
    }),
    { numRuns: 500 },
  );
});
