import fc from 'fast-check';
import type { ColumnType } from '../../src/schema/column.ts';

export const text = fc.oneof(
  fc.string({ maxLength: 8, unit: 'grapheme' }),
  fc.constantFrom('', 'né', '会議 🎉', 'a"b\\c', "it's", '#1', 'null', 'true', '7', '-3', '2.5'),
);
const time = fc.constantFrom(
  '2026-01-02T03:04:05Z',
  '2026-01-02T03:04:05.1234567Z',
  '2026-01-02T03:04:05+02:00',
  '2026-01-02T03:04:05.9-08:00',
  '2026-01-02T03:04:05',
  '0001-01-01T00:00:00Z',
  '9999-12-31T23:59:59.9999999Z',
  '2026-01-02T24:00:00Z',
  '2026-02-30T00:00:00Z',
  '2026-06-30T23:59:60Z',
  '1899-12-31T23:59:59Z',
  '1900-01-01T00:00:00Z',
  '10000-01-01T00:00:00Z',
  'infinity',
  'nope',
  '',
);
/** What may stand where something else is due. */
const wrong = fc.oneof(
  text,
  fc.integer(),
  fc.boolean(),
  fc.constantFrom<unknown>(null, 1.5, 99999999999999),
  fc.constant({ x: ['y'] }),
  fc.constant(['z']),
);

/** A value of a type, or what may stand in its place. */
export function anyValue(type: ColumnType): fc.Arbitrary<unknown> {
  const right = rightValue(type);
  return fc.oneof(
    { weight: 6, arbitrary: right },
    { weight: 1, arbitrary: wrong },
    { weight: 2, arbitrary: fc.constant(null) },
  );
}

function rightValue(type: ColumnType): fc.Arbitrary<unknown> {
  if (typeof type === 'object') {
    if ('list' in type) return fc.array(anyValue(type.list), { maxLength: 3 });
    const fields = Object.entries(type.struct).map(([name, field]) => [name, anyValue(field)] as const);
    return fc.record(Object.fromEntries(fields), { requiredKeys: [] });
  }
  switch (type) {
    case 'timestamp':
      return time;
    case 'boolean':
      return fc.boolean();
    case 'int32':
    case 'int64':
      return fc.integer();
    case 'double':
      return fc.integer();
    case 'json':
      return fc.oneof(fc.constant([]), fc.record({ a: text, b: fc.integer() }));
    case 'id':
      return fc.oneof(
        text,
        fc.uuid(),
        fc.uuid().map((id) => id.toUpperCase()),
      );
    case 'string':
      return text;
  }
}
