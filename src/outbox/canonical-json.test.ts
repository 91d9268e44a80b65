import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from './canonical-json.ts';

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reversed(member)]),
  );
}

describe('canonicalJson', () => {
  it('is JSON of the same value, whatever the order of keys', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(reversed(value))).toBe(canonicalJson(value));
      }),
    );
  });

  it('sorts keys and leaves undefined members out', () => {
    expect(canonicalJson({ b: 1, a: undefined, A: [null, 'x'] })).toBe('{"A":[null,"x"],"b":1}');
  });

  it.each([
    [{ at: [new Date()] }, 'payload.at[0]'],
    [{ n: 1n }, 'payload.n'],
    [[Number.POSITIVE_INFINITY], 'payload[0]'],
    [undefined, 'payload'],
  ])('names the path of what JSON cannot say', (value, field) => {
    expect(() => canonicalJson(value)).toThrow(
      expect.objectContaining({ code: 'payload_not_json', details: { field } }),
    );
  });

  it('ends on cycles', () => {
    const cycle: Record<string, unknown> = {};
    cycle.self = cycle;
    expect(() => canonicalJson(cycle)).toThrow('nesting deeper than 100');
  });
});
