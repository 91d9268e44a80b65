import { GraphRefusal, refusals } from '../protocol/graph-refusal.ts';
import type { ModifiedRange } from '../tenant/types.ts';

const clause = /^\(?\s*([\w/.]+)\s+(\w+)\s+('?[^\s')]+'?)\s*\)?$/;
const operation: Record<string, string> = {
  eq: 'Equal',
  ne: 'NotEqual',
  ge: 'GreaterThanOrEqual',
  le: 'LessThanOrEqual',
  gt: 'GreaterThan',
  lt: 'LessThan',
};

/**
 * The time range of `$filter=lastModifiedDateTime gt a and lastModifiedDateTime lt b`, the only filter that message
 * collections take. Everything else is refused as the service does.
 *
 * @param operators - `gt` only for delta, `gt` and `lt` for export
 */
export function modifiedRange(query: URLSearchParams, operators: readonly ('gt' | 'lt')[]): ModifiedRange {
  return rangeOf(query.get('$filter'), 'lastModifiedDateTime', operators);
}

/** The same of any property of time. */
export function rangeOf(filter: string | null, wanted: string, operators: readonly ('gt' | 'lt')[]): ModifiedRange {
  if (filter === null) return {};
  const range: { gtMs?: number; ltMs?: number } = {};
  for (const part of filter.trim().split(/\s+and\s+/i)) {
    const [, property, operator, value] = clause.exec(part.trim()) ?? [];
    if (property === undefined || operator === undefined || value === undefined) {
      throw new GraphRefusal(refusals.badRequest('Invalid filter clause'));
    }
    const taken = operators.find((known) => known === operator);
    if (property !== wanted || !taken) throw new GraphRefusal(notAllowed(property, operator));
    const ms = Date.parse(value);
    if (Number.isNaN(ms)) throw new GraphRefusal(refusals.badRequest(`Invalid date time '${value}' in $filter query.`));
    if (taken === 'gt') range.gtMs = ms;
    else range.ltMs = ms;
  }
  return range;
}

const notAllowed = (property: string, operator: string) =>
  refusals.badRequest(
    `The entity property '${property}' and operationKind '${operation[operator] ?? operator}' is not allowed in $filter query.`,
  );
