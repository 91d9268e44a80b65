import { defineErrors, unknownRow } from '../errors/define-errors.ts';

/** What limits the memory of a process. */
export type MemoryBound = 'memory' | 'JavaScript heap' | 'address space';

/** Less than is needed. */
export interface MemoryShortage {
  readonly bound: MemoryBound;
  readonly megabytes: number;
  readonly leastMegabytes: number;
}

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

/** What the system or a store refuses. */
export const storeErrors = defineErrors('lake', {
  lake_not_a_folder: {
    recovery: 'user_action',
    cause: 'A file stands where the lake should be.',
    remedy: 'Name another one with --lake or the key lake.url.',
    example: { lake: './teams-lake' },
    says: ({ lake }) => `${lake} is a file; a lake is a folder.`,
  },
  lake_disk_full: {
    recovery: 'user_action',
    cause: 'No space is left where the lake, or its unfinished files, are.',
    remedy: 'Free some space and run again; it continues where it was.',
    example: { place: './teams-lake' },
    says: ({ place }) => `No space left while writing ${place}. Nothing that was committed is lost.`,
  },
  lake_unwritable: {
    recovery: 'user_action',
    cause: 'The folder of the lake, or one for temporary files, cannot be written by this user, or is none.',
    remedy:
      'Check that it is a folder and that this user may write there. Where temporary files go is said by the variable TMPDIR.',
    example: { place: './teams-lake', reason: 'EACCES' },
    says: ({ place, reason }) => `Cannot write ${place} (${reason}).`,
  },
  lake_unreadable: {
    recovery: 'user_action',
    cause: 'A file or folder of the lake is there and cannot be read: this user may not, or the disk does not answer.',
    remedy:
      'Check whose it is and that this user may read it (ls -l), and the disk or mount it is on. It is not taken for damaged.',
    example: { place: './teams-lake/_log/00000000000000000007.json', reason: 'EACCES' },
    says: ({ place, reason }) => `Cannot read ${place} (${reason}). Nothing was changed.`,
    details: ({ reason }) => ({ reason }),
  },
  open_files_too_few: {
    recovery: 'user_action',
    cause: 'The system lets this process open too few files.',
    remedy: 'Raise the limit: ulimit -n 4096, or LimitNOFILE of the service. Nothing that was committed is lost.',
    example: { limit: 64 } as { limit: number | undefined },
    says: ({ limit }) =>
      `This process may open ${limit === undefined ? 'no further file' : `${limit} files at a time, too few for a lake`}.`,
  },
  memory_too_small: {
    recovery: 'user_action',
    cause: 'The container, the machine or a limit of Node or of the system leaves this process too little memory.',
    remedy:
      'Give the container or machine more memory; raise or remove --max-old-space-size (NODE_OPTIONS) for the heap, ulimit -v or LimitAS for the address space. Nothing that was committed is lost.',
    example: { found: { bound: 'memory', megabytes: 128, leastMegabytes: 256 } } as {
      found: MemoryShortage | undefined;
    },
    says: ({ found }) =>
      found === undefined
        ? 'The memory that this process may use is full.'
        : `This process may use ${found.megabytes} MB of ${found.bound}, ${found.leastMegabytes} MB are needed.`,
  },
  folder_not_own: {
    recovery: 'user_action',
    cause: 'A folder for unfinished files can be changed by other users.',
    remedy: 'Make it private (chmod 700), or choose another folder (of a query: with TMPDIR).',
    example: { folder: '/tmp/sluice' },
    says: ({ folder }) =>
      `${folder} belongs to another user, or can be changed by others: message texts are not put there.`,
    details: ({ folder }) => ({ folder }),
  },
  store_package_missing: {
    recovery: 'user_action',
    cause: 'The package that speaks to this kind of store is not installed: Sluice brings none of them.',
    remedy: 'Install it beside Sluice, with the line that the message gives.',
    example: { lake: 'az://contoso/teams/lake', packages: ['@azure/storage-blob@12.32.0'] },
    says: ({ lake, packages }) => `${lake} needs ${packages.join(' and ')}, which is not installed.`,
    hint: ({ packages }) => `Install it: npm install --save-exact ${packages.join(' ')}`,
    details: ({ packages }) => ({ packages }),
  },
  store_denied: {
    recovery: 'user_action',
    cause:
      'The store does not let this identity in: a key, a SAS or a token is wrong, has expired or was revoked, or a right is missing.',
    remedy:
      'Renew the credential, or give the identity its rights: on Azure the role Storage Blob Data Contributor on the container; on S3 s3:GetObject, s3:PutObject, s3:DeleteObject and s3:ListBucket. Then run again: it goes on from the last commit, and nothing that was committed is lost.',
    example: { lake: 'az://contoso/teams/lake', what: 'to write', reason: 'AuthorizationPermissionMismatch' },
    says: ({ lake, what, reason }) => `${lake} does not allow this identity ${what} (${reason}).`,
    details: ({ reason }) => ({ reason }),
  },
  store_credential_missing: {
    recovery: 'user_action',
    cause: 'Nothing says how to sign in to the store.',
    remedy:
      'Set lake.s3_access_key_id and lake.s3_secret_access_key, or what the AWS tools read: AWS_PROFILE, AWS_ACCESS_KEY_ID, the role of the machine or container.',
    example: { lake: 's3://contoso-teams/lake' },
    says: ({ lake }) => `No credential was found for ${lake}.`,
  },
  store_setting_invalid: {
    recovery: 'user_action',
    cause: 'A setting of the store has no meaning to it, or belongs to another account.',
    remedy: 'Correct the key that the message names, in the section lake or in its variable.',
    example: { setting: 'azure_connection_string', problem: 'it is of the account fabrikam, the URL names contoso' },
    says: ({ setting, problem }) => `lake.${setting} cannot be used: ${problem}.`,
    details: ({ setting }) => ({ field: `lake.${setting}` }),
  },
  store_container_missing: {
    recovery: 'user_action',
    cause:
      'The container or bucket of the lake is not there. Sluice makes none: whose it is decides its region and rights.',
    remedy: 'Make it, or name another one with --lake or the key lake.url.',
    example: { lake: 'az://contoso/teams/lake', reason: 'ContainerNotFound' },
    says: ({ lake, reason }) => `The container or bucket of ${lake} does not exist (${reason}).`,
    details: ({ reason }) => ({ reason }),
  },
  store_unavailable: {
    recovery: 'retry',
    cause: 'The store did not answer, or asked to wait, as often as it was tried.',
    remedy: 'Run again later: it goes on from the last commit, and nothing that was committed is lost.',
    example: { lake: 's3://contoso-teams/lake', attempts: 8, reason: 'SlowDown' },
    says: ({ lake, attempts, reason }) => `${lake} is not available: ${reason}, ${attempts} attempts.`,
    details: ({ reason, attempts }) => ({ reason, attempts }),
  },
  store_refused: {
    recovery: 'fail',
    cause: 'The store answers in a way that Sluice has no use for.',
    remedy: 'See what the service says of this code. Nothing that was committed is lost.',
    example: { lake: 's3://contoso-teams/lake', reason: 'NotImplemented' },
    says: ({ lake, reason }) => `${lake} refuses a request: ${reason}.`,
    details: ({ reason }) => ({ reason }),
  },
  store_unconditional: {
    recovery: 'user_action',
    cause:
      "The S3-compatible service overwrites an object that was to be created only if none is there (If-None-Match: *). Two runs at once would destroy each other's commits.",
    remedy: 'Use a service, or a newer version of it, that honours conditional writes.',
    example: { lake: 's3://contoso-teams/lake' },
    says: ({ lake }) => `The service of ${lake} does not honour If-None-Match. Nothing was committed.`,
  },
  lake_object_missing: {
    recovery: 'fail',
    cause: 'A file of the lake that was to be copied is not there.',
    remedy: 'See what is missing, and what a repair costs, with `sluice fsck`.',
    example: { lake: './teams-lake', key: 'tables/messages/part-000001.parquet' },
    says: ({ lake, key }) => `${key} is not in ${lake}. Nothing was changed.`,
    details: ({ key }) => ({ file: key }),
  },
  lake_key_invalid: {
    recovery: 'fail',
    cause: 'A name that does not lie inside of the lake was to be read or written.',
    remedy: 'Check the names in the commits of this lake; a lake from another hand may be hostile.',
    example: { lake: './teams-lake' },
    says: ({ lake }) => `A name that does not lie inside ${lake} was to be read or written. Nothing was done.`,
  },
});

/** What is wrong with the URL of a lake. */
export const storeUrlErrors = defineErrors('config', {
  lake_url_unknown: {
    recovery: 'user_action',
    cause: 'The URL of the lake has a scheme that no kind of store is for.',
    remedy: 'Give one that the message names; a folder with a colon in its name is written ./a:b.',
    example: { scheme: 'az', known: ['file', 'memory'], forms: ['./lake or file:///srv/lake', 'memory:'] },
    says: ({ scheme, known }) =>
      `A lake cannot be at "${scheme}:". Known: ${known.map((one) => `${one}:`).join(', ')}.`,
    hint: ({ forms }) => `Valid: ${forms.join('; ')}. A folder with a colon in its name is written ./a:b.`,
    details: ({ scheme, known }) => ({ scheme, valid: [...known] }),
  },
  lake_url_invalid: {
    recovery: 'user_action',
    cause: 'The URL of the lake names no place: it is empty, or its store cannot understand it.',
    remedy: 'Give one of the forms that the message names.',
    example: { problem: 'The URL of the lake is empty.', forms: ['./lake or file:///srv/lake', 'memory:'] },
    says: ({ problem }) => problem,
    hint: ({ forms }) => `Valid: ${forms.join('; ')}.`,
  },
});
