import { readFile } from 'node:fs/promises';
import { storeErrors } from '../store-errors.ts';
import { isTooManyOpen } from './open-files-error.ts';

/** Sockets, files and what Node and DuckDB hold besides, with room to spare. A query opens more with the lake's files. */
const LEAST_OPEN_FILES = 128;

/**
 * Refuses to begin where a process may open too few files: it would fail in the middle of its work. Linux says how many
 * that are; elsewhere nothing is known before.
 *
 * @see https://man7.org/linux/man-pages/man5/proc_pid_limits.5.html
 * @throws SluiceError `open_files_too_few`
 */
export async function checkOpenFiles(): Promise<void> {
  const limits = await readFile('/proc/self/limits', 'utf8').catch((error: unknown) => {
    if (isTooManyOpen(error)) throw storeErrors.open_files_too_few({ limit: undefined }, { cause: error });
    return '';
  });
  const limit = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
  if (limit !== undefined && Number(limit) < LEAST_OPEN_FILES)
    throw storeErrors.open_files_too_few({ limit: Number(limit) });
}
