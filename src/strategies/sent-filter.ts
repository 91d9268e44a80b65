import { type Compared, type Comparison, type Condition, type Constant, partsOf } from '../schema/condition.ts';

/** What an endpoint compares in `$filter`, as its documentation says. */
export interface FilterRules {
  /** By the name of a property, as conditions name it. */
  readonly properties: Readonly<Record<string, FilterProperty>>;
  /** One comparison and nothing beside it, or several joined by `and`, each of which may be some joined by `or`. */
  readonly takes: 'one' | 'several';
}

export interface FilterProperty {
  readonly operators: readonly Comparison[];
  /** How `$filter` names it, where that is another name. */
  readonly as?: string | undefined;
  /** It is a property of the elements of this list: one of them has to meet the comparison. */
  readonly inSome?: string | undefined;
  /** The only values that it is compared with. */
  readonly values?: readonly Constant[] | undefined;
}

interface Filtering {
  readonly filter?: FilterRules | undefined;
}

/** The parts of a condition that an endpoint takes. */
export function partsSent({ filter: rules }: Filtering, condition: Condition): readonly Condition[] {
  if (!rules) return [];
  const taken = partsOf(condition).filter((part) => isTaken(rules, part));
  return rules.takes === 'one' ? taken.slice(0, 1) : taken;
}

/** What is sent of a condition, as `$filter` has it; undefined: nothing. */
export function sentOf(way: Filtering, condition: Condition): string | undefined {
  const parts = partsSent(way, condition).map((part) => odata(way.filter!, part));
  return parts.length > 0 ? parts.join(' and ') : undefined;
}

/** Clauses of a `$filter`, those that are there; undefined: none is. */
export function joined(...clauses: readonly (string | undefined)[]): string | undefined {
  const given = clauses.filter((clause) => clause !== undefined);
  return given.length > 0 ? given.join(' and ') : undefined;
}

/** A query with a `$filter`. */
export function filtered(query: string | undefined, filter: string | undefined): string | undefined {
  if (filter === undefined) return query;
  return [...(query === undefined ? [] : [query]), `$filter=${encodeURIComponent(filter)}`].join('&');
}

function isTaken(rules: FilterRules, part: Condition): boolean {
  if ('any' in part)
    return rules.takes === 'several' && part.any.every((one) => isComparison(one) && takes(rules, one));
  return isComparison(part) && takes(rules, part);
}

const isComparison = (condition: Condition): condition is Compared => 'path' in condition;

function takes({ properties }: FilterRules, { path, operator, value }: Compared): boolean {
  const property = properties[path];
  if (property === undefined || value === null) return false;
  return property.operators.includes(operator) && (property.values?.includes(value) ?? true);
}

function odata(rules: FilterRules, part: Condition): string {
  if ('any' in part) return `(${part.any.map((one) => odata(rules, one)).join(' or ')})`;
  const { path, operator, value } = part as Compared;
  const { as = path, inSome } = rules.properties[path]!;
  if (inSome === undefined) return compared(as, operator, value);
  return `${inSome}/any(one:${compared(`one/${as}`, operator, value)})`;
}

function compared(name: string, operator: Comparison, value: Constant): string {
  const isFunction = operator === 'startswith' || operator === 'contains';
  return isFunction ? `${operator}(${name},${constant(value)})` : `${name} ${operator} ${constant(value)}`;
}

function constant(value: Constant): string {
  if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`;
  return typeof value === 'object' && value !== null ? new Date(value.at).toISOString() : String(value);
}
