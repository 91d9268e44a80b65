import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');

/** Rows of the table: kinds of the report, what is served, before, now, and the test with words of it. */
const rows = [...read('docs/stories.md').matchAll(/^\| ([\d, ]+) \| (.+) \| (.+) \| (.+) \| `(.+)`: "(.+)" \|$/gm)].map(
  ([, kinds, served, before, now, path, words]) => ({
    kinds: kinds!.split(', ').map(Number),
    cells: [served!, before!, now!],
    path: path!,
    words: words!,
  }),
);

const folder = 'test/scenarios/stories/';

describe('the page of stories', () => {
  it('has a row for every file of stories', () => {
    const told = new Set(rows.map(({ path }) => path));
    const files = readdirSync(new URL(folder, root)).map((name) => `${folder}${name}`);
    expect(files.filter((path) => !told.has(path))).toEqual([]);
  });

  it('has a row for each of the 32 kinds of the report', () => {
    const kinds = [...new Set(rows.flatMap((row) => row.kinds))].sort((a, b) => a - b);
    expect(kinds).toEqual(Array.from({ length: 32 }, (_, at) => at + 1));
  });

  it.each(rows)('quotes the test that shows a row: $path, "$words"', ({ path, words }) => {
    expect(existsSync(new URL(path, root))).toBe(true);
    // Titles may be cut into lines.
    const text = read(path).replace(/'\s*\+\s*'/g, '');
    expect(text).toContain(words);
  });

  it('is a table as a whole: no line of it is passed over', () => {
    const lines = read('docs/stories.md').match(/^\| \d.*$/gm)!;
    expect(rows.length).toBe(lines.length);
  });
});
