import { SluiceError } from '../errors/sluice-error.ts';
import type { DataFile } from './log.ts';

const HINT =
  'Tables that do not need this file can still be asked. `sluice fsck` says what is missing and what a repair costs.';

/** A file that the log names is not there. */
export function fileMissing({ path, table, rows }: DataFile): SluiceError {
  return new SluiceError({
    code: 'lake_file_missing',
    recovery: 'user_action',
    surface: 'lake',
    message: `${path} is missing; it holds ${rows} rows of table ${table}. Nothing was changed.`,
    hint: HINT,
    details: { file: path, table, rows },
  });
}

/** A file is not what was committed under its name. */
export function fileCorrupt({ path, table, rows }: DataFile, why: string): SluiceError {
  return new SluiceError({
    code: 'lake_file_corrupt',
    recovery: 'user_action',
    surface: 'lake',
    message: `${path} of table ${table} is not the file that was committed: ${why}. Nothing was changed.`,
    hint: HINT,
    details: { file: path, table, rows },
  });
}
