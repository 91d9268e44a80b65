import { storeErrors } from '../errors.ts';
import { exhausted } from './exhausted.ts';

/** ENOENT: a parent that takes no folders, as below /proc. */
const UNWRITABLE = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'ENOENT']);
const FULL = new Set(['ENOSPC', 'EDQUOT']);

/** Turns what the file system or DuckDB says about a write into an error that tells the user what to do. Others pass unchanged. */
export function writeError(error: unknown, place: string): unknown {
  const reason = error instanceof Error && 'code' in error ? String(error.code) : '';
  const text = error instanceof Error ? error.message : '';
  if (FULL.has(reason) || /no space left on device/i.test(text)) {
    return storeErrors.lake_disk_full({ place }, { cause: error });
  }
  const spent = exhausted(error);
  if (spent) return spent;
  if (UNWRITABLE.has(reason)) return storeErrors.lake_unwritable({ place, reason }, { cause: error });
  return error;
}
