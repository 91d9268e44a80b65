import { defineCodes, defineErrors, unknownRow } from '../errors/define-errors.ts';

export const cliErrors = defineErrors('config', {
  usage: {
    recovery: 'user_action',
    cause: 'The options of a command do not make sense together, or one is missing.',
    remedy: 'Give what the message names; `sluice COMMAND --help` lists the options.',
    example: { problem: 'Nothing to send.', valid: 'Give --text TEXT or --card FILE.' },
    says: ({ problem }) => problem,
    hint: ({ valid }) => valid,
  },
  no_table: {
    recovery: 'user_action',
    cause: '--tables: no table is named.',
    remedy: 'Name one after --tables, or leave the option out for all of them.',
    hint: () => undefined,
  },
  unknown_table: unknownRow(
    { field: '--tables', value: 'message', valid: ['teams', 'channels', 'messages'] },
    { cause: 'There is no table of this name.', remedy: 'Give one that the message, or `sluice tables`, lists.' },
  ),
  unknown_partition: unknownRow(
    { field: '--partition', value: 'team:sales', valid: ['team:19d31f2a', 'and 3 more'] },
    {
      cause: 'The lake knows no team or channel of this name.',
      remedy: 'Give one that the message lists, or sync it first.',
    },
  ),
  partition_mixed: {
    recovery: 'user_action',
    cause: '--partition: places of several kinds, such as teams and channels, cannot be refreshed together.',
    remedy: 'Run once for each kind: for the teams, for the channels.',
  },
  partition_of_tenant: {
    code: 'partition_mixed',
    recovery: 'user_action',
    cause:
      'A table is not read by places of the kind that was named: users are one list of the whole tenant, chats have no channels.',
    remedy: 'Leave --partition out, or name a place of another kind.',
    example: { table: 'users' },
    says: ({ table }) => `--partition: ${table} is not read by places of this kind.`,
  },
  outbox_missing: {
    recovery: 'user_action',
    cause: 'A command that looks into the outbox, or works on what is in it, found no database. It makes none.',
    remedy: 'Run it where the server or `sluice send` runs, or name the database: --outbox sqlite:PATH, or outbox.url.',
    example: { path: './sluice-outbox.db' },
    says: ({ path }) => `There is no outbox at ${path}.`,
  },
  filter_keeps_raw: {
    recovery: 'user_action',
    cause: '--filter with --keep-raw: pages hold what the filter leaves out, and would be kept with it.',
    remedy: 'Leave one of them out. --raw keeps the JSON of the rows that land.',
  },
  confirmation_needed: {
    recovery: 'user_action',
    cause: 'The question whether to forget read positions was not answered with yes.',
    remedy: 'Answer yes, or run it with --yes.',
    says: () => 'Nothing was forgotten.',
  },
  limits_needed: {
    recovery: 'user_action',
    cause: '--limits none: Microsoft Graph would only throttle the run.',
    remedy: 'Leave it out, or set TEAMS_GRAPH_URL to a simulated tenant.',
  },
  unknown_tenant: unknownRow(
    {
      field: '--tenant',
      value: '11111111-0000-4000-8000-000000000000',
      valid: ['22222222-0000-4000-8000-000000000000'],
    },
    {
      cause: 'The lake holds no tenant with this id.',
      remedy: 'Give one that the message lists, or leave --tenant out.',
    },
  ),
  tenant_id_unknown: {
    recovery: 'user_action',
    cause:
      '--lake: a lake of several tenants knows each by its id, and that of this connection is not known. Nothing was read.',
    remedy: 'Set TEAMS_TENANT_ID to the id of the tenant (a GUID) instead of a name.',
  },
  lake_exists: {
    recovery: 'user_action',
    cause: 'The folder for the demo holds something that the demo did not make.',
    remedy: 'Name another folder: sluice demo --lake ./another-demo-lake',
    example: { lake: './teams-lake' },
    says: ({ lake }) => `--lake: ${lake} exists and was not made by the demo.`,
  },
  text_invalid: {
    recovery: 'user_action',
    cause: 'A text that was given is not UTF-8.',
    remedy: 'Save it as UTF-8.',
    example: { what: 'Standard input' },
    says: ({ what }) => `${what} is not UTF-8.`,
    hint: () => undefined,
  },
  file_unreadable: {
    recovery: 'user_action',
    cause: 'A file that an option names is not there, or this user may not read it.',
    remedy: 'Check its name and its rights.',
    example: { file: 'card.json', reason: 'ENOENT' },
    says: ({ file, reason }) => `The file ${file} cannot be read (${reason}).`,
  },
  file_unwritable: {
    recovery: 'user_action',
    cause: 'A file that an option names cannot be written by this user, or its folder is not there.',
    remedy: 'Check its name and its rights.',
    example: { file: 'out/card.png', reason: 'ENOENT' },
    says: ({ file, reason }) => `The file ${file} cannot be written (${reason}).`,
  },
});

export const lakeFolderErrors = defineErrors('lake', {
  lake_missing: {
    recovery: 'user_action',
    cause: 'No lake was ever written into this folder.',
    remedy: 'Make one with `sluice sync`, or name another folder with --lake or the key lake.url.',
    example: { lake: './teams-lake' },
    says: ({ lake }) => `There is no lake at ${lake}.`,
  },
  no_tenant_yet: {
    code: 'lake_missing',
    recovery: 'user_action',
    cause: 'A lake of several tenants holds none yet.',
    remedy: 'Run `sluice sync` with the credentials of one.',
    example: { lake: './teams-lake' },
    says: ({ lake }) => `${lake} is made for several tenants and holds none yet.`,
  },
});

/** What is told of the end of a command that is no error of ours. */
export const endCodes = defineCodes(
  'end',
  {
    interrupted: {
      cause: 'The command was stopped by a signal, such as Ctrl-C.',
      remedy: 'Run it again: a sync goes on from what is complete.',
      example: 'Stopped on request.',
    },
    output_lost: {
      cause: 'Standard output cannot be written: the disk that it goes to is full, or failed.',
      remedy: 'Free some space, or let the output go elsewhere. What the command did beside its output is done.',
      example:
        'Standard output cannot be written (ENOSPC). Free some space, or let the output go elsewhere. What the command did beside its output is done.',
    },
    unexpected: {
      cause: 'Something failed that no row of this page is for: a mistake in Sluice.',
      remedy: 'SLUICE_LOG_LEVEL=debug shows where. Report it.',
      example: 'TypeError at sync/run.ts:120. This is a mistake in Sluice. SLUICE_LOG_LEVEL=debug shows where.',
    },
  },
  'fail',
);

/** One of them as it is told. */
export const sayEnd = (code: keyof typeof endCodes, what: string): string =>
  `${code}: ${what} ${endCodes[code].remedy}`;
