import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseCase, playCase } from '../../support/cases.ts';

const folder = new URL('../../fixtures/cases/sending/', import.meta.url);
const cases = readdirSync(folder).map((name) => parseCase(readFileSync(new URL(name, folder), 'utf8')));

/** Cases that do not hold yet, with their kind. It shrinks to nothing: one that holds must leave it. */
const pending: Readonly<Record<string, string>> = {
  'K15-29-on-webhook': '17 card check',
  'K15-low-version-actionset': '17 card check',
};

describe('what people reported', () => {
  it('is a case for every name that is pending', () => {
    const ids = cases.map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining(Object.keys(pending)));
  });

  for (const one of cases) {
    const isPending = Object.hasOwn(pending, one.id);
    it(`${one.id}: ${one.expect}${isPending ? ' (pending)' : ''}`, async () => {
      const faults = await playCase(one, isPending ? 300 : 30_000);
      if (isPending) expect(faults, 'it holds now: take it out of the pending ones').not.toEqual([]);
      else expect(faults).toEqual([]);
    });
  }
});
