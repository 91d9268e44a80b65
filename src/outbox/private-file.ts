import { chmodSync, closeSync, openSync, statSync } from 'node:fs';

const PRIVATE = 0o600;

/** What SQLite keeps beside a database file. It makes them with the rights of the file itself. */
const BESIDE = ['', '-wal', '-shm', '-journal'] as const;

/**
 * Makes a database file that its owner alone can read, before SQLite would make it by the umask: it holds the texts of
 * messages. One that an earlier release made is closed to others. What cannot be made or changed is left to SQLite,
 * which says why it cannot open it.
 *
 * Source: https://www.sqlite.org/wal.html#the_wal_file
 */
export function makePrivate(path: string): void {
  quietly(() => closeSync(openSync(path, 'a', PRIVATE)));
  for (const suffix of BESIDE) {
    quietly(() => {
      const { mode } = statSync(path + suffix);
      if ((mode & 0o077) !== 0) chmodSync(path + suffix, PRIVATE);
    });
  }
}

const LEFT_TO_SQLITE: ReadonlySet<unknown> = new Set([
  'ENOENT',
  'ENOTDIR',
  'EACCES',
  'EPERM',
  'EROFS',
  'EISDIR',
  'ENOSPC',
]);

function quietly(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!LEFT_TO_SQLITE.has((error as NodeJS.ErrnoException).code)) throw error;
  }
}
