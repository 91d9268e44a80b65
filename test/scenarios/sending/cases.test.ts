import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseCase, playCase } from '../../support/cases.ts';

const folder = new URL('../../fixtures/cases/sending/', import.meta.url);
const cases = readdirSync(folder).map((name) => parseCase(readFileSync(new URL(name, folder), 'utf8')));

describe('what people reported', () => {
  it.each(cases.map((one) => [`${one.id}: ${one.expect}`, one] as const))('%s', async (_, one) => {
    expect(await playCase(one, 30_000)).toEqual([]);
  });
});
