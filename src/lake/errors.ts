import { SluiceError } from '../errors/sluice-error.ts';
import { isTooManyOpen, openFilesTooFew } from './open-files-error.ts';

/** ENOENT: a parent that takes no folders, as below /proc. */
const UNWRITABLE = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'ENOENT']);
const FULL = new Set(['ENOSPC', 'EDQUOT']);

/** Turns what the file system or DuckDB says about a write into an error that tells the user what to do. Others pass unchanged. */
export function writeError(error: unknown, place: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const text = error instanceof Error ? error.message : '';
  if (FULL.has(code) || /no space left on device/i.test(text)) {
    return new SluiceError({
      code: 'lake_disk_full',
      recovery: 'user_action',
      surface: 'lake',
      message: `No space left while writing ${place}. Nothing that was committed is lost.`,
      hint: 'Free some space and run again; it continues where it was.',
      cause: error,
    });
  }
  if (isTooManyOpen(error)) return openFilesTooFew(undefined, error);
  if (UNWRITABLE.has(code)) {
    return new SluiceError({
      code: 'lake_unwritable',
      recovery: 'user_action',
      surface: 'lake',
      message: `Cannot write ${place} (${code}).`,
      hint: 'Check that it is a folder and that this user may write there.',
      cause: error,
    });
  }
  return error;
}

/** Another run has committed since this one began: this one must not write any more. */
export function conflict(lake: string, version: number, loadId: string): SluiceError {
  return new SluiceError({
    code: 'lake_conflict',
    recovery: 'fail',
    surface: 'lake',
    message: `Another run (${loadId}) committed version ${version} of ${lake} meanwhile; this run writes nothing more.`,
    hint: 'Let one run at a time write a lake. What the other run wrote is whole; run again to continue from there.',
    details: { version, loadId },
  });
}

/** A file of the log cannot be read. */
export function corrupt(file: string, why: string, cause?: unknown): SluiceError {
  return new SluiceError({
    code: 'lake_commit_corrupt',
    recovery: 'user_action',
    surface: 'lake',
    message: `${file} is not a readable commit (${why}). Nothing was changed.`,
    hint: 'Restore this file from a copy of the lake.',
    details: { file },
    ...(cause !== undefined && { cause }),
  });
}

/** The lake was written by a newer Sluice. */
export function formatNewer(file: string, format: number, known: number): SluiceError {
  return new SluiceError({
    code: 'lake_format_newer',
    recovery: 'user_action',
    surface: 'lake',
    message: `${file} has lake format ${format}; this version of Sluice knows formats up to ${known}.`,
    hint: 'Update Sluice.',
    details: { file, format },
  });
}

/** The folder holds a lake for each of several tenants; it is no lake of rows itself. */
export function severalTenants(file: string): SluiceError {
  return new SluiceError({
    code: 'lake_of_several_tenants',
    recovery: 'user_action',
    surface: 'lake',
    message: `${file} says that this lake holds several tenants: the rows of each are in a lake below it. Nothing was changed.`,
    hint: 'Write to the lake of one of them, in its folder tenant_id=<id>.',
    details: { file },
  });
}

/** A lake with rows of one tenant is told to hold several. */
export function lakeOfOneTenant(lake: string, tenantId = 'ID'): SluiceError {
  return new SluiceError({
    code: 'lake_of_one_tenant',
    recovery: 'user_action',
    surface: 'config',
    message: `--several-tenants: ${lake} is the lake of one tenant. Nothing was read and nothing was changed.`,
    hint: `Move it, in one step, into a folder that holds several: mkdir NEW && mv ${lake} NEW/tenant_id=${tenantId} (the id that \`sluice status\` names). Then sync with --lake NEW.`,
    details: { lake, tenantId },
  });
}

/** A folder among those of tenants that belongs to none. */
export function tenantFolderInvalid(lake: string, folder: string): SluiceError {
  return new SluiceError({
    code: 'lake_tenant_folder',
    recovery: 'user_action',
    surface: 'lake',
    message: `${lake} holds several tenants, and ${folder} names none.`,
    hint: 'Rename it to tenant_id=<id> with the id (a GUID) that `sluice status` names of its lake, or move it away.',
    details: { folder },
  });
}

/** Two folders of one tenant. */
export function tenantFolderTwice(lake: string, folders: readonly string[]): SluiceError {
  return new SluiceError({
    code: 'lake_tenant_folder',
    recovery: 'user_action',
    surface: 'lake',
    message: `${lake} holds one tenant twice: ${folders.join(' and ')}.`,
    hint: 'Move one of the two away.',
    details: { folders: [...folders] },
  });
}

/** A folder is named for another tenant than its lake is of. */
export function tenantFolderWrong(lake: string, folder: string, tenantId: string): SluiceError {
  return new SluiceError({
    code: 'lake_tenant_folder',
    recovery: 'user_action',
    surface: 'lake',
    message: `${folder} in ${lake} is the lake of tenant ${tenantId}.`,
    hint: `Rename it to tenant_id=${tenantId}.`,
    details: { folder, tenantId },
  });
}

/** What is known by one tenant's lake only is asked of several. */
export function tenantNeeded(what: string, tenantIds: readonly string[]): SluiceError {
  return new SluiceError({
    code: 'tenant_needed',
    recovery: 'user_action',
    surface: 'config',
    message: `${what}: this lake holds several tenants. Valid: ${tenantIds.join(', ') || 'none yet'}.`,
    hint: 'Name one of them.',
    details: { valid: [...tenantIds] },
  });
}

/** A file has fewer or more rows than were meant to go into it. It is not committed. */
export function countMismatch(table: string, expected: number, written: number): SluiceError {
  return new SluiceError({
    code: 'lake_count_mismatch',
    recovery: 'fail',
    surface: 'lake',
    message: `A file of table ${table} holds ${written} rows, ${expected} were due. It was not committed.`,
    hint: 'Run again; if it happens again, keep the raw pages (keepRaw) and report it.',
    details: { table, expected, written },
  });
}

/** A caller gave the lake something that it cannot place. */
export function misplaced(code: string, message: string, hint: string): SluiceError {
  return new SluiceError({ code, recovery: 'fail', surface: 'lake', message, hint });
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

/** Another process writes the lake. */
export function lakeBusy(lake: string, holder: LeaseHolder, untilMs: number): SluiceError {
  const until = new Date(untilMs).toISOString();
  return new SluiceError({
    code: 'lake_busy',
    recovery: 'retry',
    surface: 'lake',
    message: `${lake} is being written by another process (${holder.purpose}, process ${holder.pid} on ${holder.host}, since ${holder.since}). If it has died, its lease ends at ${until}.`,
    hint: 'Wait for it with --wait, or stop it.',
    details: { ...holder, until },
  });
}

/** This process stood still for so long that another one took the lake over. */
export function leaseLost(lake: string, holder: LeaseHolder | undefined): SluiceError {
  const by = holder ? ` by ${holder.purpose}, process ${holder.pid} on ${holder.host}` : '';
  return new SluiceError({
    code: 'lake_conflict',
    recovery: 'fail',
    surface: 'lake',
    message: `${lake} was taken over${by} while this process stood still; it writes nothing more.`,
    hint: 'Run again: it goes on from what is committed.',
    ...(holder && { details: { ...holder } }),
  });
}

/** A reader asks for changes that are not kept any more. */
export function changesExpired(table: string, after: number, least: number): SluiceError {
  return new SluiceError({
    code: 'changes_expired',
    recovery: 'user_action',
    surface: 'lake',
    message: `Changes of ${table} after version ${after} are not complete any more; the oldest version to go on from is ${least}.`,
    hint: `Read the table ${table} whole, then go on from the version it was read at. Keep changes longer with compact --retention.`,
    details: { table, after, least },
  });
}

/** A folder for unfinished files that other users can change. */
export function foreignFolder(folder: string): SluiceError {
  return new SluiceError({
    code: 'folder_not_own',
    recovery: 'user_action',
    surface: 'lake',
    message: `${folder} is a link, belongs to another user, or can be changed by others: message texts are not put there.`,
    hint: 'Make it private (chmod 700), or choose another folder.',
    details: { folder },
  });
}

/** A key that does not name an object inside the store. */
export function keyInvalid(lake: string): SluiceError {
  return new SluiceError({
    code: 'lake_key_invalid',
    recovery: 'fail',
    surface: 'lake',
    message: `A name that does not lie inside ${lake} was to be read or written. Nothing was done.`,
    hint: 'Check the names in the commits of this lake; a lake from another hand may be hostile.',
  });
}

/** What an error says of a file. */
interface NamedFile {
  readonly path: string;
  readonly table: string;
  readonly rows: number;
}

const DAMAGE_HINT =
  'Restore the file from a copy of the lake, or see what is missing and what a repair costs with `sluice fsck`. Tables that do not need this file can still be asked.';

/** A file that the log names is not there. */
export function fileMissing({ path, table, rows }: NamedFile): SluiceError {
  return new SluiceError({
    code: 'lake_file_missing',
    recovery: 'user_action',
    surface: 'lake',
    message: `${path} is missing; it holds ${rows} rows of table ${table}. Nothing was changed.`,
    hint: DAMAGE_HINT,
    details: { file: path, table, rows },
  });
}

/** A file is not what was committed under its name. */
export function fileCorrupt({ path, table, rows }: NamedFile, why: string): SluiceError {
  return new SluiceError({
    code: 'lake_file_corrupt',
    recovery: 'user_action',
    surface: 'lake',
    message: `${path} of table ${table} is not the file that was committed: ${why}. Nothing was changed.`,
    hint: DAMAGE_HINT,
    details: { file: path, table, rows },
  });
}

/** A file of kept pages is not what was written. */
export function rawCorrupt(file: string): SluiceError {
  return new SluiceError({
    code: 'lake_file_corrupt',
    recovery: 'user_action',
    surface: 'lake',
    message: `${file} is no file of kept pages any more. Nothing was changed.`,
    hint: 'Restore it from a copy of the lake, or remove it: what it held is then read from the service again.',
    details: { file },
  });
}
