import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { channelMessages } from '../../src/resources/channel-messages.ts';
import { tenant } from '../../src/resources/collection.ts';
import { teams } from '../../src/resources/teams.ts';
import type { Column, TableShape } from '../../src/schema/column.ts';
import { checkedTables } from '../../src/schema/declaration.ts';
import { tables } from '../../src/tables/index.generated.ts';

/** A collection and a table without a mistake. Each test below makes one. */
const good = `
import { channels } from '../../src/resources/channels.ts';
import { collection, tenant } from '../../src/resources/collection.ts';
import { teams } from '../../src/resources/teams.ts';
import { exported, full, recent, snapshot } from '../../src/strategies/index.ts';
import { table } from '../../src/tables/table.ts';

const source = 'https://learn.microsoft.com/graph/api/x';
export const calls = collection({
  name: 'calls',
  description: 'Calls.',
  of: channels,
  gives: 'call-id',
  reads: [
    { strategy: recent, route: '/teams/{team-id}/channels/{channel-id}/calls', permissions: ['X'], source },
    { strategy: exported, per: teams, route: '/teams/{team-id}/calls', permissions: ['X'], source },
    { strategy: full, per: tenant, route: '/calls', permissions: ['X'], source },
  ],
  details: { route: '/teams/{team-id}/channels/{channel-id}/calls/{call-id}', permissions: ['X'], source },
});
export const callChildren = collection({
  name: 'call_children',
  description: 'Listed below channels.',
  of: channels,
  gives: 'child-id',
  reads: [{ strategy: snapshot, route: '/teams/{team-id}/channels/{channel-id}/c', permissions: ['X'], source }],
});
export const nameless = collection({
  name: 'nameless',
  description: 'Listed, without an id.',
  of: channels,
  reads: [{ strategy: snapshot, route: '/teams/{team-id}/channels/{channel-id}/n', permissions: ['X'], source }],
});
export const grandchildren = collection({
  name: 'grandchildren',
  description: 'Below children.',
  of: callChildren,
  reads: [{ strategy: snapshot, route: '/c/{child-id}', permissions: ['X'], source }],
});
export const callTable = table({
  name: 'calls',
  description: 'A call.',
  resource: calls,
  ingestionType: 'cdc_with_deletes',
  primaryKey: ['team_id', 'id'],
  cursor: 'changed',
  deletedWhen: 'deleted',
  records: ['value', 'value.parts'],
  columns: {
    team_id: { type: 'string', from: ['teamId', '$context.team_id'], description: 'Team.' },
    call_id: { type: 'string', from: '$context.call_id', description: 'Call.' },
    outer: { type: 'string', from: '$parent.id', description: 'Call that it is a part of.' },
    id: { type: 'string', description: 'Id.' },
    changed: { type: 'timestamp', description: 'Change.' },
    deleted: { type: 'timestamp', description: 'Delete.' },
    tags: { type: { list: 'string' }, description: 'Tags.' },
  },
});
export const tagTable = table({
  name: 'call_tags',
  description: 'A tag.',
  resource: calls,
  ingestionType: 'cdc_with_deletes',
  primaryKey: ['call', 'tag', 'occurrence'],
  explode: 'tags',
  columns: {
    call: { type: 'string', from: 'id', description: 'Call.' },
    tag: { type: 'string', from: ['$element.name', '$element', '$ordinal'], description: 'Tag.' },
    occurrence: { type: 'string', from: '$occurrence', description: 'Which.' },
  },
});
export const segmentTable = table({
  name: 'call_segments',
  description: 'A segment.',
  resource: calls,
  ingestionType: 'cdc_with_deletes',
  primaryKey: ['call', 'session', 'place', 'nth'],
  explode: ['sessions', 'segments', 'media'],
  columns: {
    call: { type: 'string', from: 'id', description: 'Call.' },
    session: { type: 'string', from: '$outer.$outer.id', description: 'Session.' },
    place: { type: 'string', from: ['$outer.id', '$outer.$ordinal'], description: 'Place of the segment.' },
    nth: { type: 'string', from: '$occurrence', description: 'Which.' },
  },
});
export const deepTable = table({
  name: 'call_legs',
  description: 'A leg.',
  resource: calls,
  ingestionType: 'cdc_with_deletes',
  primaryKey: ['of'],
  records: ['value.sessions.legs'],
  columns: { of: { type: 'string', from: '$parent.$parent.key', description: 'Call.' } },
});
`;

/** What is written instead of what, and what the compiler says of it. */
const mistakes: readonly (readonly [mistake: string, right: string, wrong: string, said: RegExp])[] = [
  ['a key that is no column', `['team_id', 'id']`, `['team_id', 'ident']`, /no column is called ident/],
  ['a cursor that is no column', `cursor: 'changed'`, `cursor: 'modified'`, /no column is called modified/],
  ['a delete mark that is no column', `deletedWhen: 'deleted'`, `deletedWhen: 'gone'`, /no column is called gone/],
  [
    'a resource by name',
    "resource: calls,\n  ingestionType: 'cdc_with_deletes',\n  primaryKey: ['team_id",
    "resource: 'cals',\n  ingestionType: 'cdc_with_deletes',\n  primaryKey: ['team_id",
    /string/,
  ],
  ['an id that no parent gives', `'$context.team_id'`, `'$context.user_id'`, /the table has no \$context\.user_id/],
  ['a misspelt parent', `'$parent.id'`, `'$parnet.id'`, /the table has no \$parnet\.id/],
  ['a parent of records that have none', `['value', 'value.parts']`, `['value']`, /the table has no \$parent\.id/],
  ['an element of what is not exploded', `from: '$parent.id'`, `from: '$element.id'`, /the table has no \$element\.id/],
  ['the element around one in none', `'$element.name', '$element'`, `'$outer.name'`, /the table has no \$outer\.name/],
  ['a misspelt element around', `'$outer.$outer.id'`, `'$outre.id'`, /the table has no \$outre\.id/],
  [
    'an element further out than there are lists',
    `'$outer.$outer.id'`,
    `'$outer.$outer.$outer.id'`,
    /the table has no \$outer\.\$outer\.\$outer\.id/,
  ],
  [
    'a record further out than there are lists of records',
    `'$parent.$parent.key'`,
    `'$parent.$parent.$parent.key'`,
    /the table has no \$parent\.\$parent\.\$parent\.key/,
  ],
  [
    'the address of a page in an exploded table',
    `'$occurrence'`,
    `'$context.team_id'`,
    /the table has no \$context\.team_id/,
  ],
  [
    'a route with an id that no parent gives',
    "/{channel-id}/calls', ",
    "/{chat-id}/calls', ",
    /no parent gives chat-id/,
  ],
  [
    'a route of a level above with an id from below',
    '/teams/{team-id}/calls',
    '/teams/{team-id}/{channel-id}',
    /no parent gives channel-id/,
  ],
  ['details with an id that nothing gives', 'calls/{call-id}', 'calls/{meeting-id}', /no parent gives meeting-id/],
  ['a parent by name', 'of: channels', `of: 'channels'`, /string/],
  ['a read of a level that is not above', 'of: channels', 'of: tenant', /a level above it|no parent gives/],
  ['a strategy by name', 'strategy: recent', `strategy: 'recent'`, /string/],
  ['a parent whose records have no id', 'of: callChildren', 'of: nameless', /below/],
  ['a parent whose records are not listed', 'of: callChildren', 'of: calls', /below/],
];

const here = fileURLToPath(new URL('.', import.meta.url));

/** What the compiler says of texts in the place of files beside this one. One program for all of them. */
function compiled(texts: readonly string[]): readonly string[][] {
  const config = ts.readConfigFile(join(here, '..', '..', 'tsconfig.json'), ts.sys.readFile).config;
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, join(here, '..', '..'));
  const files = new Map(texts.map((text, at) => [join(here, `declared-${at}.ts`), text]));
  const host = ts.createCompilerHost(options);
  const program = ts.createProgram([...files.keys()], options, {
    ...host,
    fileExists: (file) => files.has(file) || host.fileExists(file),
    readFile: (file) => files.get(file) ?? host.readFile(file),
    getSourceFile: (file, language) =>
      ts.createSourceFile(file, files.get(file) ?? readFileSync(file, 'utf8'), language),
  });
  return [...files.keys()].map((file) =>
    program
      .getSemanticDiagnostics(program.getSourceFile(file))
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')),
  );
}

describe('a declaration is checked by the compiler', () => {
  const texts = mistakes.map(([, right, wrong]) => good.replace(right, wrong));
  const [faultless, ...faulty] = compiled([good, ...texts]);

  it('takes one without a mistake', () => {
    expect(faultless).toEqual([]);
  });

  it.each(mistakes.map((mistake, at) => [...mistake, at] as const))('refuses %s', (_, right, __, said, at) => {
    expect(good).toContain(right);
    expect(faulty[at]!.join('\n')).toMatch(said);
  });
});

describe('what no compiler reads is refused when tables are loaded', () => {
  const by = (name: string) => tables.find((table) => table.name === name)!;
  const withOne = (change: Partial<TableShape>, name = 'messages') => [
    ...tables.filter((table) => table.name !== name),
    { ...by(name), ...change },
  ];

  const withColumn = (name: string, column: Omit<Column, 'description'>, called = 'x') =>
    withOne({ columns: { ...by(name).columns, [called]: { ...column, description: '' } } }, name);

  it.each<[string, readonly TableShape[], string]>([
    ['records that are in no page', withOne({ records: ['values.parts'] }), 'records: "values.parts"'],
    ['records in a list without a name', withOne({ records: ['value..parts'] }), 'records: "value..parts"'],
    ['records nowhere', withOne({ records: [] }), 'records: ""'],
    [
      'a record further out than there are lists',
      withColumn('messages', { type: 'string', from: '$parent.$parent.id' }),
      'column "x": "$parent.$parent.id"',
    ],
    ['a path with $ that no record has', withColumn('messages', { type: 'string', from: '$parnet.id' }), '$parnet.id'],
    ['a path without a name', withColumn('messages', { type: 'string', from: 'a..b' }), 'column "x": "a..b"'],
    ['a value that is read as two shapes', withColumn('teams', { type: 'json', from: 'funSettings' }), '"funSettings"'],
    ['a part of what is read as a text', withColumn('teams', { type: 'string', from: 'id.part' }), '"id"'],
    [
      'a value in the place of records',
      withColumn('messages', { type: { list: 'string' }, from: 'replies' }),
      '"replies" of value',
    ],
    ['names that differ in case alone', withColumn('teams', { type: 'string', from: 'displayname' }), '"displayname"'],
    ['a column twice, but for its case', withColumn('teams', { type: 'string' }, 'DisplayName'), '"DisplayName"'],
    ['a column that every row has', withColumn('teams', { type: 'string' }, '_row'), 'column "_row"'],
    ['a structure without a part', withColumn('teams', { type: { struct: {} } }), 'column "x"'],
    ['a key that is no column', withOne({ primaryKey: ['ident'] }), '"ident"'],
    [
      'a list inside of elements that is none',
      withOne({ explode: ['reactions', 'user'] }, 'message_reactions'),
      'reactions.user',
    ],
    [
      'a part that no element has',
      withColumn('message_reactions', { type: 'string', from: '$element.nobody' }),
      'column "x": "$element.nobody"',
    ],
    [
      'an element around one in none',
      withColumn('message_reactions', { type: 'string', from: '$outer.id' }),
      'column "x": "$outer.id"',
    ],
    [
      'a part of another type',
      withColumn('message_reactions', { type: 'string', from: '$element.createdDateTime' }),
      '$element.createdDateTime',
    ],
    [
      'a key that does not tell equal elements apart',
      withOne({ primaryKey: ['message_id', 'user_id'] }, 'message_reactions'),
      'primaryKey',
    ],
    ['a list that no table has', withOne({ explode: 'reaction' }, 'message_reactions'), 'explode: "reaction"'],
    [
      'an exploded table of an exploded one',
      [...tables, { ...by('message_reactions'), name: 'x', explode: 'user' }],
      'explode: "user"',
    ],
    ['a column that is no list', withOne({ explode: 'body' }, 'message_reactions'), 'explode: "body"'],
    ['two tables of one name', [...tables, by('teams')], 'name'],
  ])('%s', (_, declared, field) => {
    expect(() => checkedTables(declared)).toThrow(
      expect.objectContaining({ code: 'table_invalid', message: expect.stringContaining(field) }),
    );
  });
});

it('a read of a collection says for which places it is made', () => {
  expect(teams.reads[0].per).toBe(tenant);
  expect(channelMessages.reads.map(({ per }) => per.name)).toEqual(['teams', 'channels', 'channels', 'channels']);
});
