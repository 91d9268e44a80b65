import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { exports: Record<string, string> };
const modules = Object.entries(exports).filter(([name]) => name !== './package.json');

describe('the exports of the package', () => {
  it.each(modules)('%s is a room with something in it', async (_name, file) => {
    expect(file).toMatch(/^\.\/dist\/[a-z/]+\/index\.js$/);
    const source = join(root, file.replace('./dist/', 'src/').replace(/\.js$/, '.ts'));
    expect(Object.keys((await import(source)) as object).length).toBeGreaterThan(0);
  });
});
