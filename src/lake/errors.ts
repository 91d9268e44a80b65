import { SluiceError } from '../errors/sluice-error.ts';

const UNWRITABLE = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR']);
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
