import { SluiceError } from '../errors/sluice-error.ts';

/** A statement that is no query. */
export function notReadOnly(message: string): SluiceError {
  return new SluiceError({
    code: 'query_not_read_only',
    recovery: 'user_action',
    surface: 'lake',
    message,
    hint: 'Give one SELECT, WITH, FROM, VALUES, PIVOT, DESCRIBE, SHOW, SUMMARIZE or EXPLAIN.',
  });
}

/** A query that reaches for something else than the tables of the lake. */
export function outsideLake(message: string): SluiceError {
  return new SluiceError({
    code: 'query_outside_lake',
    recovery: 'user_action',
    surface: 'lake',
    message,
    hint: "A query reads the lake's tables only; `sluice tables` lists them. Read other files with a DuckDB of your own.",
  });
}

/** A query that DuckDB refuses or that fails on the way. */
export function queryFailed(message: string, cause: unknown): SluiceError {
  return new SluiceError({
    code: 'query_failed',
    recovery: 'user_action',
    surface: 'lake',
    message,
    hint: '`sluice tables` lists tables and columns.',
    cause,
  });
}
