import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** The table of `docs/architecture.md`, section "Where tests live": `| folder | what is in it |`. */
const folders = [
  ...readFileSync(join(root, 'docs', 'architecture.md'), 'utf8').matchAll(/^\| `(test\/[a-z]+)\/` *\|/gm),
].map(([, folder]) => folder!);

const files = ['src', 'test'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/')),
);
const isTest = (path: string) => path.endsWith('.test.ts');
const textOf = (path: string) => readFileSync(join(root, path), 'utf8');

describe('the tests', () => {
  it('live in the folders that docs/architecture.md names, or beside the source', () => {
    expect(folders).toContain('test/properties');
    const present = readdirSync(join(root, 'test'), { withFileTypes: true }).map(({ name }) => `test/${name}`);
    expect(present.sort()).toEqual([...folders].sort());
  });

  it('keep properties in one folder; what a unit test or a conformance suite says of its subject may be one too', () => {
    const using = files.filter((path) => /^import .* from 'fast-check'/m.test(textOf(path)));
    expect(using.length).toBeGreaterThan(20);
    const places = /^(src\/.*\.test\.ts$|test\/properties\/|test\/conformance\/|test\/support\/)/;
    expect(using.filter((path) => !places.test(path))).toEqual([]);
  });

  it('keep what helps them in one folder', () => {
    const helpers = files.filter((path) => path.startsWith('test/') && !isTest(path));
    expect(helpers.filter((path) => !/^test\/(support|conformance|fixtures)\//.test(path))).toEqual([]);
    expect(files.filter((path) => path.startsWith('src/') && /(^|\/)(support|helpers?|fakes?)\//.test(path))).toEqual(
      [],
    );
  });

  it('know one clock that stands still until it is moved', () => {
    const clocks = files.filter((path) =>
      /^export (class|function|interface) \w*(Clock|Runtime)\b/m.test(textOf(path)),
    );
    expect(clocks.filter((path) => !path.startsWith('src/'))).toEqual([
      'test/support/fast-runtime.ts',
      'test/support/virtual-clock.ts',
    ]);
  });
});
