import { storeErrors } from '../store-errors.ts';
import { exhausted } from './exhausted.ts';
import { systemCode } from './system-error.ts';

const FULL = new Set(['ENOSPC', 'EDQUOT']);

/** Turns what the file system or DuckDB says about a write into an error that tells the user what to do. Others pass unchanged. */
export function writeError(error: unknown, place: string): unknown {
  const reason = systemCode(error) ?? '';
  const text = error instanceof Error ? error.message : '';
  if (FULL.has(reason) || /no space left on device/i.test(text)) {
    return storeErrors.lake_disk_full({ place }, { cause: error });
  }
  const spent = exhausted(error);
  if (spent) return spent;
  if (reason !== '') return storeErrors.lake_unwritable({ place, reason }, { cause: error });
  return error;
}
