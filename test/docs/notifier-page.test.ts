import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');

it.each(['package.json', 'index.js', 'sluice.yaml'])(
  'docs/adding-a-notifier.md quotes %s of the example whole',
  (file) => {
    expect(read('docs/adding-a-notifier.md')).toContain(`\n${read(`examples/notifier-inbox/${file}`)}\`\`\``);
  },
);
