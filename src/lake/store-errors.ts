import { defineErrors } from '../errors/define-errors.ts';

/** What limits the memory of a process. */
export type MemoryBound = 'memory' | 'JavaScript heap' | 'address space';

/** Less than is needed. */
export interface MemoryShortage {
  readonly bound: MemoryBound;
  readonly megabytes: number;
  readonly leastMegabytes: number;
}

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
