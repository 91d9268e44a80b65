import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const src = fileURLToPath(new URL('../../src/', import.meta.url));

/** The codecs: of a key in the lake, of the name of a place in it; and of kept pages, whose folder is named alike. */
const CODECS: ReadonlySet<string> = new Set([
  'lake/log/partition-key.ts',
  'strategies/position-key.ts',
  'lake/log/names.ts',
]);

/** Puts a key together, or takes one apart: `${resource}/${partition}`, `key.slice(resource.length + 1)`. */
const BY_HAND = /\$\{[\w.]*resource\}\/(?:`|\$\{[\w.]*partition)|slice\([\w.]*resource\.length/;

it('keys of positions are put together and taken apart by their codecs only', () => {
  const sources = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(
    (path) => path.endsWith('.ts') && !path.endsWith('.test.ts'),
  );
  expect(sources.length).toBeGreaterThan(300);
  const found = sources.filter((path) => BY_HAND.test(readFileSync(`${src}${path}`, 'utf8')));
  expect(found.filter((path) => !CODECS.has(path))).toEqual([]);
  expect(found).toContain('lake/log/partition-key.ts');
});
