import { clientRules } from './client-rules.ts';
import { graphRules } from './graph-rules.ts';
import { loginRules } from './login-rules.ts';
import type { Recovery } from './sluice-error.ts';

/** One line of the error reference. */
export interface ErrorDescription {
  readonly code: string;
  /** Where it comes from: a service, or `client` for what this side finds out. */
  readonly surface: string;
  readonly recovery: Recovery;
  readonly meaning: string;
  readonly hint: string;
}

/** Every code of the rule tables once, for the generated reference page. */
export function describeErrors(): ErrorDescription[] {
  const rows = [
    ...graphRules,
    ...loginRules,
    ...Object.values(clientRules).map((row) => ({ surface: 'client', ...row })),
  ];
  const byCode = new Map(
    rows.map(({ surface, code, recovery, meaning, hint }) => [
      `${surface} ${code}`,
      { code, surface, recovery, meaning, hint },
    ]),
  );
  return [...byCode.values()].sort((a, b) => (a.surface + a.code).localeCompare(b.surface + b.code));
}
