import {
  isSluiceError,
  type Recovery,
  type RequestInfo,
  SluiceError,
  type SluiceErrorOptions,
  type Surface,
} from './sluice-error.ts';

/** One error: why it happens, what to do, and what it says of the facts of one case. */
export interface ErrorRow<Facts> {
  /** The code, when rows that say different things share one. Default: the name of the row. */
  readonly code?: string;
  readonly recovery: Recovery;
  /** Why it happens, as a sentence for the reference page. */
  readonly cause: string;
  /** What to do about it, as a sentence for the reference page. */
  readonly remedy: string;
  /** The facts of one case: the type of all of them, and the example of the reference page. */
  readonly example?: Facts;
  /** What happened and where. Default: the cause. */
  readonly says?: (facts: Given<Facts>) => string;
  /** What the message says to do. Default: the remedy. */
  readonly hint?: (facts: Given<Facts>) => string | undefined;
  readonly details?: (facts: Given<Facts>) => SluiceErrorOptions['details'];
  readonly request?: (facts: Given<Facts>) => RequestInfo;
}

/** What belongs to one case and not to its row. */
export interface ErrorContext {
  readonly cause?: unknown;
  /** In place of the row's, where it depends on the case. */
  readonly recovery?: Recovery | undefined;
  readonly retryAfterMs?: number | undefined;
}

/** One line of the error reference. */
export interface ErrorDescription {
  readonly code: string;
  /** Where it comes from: a service, a room, or `client` for what this side finds out about a request. */
  readonly surface: string;
  readonly recovery: Recovery;
  readonly cause: string;
  readonly remedy: string;
  /** A message as it reads, without its code. */
  readonly example: string;
}

/** Makes the error of one row. */
export interface ErrorMaker<Facts> {
  (
    ...given: unknown extends Facts ? [context?: ErrorContext] : [facts: Given<Facts>, context?: ErrorContext]
  ): SluiceError;
  readonly code: string;
  /** True for an error with the code of this row. */
  is(error: unknown): error is SluiceError;
  describe(): ErrorDescription;
}

/** Facts as they are given: the same, and no list is written to. */
export type Given<Facts> = {
  readonly [Name in keyof Facts]: Facts[Name] extends readonly (infer Element)[] ? readonly Element[] : Facts[Name];
};

type Rows<Facts> = { readonly [Name in keyof Facts]: ErrorRow<Facts[Name]> };
export type ErrorMakers<Facts> = { readonly [Name in keyof Facts]: ErrorMaker<Facts[Name]> };

/**
 * The errors of a room, a row each: what throws them, what asks for them, and the reference page read the same row.
 *
 * @param surface - where the errors come from
 */
export function defineErrors<Facts extends Record<string, unknown>>(
  surface: Surface,
  rows: Rows<Facts>,
): ErrorMakers<Facts> {
  const named = Object.entries(rows as Readonly<Record<string, ErrorRow<unknown>>>);
  const makers = named.map(([name, row]) => [name, makerOf(surface, name, row)]);
  return Object.fromEntries(makers) as ErrorMakers<Facts>;
}

function makerOf<Facts>(surface: Surface, name: string, row: ErrorRow<Facts>): ErrorMaker<Facts> {
  const { code = name, recovery, cause, remedy } = row;
  const errorOf = (facts: Given<Facts>, context: ErrorContext | undefined) =>
    new SluiceError({
      code,
      recovery: context?.recovery ?? recovery,
      surface,
      message: row.says ? row.says(facts) : cause,
      hint: row.hint ? row.hint(facts) : remedy,
      request: row.request?.(facts),
      details: row.details?.(facts),
      cause: context?.cause,
      retryAfterMs: context?.retryAfterMs,
    });
  const hasFacts = row.example !== undefined;
  const make = (...given: readonly unknown[]) =>
    hasFacts
      ? errorOf(given[0] as Given<Facts>, given[1] as ErrorContext | undefined)
      : errorOf(undefined as never, given[0] as ErrorContext | undefined);
  return Object.assign(make, {
    code,
    is: (error: unknown): error is SluiceError => isSluiceError(error) && error.code === code,
    describe: () => {
      const { message: example } = errorOf(row.example as Given<Facts>, undefined);
      return { code, surface, recovery, cause, remedy, example };
    },
  });
}

/** A value outside a closed set: the field, what stood there, and what would be right. */
export interface UnknownValue {
  /** Path of the field as the user wrote it: `--strategy`, `routes[2].receiver`. */
  readonly field: string;
  readonly value: string;
  readonly valid: readonly string[];
}

/** The row of an error for a value outside a closed set. It names the field, the value and the valid ones. */
export function unknownRow(example: UnknownValue, words: { cause?: string; remedy?: string } = {}) {
  return {
    recovery: 'user_action',
    cause: 'A field holds a value that is not among the valid ones.',
    remedy: 'Give one of the valid values that the message lists.',
    ...words,
    example,
    says: ({ field, value }) => `${field}: "${value}" is not known.`,
    hint: ({ valid }) => `Valid: ${valid.join(', ')}.`,
    details: ({ field, valid }) => ({ field, valid }),
  } satisfies ErrorRow<UnknownValue>;
}

/** A code that is told without an error: why a message is a dead letter, what is odd about a card. */
export interface ToldCode {
  readonly cause: string;
  readonly remedy: string;
  /** How it reads where it is told, without the code. */
  readonly example: string;
}

/**
 * Codes that people see and that no error carries, for the reference pages.
 *
 * @param surface - what tells them
 */
export function defineCodes<Code extends string>(
  surface: string,
  rows: Readonly<Record<Code, ToldCode>>,
  recovery: Recovery = 'user_action',
): Readonly<Record<Code, ToldCode & { describe(): ErrorDescription }>> {
  const described = Object.entries<ToldCode>(rows).map(([code, row]) => [
    code,
    { ...row, describe: () => ({ code, surface, recovery, ...row }) },
  ]);
  return Object.fromEntries(described) as Readonly<Record<Code, ToldCode & { describe(): ErrorDescription }>>;
}
