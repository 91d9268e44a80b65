import fc from 'fast-check';
import { expect, it } from 'vitest';
import { messageReactions as reactions } from '../../tables/message-reactions.ts';
import { messages } from '../../tables/messages.ts';
import { teams } from '../../tables/teams.ts';
import { mayHold } from '../tables/contested.ts';
import type { Span } from './key-spans.ts';
import { clusterColumn, haveCommon, keysOf } from './key-spans.ts';

const day = (at: number) => String(1_700_000_000_000 + at * 86_400_000);
const alone = (key: string): Span => [key, key];
const keysIn = (keys: readonly string[]) => keysOf(messages, keys.map(alone)).keys!;

it('keeps of the gaps between stretches of keys the widest', () => {
  const stretches = [0, 1, 2, 100, 101, 300].map((at) => alone(day(at)));
  expect(keysOf(messages, stretches, 3).keys).toEqual({
    column: 'id',
    spans: [
      [day(0), day(2)],
      [day(100), day(101)],
      [day(300), day(300)],
    ],
  });
  expect(keysOf(messages, stretches, 1).keys?.spans).toEqual([[day(0), day(300)]]);
});

it('says of a file without rows that it holds no key, and nothing of tables made of lists', () => {
  expect(keysOf(messages, []).keys).toEqual({ column: 'id', spans: [] });
  expect(keysOf(reactions, [alone('a')])).toEqual({});
  expect(clusterColumn(teams)).toBe('id');
});

it('compares keys as DuckDB does: by their bytes', () => {
  // U+FF5E comes before U+1F600 in UTF-8 and after it in UTF-16.
  expect(haveCommon([alone('\u{1F600}')], [['\uFF5E', '\u{1F601}']])).toBe(true);
});

it.each(['canary said this', '{"a":1}', '', '1'.repeat(65)])(
  'says nothing of a file with the id %j: it is no figure',
  (id) => {
    expect(keysOf(messages, [alone(day(1)), alone(id)])).toEqual({});
  },
);

it('looks into files that say nothing of their keys, or something of another column', () => {
  const file = { kind: 'base' as const, table: 'messages', path: 'p', rows: 1, deletes: 0, bytes: 1 };
  const silent = { ...file, path: 'silent' };
  const other = { ...file, path: 'other', keys: { column: 'team_id', spans: [alone('t')] } };
  const far = { ...file, path: 'far', keys: keysOf(messages, [[day(1), day(3)]]).keys! };
  const near = { ...file, path: 'near', keys: keysIn([day(2)]) };
  const found = (key: string) => mayHold(messages, [silent, other, far, near], [alone(key)]).map(({ path }) => path);
  expect(found(day(5))).toEqual(['silent', 'other']);
  expect(found(day(2))).toEqual(['silent', 'other', 'far', 'near']);
  expect(found(day(3))).toEqual(['silent', 'other', 'far']);
});

it('never leaves a file out that holds one of the keys', () => {
  const key = fc.oneof(
    fc.integer({ min: 1_000_000_000_000, max: 2_000_000_000_000 }).map(String),
    fc.constantFrom('0', '999999999999', '9999999999999', 'a', 'abcdefabcdefa'),
    fc.uuid(),
  );
  fc.assert(
    fc.property(
      fc.array(key, { minLength: 1, maxLength: 40 }),
      fc.array(key, { minLength: 1, maxLength: 10 }),
      (held, changed) => {
        const { spans } = keysIn(held);
        const asked = keysOf(messages, changed.map(alone), Number.POSITIVE_INFINITY).keys!.spans;
        const bytes = (text: string) => Buffer.from(text);
        expect(spans.length).toBeLessThanOrEqual(8);
        for (const [at, [low, high]] of spans.entries()) {
          expect(Buffer.compare(bytes(low), bytes(high))).toBeLessThanOrEqual(0);
          const next = spans[at + 1];
          if (next) expect(Buffer.compare(bytes(high), bytes(next[0]))).toBeLessThan(0);
        }
        if (changed.some((one) => held.includes(one))) expect(haveCommon(asked, spans)).toBe(true);
      },
    ),
  );
});
