import { isSluiceError } from '../errors/sluice-error.ts';
import { readLastingUrl } from '../lake/stores/index.ts';
import { type Form, placeFrom } from '../settings/form.ts';
import { type Reading, readInstantOrAge, readPastDate, readSpan } from '../settings/instant.ts';
import { strategyNames } from '../strategies/index.ts';
import { tables } from '../tables/index.generated.ts';

/** Where and when a value is read. */
export interface ReadAt {
  /** Relative paths start here. */
  readonly folder: string;
  readonly nowMs: number;
}

/** A key of the section `lake`: also a variable, also an option of commands. */
export interface LakeField<Raw = never, T = unknown> {
  readonly form: Form;
  /** As the command line declares it. */
  readonly flag: string;
  readonly says: string;
  /** Counts where neither option, variable nor file says it. As it would stand in the file. */
  readonly default?: string | number | undefined;
  /** All that it may be. */
  readonly values?: readonly string[] | undefined;
  readonly between?: readonly [min: number, max: number] | undefined;
  /** On the command line what is wrong with it has a typed error: it is told by whoever uses it. */
  readonly isToldLater?: boolean | undefined;
  read(raw: Raw, at: ReadAt): Reading<T>;
}

type Words = Pick<LakeField, 'flag' | 'says'> & { readonly default?: string | number | undefined };
type TextField<T> = LakeField<string, T>;

const text = <T>(words: Words, read: TextField<T>['read']): TextField<T> => ({ ...words, form: 'text', read });

const choice = (words: Words, values: readonly string[]): TextField<string> => ({
  ...words,
  form: 'text',
  values,
  read: (raw) => (values.includes(raw) ? { value: raw } : { problem: `Expected one of: ${values.join(', ')}.` }),
});

const whole = (words: Words, [min, max]: readonly [number, number]): LakeField<number, number> => ({
  ...words,
  form: 'number',
  between: [min, max],
  read: (raw) =>
    Number.isInteger(raw) && raw >= min && raw <= max
      ? { value: raw }
      : { problem: `Give a whole number from ${min} to ${max}.` },
});

const toggle = (words: Words): LakeField<boolean, boolean> => ({
  ...words,
  form: 'boolean',
  read: (raw) => ({ value: raw }),
});

const list = (words: Words, valid?: readonly string[]): LakeField<readonly string[], string[]> => ({
  ...words,
  form: 'list',
  read(raw) {
    if (raw.length === 0) return { problem: 'Nothing is named. Leave it out for all.' };
    const unknown = valid && raw.findIndex((name) => !valid.includes(name));
    if (unknown === undefined || unknown < 0) return { value: [...raw] };
    return { problem: `Entry ${unknown + 1} is not known. Valid: ${valid?.join(', ')}.` };
  },
});

const place = (words: Words): TextField<string> => ({
  ...words,
  form: 'place',
  isToldLater: true,
  read(raw, { folder }) {
    const url = placeFrom(raw, folder);
    try {
      readLastingUrl(url);
      return { value: url };
    } catch (error) {
      if (!isSluiceError(error)) throw error;
      return { problem: error.message };
    }
  },
});

/** Caps are counts. */
const MOST = [1, 1_000_000_000] as const;

/** Waits as long as it takes. */
export const FOREVER = 'forever';

/**
 * The section `lake` of `sluice.yaml`: a job of `sluice sync`, and where its lake is. The schema, the variables, the options
 * of commands and their pages are made of this table. What is a decision of one run (`--allow-shrink`, `--limits`,
 * `--dry-run`) is an option only.
 */
export const lakeFields = {
  url: place({
    flag: '--lake <url>',
    says: 'where the lake is: a folder, or its URL',
    default: './lake',
  }),
  tables: {
    ...list(
      {
        flag: '--tables <names>',
        says: 'only what these tables need, comma-separated; what the same pages hold (message_replies with messages) lands too; default: every table',
      },
      tables.map(({ name }) => name),
    ),
    isToldLater: true,
  },
  teams: list({ flag: '--team <id...>', says: 'only these teams, by id' }),
  channels: list({ flag: '--channel <id...>', says: 'only these channels, by id' }),
  users: list({ flag: '--user <id...>', says: 'only what these users have, by sign-in name (UPN) or object id' }),
  chats: list({ flag: '--chat <id...>', says: 'only these chats, by id' }),
  since: text(
    { flag: '--since <date>', says: 'a first load begins here (ISO 8601, for example 2026-01-31)' },
    (raw, { nowMs }) => readPastDate(raw, nowMs),
  ),
  until: text(
    {
      flag: '--until <date>',
      says: 'read only what was last changed before it (ISO 8601), calls by their start; later runs read the rest',
    },
    (raw, { nowMs }) => readPastDate(raw, nowMs),
  ),
  filter: {
    ...text(
      {
        flag: '--filter <condition>',
        says: `read only rows that meet it, as OData writes it: "membershipType eq 'private'"; with several tables, the table first: "channels: …"`,
      },
      (raw) => ({ value: raw }),
    ),
    isToldLater: true,
  },
  strategy: choice(
    { flag: '--strategy <name>', says: 'how to read messages' },
    strategyNames.filter((name) => name !== 'snapshot'),
  ),
  max_pages: whole(
    {
      flag: '--max-pages <n>',
      says: 'stop after so many pages of each team, channel, user or chat, and of calls; the next run goes on',
    },
    MOST,
  ),
  max_records: whole(
    { flag: '--max-records <n>', says: 'the same after so many records; the last page is read whole' },
    MOST,
  ),
  lookback_seconds: whole(
    { flag: '--lookback-seconds <n>', says: 'how far an incremental read goes back behind its mark' },
    [0, 86_400],
  ),
  commit_seconds: whole({ flag: '--commit-seconds <n>', says: 'commit at least this often', default: 10 }, [1, 600]),
  raw: toggle({
    flag: '--raw',
    says: 'add the raw JSON of each record as the column _raw; a lake keeps it from then on',
  }),
  keep_raw: toggle({ flag: '--keep-raw', says: 'keep the pages as received under raw/' }),
  hosted_contents: toggle({
    flag: '--hosted-contents',
    says: 'fetch the pictures and the code that messages name, as files of the lake: one request each',
  }),
  hosted_content_mb: whole(
    { flag: '--hosted-content-mb <n>', says: 'the largest of them that is kept; larger ones are named', default: 20 },
    [1, 60],
  ),
  verify_reactions: toggle({
    flag: '--verify-reactions',
    says: 'read messages of the last days once more: of some reactions Graph moves no time of change',
  }),
  verify_reactions_days: whole(
    { flag: '--verify-reactions-days <n>', says: 'how far that looks back, by the time of change', default: 7 },
    [1, 365],
  ),
  verify_reactions_messages: whole(
    {
      flag: '--verify-reactions-messages <n>',
      says: 'how many messages of a run, replies among them; the next run goes on',
      default: 10_000,
    },
    MOST,
  ),
  delta: toggle({
    flag: '--delta',
    says: 'at the end of the run, bring the Delta tables in the folder delta of the lake up to date, as export --format delta does',
  }),
  several_tenants: toggle({
    flag: '--several-tenants',
    says: 'with the first sync of a lake: it holds several tenants, each in its own rows; it stays so, and later syncs need not say it',
  }),
  wait: text(
    {
      flag: '--wait [duration]',
      says: `wait for another writer of the lake, at most this long, or ${FOREVER} (default: not; without a duration: until it ends)`,
    },
    (raw) => (raw === FOREVER ? { value: Number.POSITIVE_INFINITY } : readSpan(raw)),
  ),
  fresh_since: text(
    {
      flag: '--fresh-since <when>',
      says: 'do nothing if a run that began since then (a date, or an age such as 15m) has read it all',
    },
    (raw, { nowMs }) => readInstantOrAge(raw, nowMs),
  ),
  heartbeat_seconds: whole(
    {
      flag: '--heartbeat-seconds <n>',
      says: 'without a terminal, say on stderr this often how far it is; 0: never',
      default: 10,
    },
    [0, 86_400],
  ),
  retention: text(
    {
      flag: '--retention <duration>',
      says: 'compact keeps changes this long for those who read them by version (default: 7d)',
    },
    readSpan,
  ),
};

export type LakeKey = keyof typeof lakeFields;
export const lakeKeys = Object.keys(lakeFields) as readonly LakeKey[];

type ValueOf<Field> = Field extends LakeField<infer _, infer T> ? T : never;

/** What is said of a lake and its job. Instants and spans are milliseconds. */
export type LakeSettings = { readonly [Key in LakeKey]?: ValueOf<(typeof lakeFields)[Key]> | undefined };

/** `SLUICE_LAKE_COMMIT_SECONDS`. */
export const lakeVariable = (key: string): string => `SLUICE_LAKE_${key.toUpperCase()}`;
