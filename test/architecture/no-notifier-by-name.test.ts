import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { houseKinds } from '../../src/notifiers/kinds.ts';

const src = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'src');

/** Rooms that work with whatever notifier a receiver has. */
const ROOMS = ['config', 'sending', 'server', 'router', 'outbox', 'messages'];

/** Declarations: the variables and options that stand for keys of the file. */
const DECLARATIONS = ['config/variables.ts'];

/** What is named after one and is another thing: the name of a metric, and what Alertmanager and Grafana post. */
const OTHER_MEANINGS =
  /teams\.webhook\.messages_sent|(?:alert-|(?:alertmanager|grafana) ?)webhooks?|TEAMS_WEBHOOK_URL|--webhook/gi;

function* files(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* files(path);
    else if (entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts')) yield path;
  }
}

/** Code without its comments. */
const codeOf = (text: string) => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');

/** A name that is that of a room too stands for much else: it names the notifier where its folder or a receiver is meant. */
const patternOf = (name: string) =>
  existsSync(join(src, name))
    ? new RegExp(`notifiers/${name}/|(?:notifier|kind\\.name)\\W{1,6}['"]${name}['"]`, 'i')
    : new RegExp(name, 'i');

const namedIn = (text: string) => {
  const code = codeOf(text).replace(OTHER_MEANINGS, '');
  return houseKinds.map(({ name }) => name).filter((name) => patternOf(name).test(code));
};

it('no notifier is named outside its folder and the list of them', () => {
  const found = ROOMS.flatMap((room) => [...files(join(src, room))])
    .filter((file) => namedIn(readFileSync(file, 'utf8')).length > 0)
    .map((file) => relative(src, file).replaceAll('\\', '/'))
    .filter((file) => !DECLARATIONS.includes(file));
  expect(found).toEqual([]);
});

it('and no file of a notifier is imported by the rooms that work with all of them', () => {
  const imports = ROOMS.flatMap((room) => [...files(join(src, room))]).filter((file) =>
    /notifiers\/[a-z-]+\//.test(readFileSync(file, 'utf8')),
  );
  expect(imports).toEqual([]);
});

it('would notice one', () => {
  expect(namedIn("const WEBHOOK = 'x';")).toEqual(['webhook']);
  expect(namedIn('/** A webhook. */ const a = 1;')).toEqual([]);
});
