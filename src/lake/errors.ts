import { defineErrors, unknownRow } from '../errors/define-errors.ts';

/** Who holds the lease of a lake. */
export interface LeaseHolder {
  readonly host: string;
  readonly pid: number;
  /** What it does: `sync`, `compact`. */
  readonly purpose: string;
  /** ISO 8601, by the holder's clock. */
  readonly since: string;
}

const holder: LeaseHolder = { host: 'build-7', pid: 4711, purpose: 'sync', since: '2026-01-31T08:00:00.000Z' };
const file = { path: 'tables/messages/part-000001.parquet', table: 'messages', rows: 1200 };
const commit = '_log/000000000007.json';

const DAMAGE_REMEDY =
  'Restore the file from a copy of the lake, or see what is missing and what a repair costs with `sluice fsck`. Tables that do not need this file can still be asked.';

export const lakeErrors = defineErrors('lake', {
  lake_conflict: {
    recovery: 'fail',
    cause: 'Another run has committed since this one began.',
    remedy: 'Let one run at a time write a lake. What the other run wrote is whole; run again to continue from there.',
    example: { lake: './teams-lake', version: 7, loadId: 'run-2026-01-31' },
    says: ({ lake, version, loadId }) =>
      `Another run (${loadId}) committed version ${version} of ${lake} meanwhile; this run writes nothing more.`,
    details: ({ version, loadId }) => ({ version, loadId }),
  },
  lease_lost: {
    code: 'lake_conflict',
    recovery: 'fail',
    cause: 'This process stood still for so long that another one took the lake over.',
    remedy: 'Run again: it goes on from what is committed.',
    example: { lake: './teams-lake', holder } as { lake: string; holder: LeaseHolder | undefined },
    says: ({ lake, holder: by }) => {
      const who = by ? ` by ${by.purpose}, process ${by.pid} on ${by.host}` : '';
      return `${lake} was taken over${who} while this process stood still; it writes nothing more.`;
    },
    details: ({ holder: by }) => by && { ...by },
  },
  lake_busy: {
    recovery: 'retry',
    cause: 'Another process writes the lake.',
    remedy: 'Wait for it with --wait, or stop it.',
    example: { lake: './teams-lake', holder, until: '2026-01-31T08:01:00.000Z' } as {
      lake: string;
      holder: LeaseHolder | undefined;
      until: string;
    },
    says: ({ lake, holder: by, until }) => {
      const who = by ? `${by.purpose}, process ${by.pid} on ${by.host}, since ${by.since}` : 'its lease cannot be read';
      return `${lake} is being written by another process (${who}). If it has died, its lease ends at ${until}.`;
    },
    details: ({ holder: by, until }) => ({ ...by, until }),
  },
  lake_commit_corrupt: {
    recovery: 'user_action',
    cause: 'A file of the log cannot be read.',
    remedy:
      'Restore this file from a copy of the lake, or see with `sluice fsck` what a repair costs and mend it with `sluice fsck --repair`.',
    example: { file: commit, why: 'it is not JSON' },
    says: ({ file: key, why }) => `${key} is not a readable commit (${why}). Nothing was changed.`,
    details: ({ file: key }) => ({ file: key }),
  },
  lake_format_newer: {
    recovery: 'user_action',
    cause: 'The lake was written by a newer Sluice.',
    remedy: 'Update Sluice.',
    example: { file: commit, format: 4, known: 3 },
    says: ({ file: key, format, known }) =>
      `${key} has lake format ${format}; this version of Sluice knows formats up to ${known}.`,
    details: ({ file: key, format }) => ({ file: key, format }),
  },
  lake_count_mismatch: {
    recovery: 'fail',
    cause: 'A file has fewer or more rows than were meant to go into it.',
    remedy: 'Run again; if it happens again, keep the raw pages (keepRaw) and report it.',
    example: { table: 'messages', expected: 1200, written: 1199 },
    says: ({ table, expected, written }) =>
      `A file of table ${table} holds ${written} rows, ${expected} were due. It was not committed.`,
    details: ({ table, expected, written }) => ({ table, expected, written }),
  },
  lake_page_too_full: {
    recovery: 'fail',
    cause: 'A page, or one record of it, holds more records than rows of one page can be told apart by.',
    remedy: 'Ask for smaller pages. Nothing of the segment was committed.',
    example: { resource: 'channel_messages', most: 1_048_576 },
    says: ({ resource, most }) =>
      `A page of ${resource} has ${most} records, or a record of it as many inside. It was not landed.`,
    details: ({ resource, most }) => ({ resource, most }),
  },
  lake_load_id_invalid: {
    recovery: 'fail',
    cause: 'This loadId cannot name files.',
    remedy: 'Begin with a letter or a digit; use letters, digits, ".", "_" and "-", at most 100.',
  },
  lake_load_closed: {
    recovery: 'fail',
    cause: 'Something was to be written with a load that is closed.',
    remedy: 'Begin another one.',
    example: { loadId: 'run-2026-01-31' },
    says: ({ loadId }) => `Load ${loadId} is closed.`,
  },
  lake_unknown_resource: {
    recovery: 'fail',
    cause: 'A page was given to the lake for a collection that no table is read from.',
    remedy: 'Give the name of a collection that a table of the lake names.',
    example: { resource: 'message', known: ['teams', 'channels', 'channel_messages'] },
    says: ({ resource }) => `No table is read from "${resource}".`,
    hint: ({ known }) => `Valid: ${known.join(', ')}.`,
  },
  lake_partition_mismatch: {
    recovery: 'fail',
    cause: 'A page was given to the lake for another part of a collection than the page is of.',
    remedy: 'Name the partition as in the context of its pages.',
    example: { resource: 'channels', partition: 'a', told: 'b', keys: ['team_id'] },
    says: ({ resource, partition, told }) =>
      partition === ''
        ? `Pages of ${resource} were given to no partition.`
        : `Partition "${partition}" of ${resource} was given a page of "${told}".`,
    hint: ({ keys }) => `Name the partition ${keys.join('/')}, as in the context of its pages.`,
  },
  changes_expired: {
    recovery: 'user_action',
    cause: 'A reader asks for changes that are not kept any more.',
    remedy:
      'Read the table whole, then go on from the version it was read at. Keep changes longer with compact --retention.',
    example: { table: 'messages', after: 3, least: 12 },
    says: ({ table, after, least }) =>
      `Changes of ${table} after version ${after} are not complete any more; the oldest version to go on from is ${least}.`,
    hint: ({ table }) =>
      `Read the table ${table} whole, then go on from the version it was read at. Keep changes longer with compact --retention.`,
    details: ({ table, after, least }) => ({ table, after, least }),
  },
  unknown_table: unknownRow(
    { field: 'table', value: 'message', valid: ['teams', 'channels', 'messages'] },
    { cause: 'The lake has no table of this name.', remedy: 'Give one that the message lists.' },
  ),
  lake_file_missing: {
    recovery: 'user_action',
    cause: 'A file that the log names is not there.',
    remedy: DAMAGE_REMEDY,
    example: { file },
    says: ({ file: { path, rows, table } }) =>
      `${path} is missing; it holds ${rows} rows of table ${table}. Nothing was changed.`,
    details: ({ file: { path, rows, table } }) => ({ file: path, table, rows }),
  },
  lake_file_corrupt: {
    recovery: 'user_action',
    cause: 'A file is not what was committed under its name.',
    remedy: DAMAGE_REMEDY,
    example: { file, why: 'its checksum is another one' },
    says: ({ file: { path, table }, why }) =>
      `${path} of table ${table} is not the file that was committed: ${why}. Nothing was changed.`,
    details: ({ file: { path, rows, table } }) => ({ file: path, table, rows }),
  },
  kept_pages_corrupt: {
    code: 'lake_file_corrupt',
    recovery: 'user_action',
    cause: 'A file of kept pages is not what was written.',
    remedy: 'Restore it from a copy of the lake, or remove it: what it held is then read from the service again.',
    example: { file: 'raw/run-2026-01-31.pages.gz' },
    says: ({ file: key }) => `${key} is no file of kept pages any more. Nothing was changed.`,
    details: ({ file: key }) => ({ file: key }),
  },
});
