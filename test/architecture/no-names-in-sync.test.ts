import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, it } from 'vitest';
import { resources } from '../../src/resources/index.ts';
import { kindOf } from '../../src/resources/types.ts';
import { strategyNames } from '../../src/strategies/index.ts';
import { tables } from '../../src/tables/index.generated.ts';

const sync = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'src', 'sync');

/** What declarations are called: a text equal to one is a special case by name. */
const names: ReadonlySet<string> = new Set([
  ...resources.flatMap(({ name, gives }) => (gives === undefined ? [name] : [name, gives])),
  ...resources.map(kindOf),
  ...tables.map(({ name }) => name),
  ...strategyNames,
]);

const OF_ALL = [
  ...['message', 'record', 'records', 'segment', 'segments'],
  ...['hosted', 'content', 'contents', 'file', 'files'],
  ...['event', 'events', 'report', 'reports'],
];

/** Their words, alone and of many, inside of what code is called. `message` is also what an error says, a record what any listing holds, a segment a part of a load, a content what any row names, a file where it is kept, hosted what is with somebody, an event what a run tells, a report what it ends with. */
const words: ReadonlySet<string> = new Set(
  [...resources.map(kindOf), ...resources.map(({ name }) => name), ...tables.map(({ name }) => name)]
    .flatMap((name) => name.split('_'))
    .flatMap((word) => [word, word.replace(/s$/, '')])
    .filter((word) => !OF_ALL.includes(word)),
);

const wordsOf = (identifier: string) => identifier.split(/(?=[A-Z])|[^A-Za-z]+/).map((word) => word.toLowerCase());

/** What of a source text names a resource, a table, a level or a strategy. Comments are none of it. */
function named(text: string): string[] {
  const file = ts.createSourceFile('x.ts', text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const look = (node: ts.Node): void => {
    // Where a declaration is imported from says what it is.
    if (ts.isImportDeclaration(node)) {
      const from = (node.moduleSpecifier as ts.StringLiteral).text;
      if (/\/(resources|tables)\/(?!index|types)/.test(from)) found.push(from);
      return;
    }
    if (ts.isIdentifier(node) && wordsOf(node.text).some((word) => words.has(word))) found.push(node.text);
    if (ts.isStringLiteralLike(node) && names.has(node.text)) found.push(node.text);
    ts.forEachChild(node, look);
  };
  look(file);
  return found;
}

/** Without the rows of errors: their examples name what there is. */
const sources = readdirSync(sync, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && file !== 'errors.ts',
);

it('the walk knows no resource, table, level or strategy by name', () => {
  expect(sources.length).toBeGreaterThan(20);
  const found = sources.flatMap((file) =>
    named(readFileSync(join(sync, file), 'utf8')).map((name) => `${file}: ${name}`),
  );
  // An ingestion type of tables that is called as a strategy; and what a run can be asked for, as commands and the stored
  // log of runs name it, which one table in one file says.
  expect([...new Set(found)].sort()).toEqual([
    'filling.ts: snapshot',
    'scope.ts: channel-id',
    'scope.ts: channels',
    'scope.ts: chat-id',
    'scope.ts: chats',
    'scope.ts: team-id',
    'scope.ts: teams',
    'scope.ts: user-id',
    'scope.ts: users',
  ]);
});

it.each([
  "if (resource.name === 'channels') read();",
  "import { teams } from '../resources/teams.ts';",
  'for (const teamId of ids) read(teamId);',
  "const isExport = strategy.name === 'export';",
  'readChannelLists();',
])('would notice %s', (text) => {
  expect(named(text)).not.toEqual([]);
});
