import type { Notification } from '../../messages/types.ts';
import { routerErrors } from '../errors.ts';
import { labelOf, severityOf, sourceOf } from '../notification.ts';
import { compilePattern } from './pattern.ts';

export const matcherOperators = ['=', '!=', '=~', '!~'] as const;
export type MatcherOperator = (typeof matcherOperators)[number];

export const matcherFields = ['label', 'tag', 'severity', 'source'] as const;
export type MatcherField = (typeof matcherFields)[number];

/** A condition as data. `name` is the label's name and belongs to the field `label` only. */
export type MatcherSpec =
  | { readonly field: 'label'; readonly name: string; readonly op: MatcherOperator; readonly value: string }
  | { readonly field: Exclude<MatcherField, 'label'>; readonly op: MatcherOperator; readonly value: string };

/** A compiled condition. */
export interface Matcher {
  readonly spec: MatcherSpec;
  matches(notification: Notification): boolean;
}

/**
 * Compiles a condition. Patterns are anchored. A missing value is the empty string, so `team!="ops"` and `team=~".*"`
 * hold without the label. Of several tags one is enough for `=` and `=~`, and none may be there for `!=` and `!~`.
 *
 * @throws SluiceError `pattern_invalid` or `unknown_value`
 * @see https://prometheus.io/docs/alerting/latest/configuration/#matcher
 */
export function compileMatcher(spec: MatcherSpec): Matcher {
  const { op, value } = spec;
  if (!matcherOperators.includes(op)) {
    throw routerErrors.unknown_value({ field: 'op', value: op, valid: matcherOperators });
  }
  const test = op.endsWith('~') ? compilePattern(value) : (candidate: string) => candidate === value;
  const positive = op.startsWith('=');
  if (spec.field === 'tag') {
    return { spec, matches: ({ tags }) => (tags.length > 0 ? tags.some(test) : test('')) === positive };
  }
  const read = reader(spec);
  return { spec, matches: (notification) => test(read(notification)) === positive };
}

function reader(spec: MatcherSpec): (notification: Notification) => string {
  switch (spec.field) {
    case 'label':
      return (notification) => labelOf(notification, spec.name);
    case 'severity':
      return severityOf;
    case 'source':
      return sourceOf;
    default:
      throw routerErrors.unknown_value({ field: 'field', value: spec.field, valid: matcherFields });
  }
}

/** The values a matcher looks at, for an explanation. */
export function valuesSeen(spec: MatcherSpec, notification: Notification): readonly string[] {
  if (spec.field === 'tag') return notification.tags;
  return [reader(spec)(notification)];
}
