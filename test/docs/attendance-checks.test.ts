import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const page = read('docs/attendance-checks.md');

const lines = page.match(/^\| (?:\d|[A-Z]\d).*$/gm)!;
/** What each line is about, and the tests that show it, with words of them. */
const rows = lines.flatMap((line) => {
  const [, about, , shown] = /^\| ([\w, ]+) \| (.+) \| (`.+) \|$/.exec(line) ?? [];
  return [...(shown ?? '').matchAll(/`([^`]+)`: "([^"]+)"/g)].map(([, path, words]) => ({
    about: about!,
    path: path!,
    words: words!,
  }));
});

describe('the page of what must hold of attendance', () => {
  it.each(rows)('quotes the test that shows $about: $path, "$words"', ({ path, words }) => {
    expect(read(path)).toContain(words);
  });

  it('shows every line of the list of acceptance, and every feature', () => {
    const about = [...new Set(rows.flatMap((row) => row.about.split(', ')))];
    const numbers = Array.from({ length: 12 }, (_, at) => String(at + 1));
    const features = Array.from({ length: 30 }, (_, at) => `B${at + 1}`);
    expect(about).toEqual([...numbers, ...features, 'D41', 'D42', 'E5']);
    expect(new Set(rows.map((row) => row.about)).size).toBe(lines.length);
  });
});
