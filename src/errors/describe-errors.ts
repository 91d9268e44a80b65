import type { ErrorDescription } from './define-errors.ts';
import { botServiceErrors, clientErrors, graphErrors, loginErrors } from './errors.ts';

/** Every error that a service, or a request to one, can end with: each code once. */
export function describeErrors(): ErrorDescription[] {
  const rows = [...graphErrors, ...loginErrors, ...botServiceErrors, ...clientErrors].map((row) => row.describe());
  const byCode = new Map(rows.map((row) => [`${row.surface} ${row.code}`, row]));
  return [...byCode.values()].sort((a, b) => (a.surface + a.code).localeCompare(b.surface + b.code));
}
