import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { checkConfig } from '../config/load.ts';
import { loadKind } from './load.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-kinds-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}
const kind = (over: string) =>
  `const base = { api: 1, name: 'journal', fields: ({ text }) => ({ book: text }), open: () => ({ notify: async () => ({ kind: 'accepted' }) }) };
export default { ...base, ${over} };`;

describe('a notifier that a configuration names', () => {
  it.each([
    ['a file', './own.mjs', { 'own.mjs': kind('') }],
    [
      'a package',
      'pkg-main',
      { 'node_modules/pkg-main/package.json': '{"type":"module"}', 'node_modules/pkg-main/index.js': kind('') },
    ],
    [
      'a package that can only be imported',
      '@acme/esm',
      {
        'node_modules/@acme/esm/package.json': '{"exports":{".":{"types":"./x.d.ts","import":"./i.mjs"}}}',
        'node_modules/@acme/esm/i.mjs': kind(''),
      },
    ],
    [
      'a file below a package',
      'pkg-sub/teams',
      {
        'node_modules/pkg-sub/package.json': '{"exports":{"./teams":"./t.mjs"}}',
        'node_modules/pkg-sub/t.mjs': kind(''),
      },
    ],
    [
      'CommonJS that was compiled',
      'pkg-cjs',
      {
        'node_modules/pkg-cjs/package.json': '{"main":"c.cjs"}',
        'node_modules/pkg-cjs/c.cjs': `exports.__esModule = true; exports.default = (() => { ${kind('').replace('export default', 'return')} })();`,
      },
    ],
  ])('is %s', async (_, given, files) => {
    for (const [path, text] of Object.entries(files)) file(path, text);
    expect(await loadKind(given, folder)).toMatchObject({ kind: { name: 'journal' } });
  });

  it.each([
    ['./none.mjs', '', /no file/],
    ['no-such-package', '', /npm install no-such-package/],
    ['https://example.com/x.js', '', /name of a package, or a path/],
    ['./syntax.mjs', 'export default {', /cannot be loaded \((?:Syntax)?Error\)/],
    ['./throws.mjs', 'throw new Error("canary")', /cannot be loaded \(Error\)/],
    ['./imports.mjs', 'import "no-such-dependency"; export default 1', /cannot be loaded/],
    ['./nothing.mjs', 'export const a = 1;', /no notifier/],
    ['./newer.mjs', kind('api: 2'), /another release/],
    ['./named.mjs', kind("name: 'My Journal'"), /name: .*lower case/],
    ['./closed.mjs', kind('open: 1'), /open: .*function/],
    ['./twice.mjs', kind("name: 'webhook'"), /notifier "webhook" already/],
    ['./common.mjs', kind('fields: ({ text }) => ({ tenant: text })'), /"tenant" is one that every receiver has/],
    ['./foreign.mjs', kind('fields: () => ({ book: 1 })'), /no fields of the kit/],
    ['./unmade.mjs', kind('fields: () => { throw new TypeError("canary") }'), /cannot be made \(TypeError\)/],
    [
      './section.mjs',
      kind('settings: ({ text }) => ({ server: { book: text } })'),
      /"server" belongs to somebody else/,
    ],
    ['./limit.mjs', kind('settings: ({ text }) => ({ resilience: { rate: text } })'), /must begin with "journal_"/],
  ])('%s is refused with its place and why', async (given, text, message) => {
    if (text !== '') file(given, text);
    file('sluice.yaml', `notifiers:\n  - '${given}'\n`);
    const checked = await checkConfig({ file: join(folder, 'sluice.yaml'), environment: {} });
    const faults = 'faults' in checked ? checked.faults : [];
    expect(faults).toEqual([
      {
        source: expect.stringContaining('sluice.yaml:2:5'),
        path: 'notifiers[0]',
        message: expect.stringMatching(message),
      },
    ]);
    expect(JSON.stringify(faults)).not.toContain('canary');
  });

  it.each([
    ['notifier: jurnal', '', 'receivers.log.notifier', /Unknown notifier\. Valid: webhook, bot, journal\./],
    ['notifier: journal, book: x, page: 1', '', 'receivers.log.page', /Unknown key\. Valid: notifier, book/],
    ['notifier: journal', '', 'receivers.log.book', /./],
    [
      'notifier: journal, book: x',
      "check: () => [{ field: 'book', problem: 'Not that one.' }]",
      'receivers.log.book',
      /^Not that one\.$/,
    ],
    ['notifier: journal, book: x', 'profile: () => ({ maxBytes: -1 })', 'receivers.log', /has a mistake: profile/],
    [
      'notifier: journal, book: x',
      'windows: () => { throw new Error("canary") }',
      'receivers.log',
      /windows threw Error/,
    ],
  ])('a receiver with { %s } is refused by its field (%s)', async (receiver, over, path, message) => {
    const name = `./r${Buffer.from(receiver + over)
      .toString('hex')
      .slice(-40)}.mjs`;
    file(name, kind(over));
    file('sluice.yaml', `notifiers: ['${name}']\nreceivers: { log: { ${receiver} } }\n`);
    const checked = await checkConfig({ file: join(folder, 'sluice.yaml'), environment: {} });
    const faults = 'faults' in checked ? checked.faults : [];
    expect(faults[0]).toMatchObject({ path, message: expect.stringMatching(message) });
    expect(JSON.stringify(faults)).not.toContain('canary');
  });
});
