import type { Recovery, Surface } from './sluice-error.ts';

/** One row of a rule table: the mapping, its test matrix and the reference page all read it. */
export interface ErrorRule {
  readonly surface: Surface;
  /** HTTP statuses the row is for; absent: any. */
  readonly status?: readonly number[];
  readonly when?: RuleCondition;
  readonly code: string;
  readonly recovery: Recovery;
  /** What happened, as one sentence. */
  readonly meaning: string;
  /** What to do about it, as one sentence. */
  readonly hint: string;
  /** True: what was asked for may be served another way, so a reader that has one takes it. */
  readonly otherRead?: true;
}

/** A row for Microsoft Graph. */
export const graphRule = (row: Omit<ErrorRule, 'surface'>): ErrorRule => ({ surface: 'graph', ...row });

/** All parts must hold. Never a search inside a text: ids inside messages hold "404" and "429". */
export interface RuleCondition {
  /** One of these is among the codes of the body, outer or nested, letter case ignored. */
  readonly codes?: readonly string[];
  /** One of the messages of the body, outer or nested, begins with one of these, letter case ignored. */
  readonly prefixes?: readonly string[];
  /** The body is a page of HTML. */
  readonly html?: true;
}

/** What a rule is decided by. */
export interface ErrorFacts {
  readonly status: number;
  readonly codes: readonly string[];
  readonly messages: readonly string[];
  readonly isHtml?: boolean | undefined;
}

/** The first row that fits: rows stand from special to general. */
export function findRule(rules: readonly ErrorRule[], facts: ErrorFacts): ErrorRule | undefined {
  const codes = facts.codes.map((code) => code.toLowerCase());
  const messages = facts.messages.map((message) => message.toLowerCase());
  return rules.find(
    ({ status, when }) =>
      (!status || status.includes(facts.status)) &&
      (!when?.html || facts.isHtml === true) &&
      (!when?.codes || when.codes.some((code) => codes.includes(code.toLowerCase()))) &&
      (!when?.prefixes ||
        when.prefixes.some((prefix) => messages.some((text) => text.startsWith(prefix.toLowerCase())))),
  );
}
