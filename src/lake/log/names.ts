import { lakeErrors } from '../errors.ts';

const TABLE = /^[A-Za-z]\w{0,62}$/;
const FILE = /^[A-Za-z0-9][\w.-]{0,200}\.parquet$/;
const FOLDERS: readonly string[] = ['tables', 'current'];
const LOAD_ID = /^[A-Za-z0-9][\w.-]{0,99}$/;

/** Whether `<folder>/<table>/<file>.parquet` names a file of the table, inside the lake. */
export function isTableFile(path: unknown, table: unknown = undefined): path is string {
  if (typeof path !== 'string') return false;
  const [folder, owner, name, ...more] = path.split('/');
  return (
    more.length === 0 &&
    FOLDERS.includes(folder ?? '') &&
    TABLE.test(owner ?? '') &&
    FILE.test(name ?? '') &&
    (table === undefined || owner === table)
  );
}

/** @throws SluiceError `lake_commit_corrupt` when a name in a file of the log points elsewhere than into its table. */
export function checkTableFile(path: unknown, inLogFile: string, table?: unknown): void {
  if (!isTableFile(path, table))
    throw lakeErrors.lake_commit_corrupt({ file: inLogFile, why: 'it names a file that is not one of its table' });
}

/** @throws SluiceError `lake_load_id_invalid` */
export function checkLoadId(loadId: string): void {
  if (!LOAD_ID.test(loadId)) throw lakeErrors.lake_load_id_invalid();
}

/** File names begin with the lease they were written under. */
export const leaseFileName = (lease: number, name: string): string =>
  `L${String(lease).padStart(8, '0')}-${name}.parquet`;

/** The lease in the name of a file; files of format 1 have none. */
export function leaseOfFile(path: string): number | undefined {
  const found = /\/L(\d{8})-[^/]*$/.exec(path)?.[1];
  return found === undefined ? undefined : Number(found);
}

/** Names what one segment of a load became: its files in the tables, and its pages as received. */
export const segmentName = (loadId: string, commit: number): string => `${loadId}-${String(commit).padStart(10, '0')}`;

/** Below it lie the files that rows name. */
export const CONTENTS_PREFIX = 'contents/';

/** A file is called by what is in it: nothing of the network is in the name, and the same bytes are one file. */
export const contentKey = (sha256: string): string => `${CONTENTS_PREFIX}${sha256.slice(0, 2)}/${sha256}`;

/** The checksum in the name of such a file; undefined: it is none. */
export const checksumOfContent = (key: string): string | undefined =>
  /^contents\/[0-9a-f]{2}\/([0-9a-f]{64})$/.exec(key)?.[1];

export const RAW_PREFIX = 'raw/';

/** Below it lie the kept pages of a resource. */
export const rawFolder = (resource: string): string => `${RAW_PREFIX}${resource}/`;

/** Where the pages of a segment are kept. */
export const rawKey = (resource: string, segment: string): string => `${rawFolder(resource)}${segment}.ndjson.gz`;

/** Loads that bring pages which were kept before, not from the service, are told by their ids. */
const REPAIR = 'repair-';
const AGAIN = 'again-';
export const repairLoadId = (id: string): string => `${REPAIR}${id}`;
export const againLoadId = (id: string): string => `${AGAIN}${id}`;
export const bringsKeptPages = (loadId: string): boolean => loadId.startsWith(REPAIR) || loadId.startsWith(AGAIN);
