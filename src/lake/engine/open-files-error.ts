/** True for what the system, Node or DuckDB says when a process may open no further file. */
export function isTooManyOpen(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    ('code' in error && (error.code === 'EMFILE' || error.code === 'ENFILE')) ||
    /too many open files/i.test(error.message)
  );
}
