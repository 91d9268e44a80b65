import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { tables } from '../../src/tables/index.generated.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');

/** Rows of its tables: what is read, how it is asked for, and the test with words of it. */
const rows = [...read('docs/scope.md').matchAll(/^\| (.+) \| (.+) \| `(.+)`: "(.+)" \|$/gm)].map(
  ([, what, how, path, words]) => ({ what: what!, how: how!, path: path!, words: words! }),
);

/** Titles may be cut into lines. */
const textOf = (path: string): string => read(path).replace(/'\s*\+\s*'/g, '');

describe('the page of what is read', () => {
  it.each(rows)('quotes the test that shows a row: $path, "$words"', ({ path, words }) => {
    expect(existsSync(new URL(path, root))).toBe(true);
    expect(textOf(path)).toContain(words);
  });

  it('is read as a whole: no line of it is passed over', () => {
    const lines = read('docs/scope.md').match(/^\| (?!what \|).*$/gm)!;
    expect(rows.length).toBe(lines.length);
  });

  it('asks for tables that there are', () => {
    const asked = rows.flatMap(({ how }) =>
      [...how.matchAll(/--tables ([a-z_,]+)/g)].flatMap(([, names]) => names!.split(',')),
    );
    expect(asked.length).toBeGreaterThan(15);
    for (const name of asked) expect(tables.map((table) => table.name)).toContain(name);
  });
});
