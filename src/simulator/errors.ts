import { defineCodes, defineErrors, unknownRow } from '../errors/define-errors.ts';

const validOf = ({ valid }: { readonly valid: readonly string[] }) =>
  valid.length > 0 ? `Valid: ${valid.join(', ')}.` : undefined;

const TABLES = ['users', 'teams', 'channels', 'messages'] as const;

export const twinErrors = defineErrors('twin', {
  unknown_value: unknownRow({ field: 'kind', value: 'latency', valid: ['forbidden', 'slow', 'unauthorized'] }),
  unknown_table: unknownRow(
    { field: 'table', value: 'message', valid: TABLES },
    { cause: 'The twin keeps no ledger of a table of this name.' },
  ),
  twin_input_invalid: {
    recovery: 'user_action',
    cause: 'A request to the control of the twin, or an option of it, holds a value that it does not take.',
    remedy: 'Correct the field that the message names.',
    example: { place: 'POST /_twin/faults', field: 'kind', problem: 'unknown kind', valid: ['forbidden', 'slow'] },
    says: ({ place, field, problem }) => `${place}: ${field}: ${problem}.`,
    hint: validOf,
    details: ({ field, valid }) => ({ field, valid }),
  },
  body_not_json: {
    code: 'twin_input_invalid',
    recovery: 'user_action',
    cause: 'The body is not JSON.',
    remedy: 'Send a JSON object.',
    hint: () => undefined,
    details: () => ({ field: 'body', valid: ['a JSON object'] }),
  },
  webhook_unknown: {
    ...unknownRow(
      { field: 'webhook', value: 'opps', valid: ['ops', 'builds'] },
      { cause: 'The twin has no webhook with this id.' },
    ),
    code: 'twin_input_invalid',
  },
  webhook_taken: {
    code: 'twin_input_invalid',
    recovery: 'user_action',
    cause: 'The twin has a webhook with this id already.',
    remedy: 'Choose another id.',
    example: { id: 'ops' },
    says: ({ id }) => `id: there is a webhook "${id}" already.`,
    details: () => ({ field: 'id' }),
  },
  bot_missing: {
    code: 'twin_input_invalid',
    recovery: 'user_action',
    cause: 'The twin was not told where the bot is that its people should talk to.',
    remedy: 'Start it with --bot http://127.0.0.1:3978/api/messages.',
  },
  bot_not_installed: {
    code: 'twin_input_invalid',
    recovery: 'user_action',
    cause: 'A person of the twin is to talk to a bot that is not installed in the conversation.',
    remedy: 'Install it first: {"do":"install","conversation":"…"}.',
    example: { conversation: 'personal' },
    says: ({ conversation }) => `conversation: the bot is not installed in "${conversation}".`,
    details: () => ({ field: 'conversation' }),
  },
  event_invalid: {
    recovery: 'user_action',
    cause: 'An event names something that the tenant of the twin does not have, or that cannot take it.',
    remedy: 'Correct the field that the message names.',
    example: { field: 'channelId', problem: 'the General channel cannot be deleted', valid: [] as string[] },
    says: ({ field, problem }) => `Event: ${field}: ${problem}.`,
    hint: validOf,
    details: ({ field, valid }) => ({ field, valid }),
  },
  port_unavailable: {
    recovery: 'user_action',
    cause: 'Another process listens on the port, or this user may not open it.',
    remedy: 'Choose another --port, or leave it out for any free one.',
    example: { port: 8080, host: '127.0.0.1' },
    says: ({ port, host }) => `Port ${port} on ${host} cannot be opened.`,
    details: ({ port, host }) => ({ port, host }),
  },
  tenant_line_invalid: {
    recovery: 'user_action',
    cause: 'A line of a tenant folder cannot be used.',
    remedy: 'Correct the field in the line that the message names.',
    example: {
      file: 'channels.jsonl',
      line: 7,
      field: 'teamId',
      problem: '"t9" must be the id of a team in teams.jsonl',
    },
    says: ({ file, line, field, problem }) => `${file}, line ${line}, field ${field}: ${problem}.`,
    hint: () => undefined,
    details: ({ file, line, field }) => ({ file, line, field }),
  },
  tenant_file_missing: {
    recovery: 'user_action',
    cause: 'A tenant folder lacks a file.',
    remedy: 'A tenant is a folder with users, teams, channels and messages, each as .jsonl or .jsonl.gz.',
    example: { folder: './tenant', name: 'channels' },
    says: ({ folder, name }) => `${folder} has no ${name}.jsonl or ${name}.jsonl.gz.`,
    details: ({ name }) => ({ file: `${name}.jsonl` }),
  },
  tenant_file_unreadable: {
    recovery: 'user_action',
    cause: 'A file of a tenant folder cannot be read, or is no gzip although its name says so.',
    remedy: 'Check its rights, and that it is whole.',
    example: { path: './tenant/users.jsonl.gz', file: 'users.jsonl.gz', problem: 'incorrect header check' },
    says: ({ path, problem }) => `${path} cannot be read: ${problem}.`,
    hint: () => undefined,
    details: ({ file }) => ({ file }),
  },
});

export const twinCodes = defineCodes('twin', {
  control_refused: {
    cause: 'A request to the control of the twin came from a web page, or by a name that is not this machine.',
    remedy: 'Ask the control from this machine, by the URL that `sluice simulate` prints.',
    example: 'The control of the twin is for this machine alone.',
  },
});
