import { SluiceError } from '../errors/sluice-error.ts';

/** True for what the system, Node or DuckDB says when a process may open no further file. */
export function isTooManyOpen(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    ('code' in error && (error.code === 'EMFILE' || error.code === 'ENFILE')) ||
    /too many open files/i.test(error.message)
  );
}

/** The process may open too few files. @param limit - how many; undefined: it was noticed when there were no more */
export function openFilesTooFew(limit: number | undefined, cause?: unknown): SluiceError {
  const known = limit === undefined ? 'no further file' : `${limit} files at a time, too few for a lake`;
  return new SluiceError({
    code: 'open_files_too_few',
    recovery: 'user_action',
    surface: 'lake',
    message: `This process may open ${known}.`,
    hint: 'Raise the limit: ulimit -n 4096, or LimitNOFILE of the service. Nothing that was committed is lost.',
    cause,
  });
}
