import { type Column, type ColumnType, pathsOf, type ScalarType, type TableShape } from './column.ts';
import { canonicalId } from './guid.ts';
import { literal, memberSql } from './sql.ts';

export type Comparison = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le' | 'startswith' | 'contains';

/** An instant, ISO 8601, as OData writes it: without quotes. */
export interface Instant {
  readonly at: string;
}

export type Constant = string | number | boolean | null | Instant;

/** A property and what it is compared with. Steps of its path are parted by slashes, as OData has it: `from/user/id`. */
export interface Compared {
  readonly path: string;
  readonly operator: Comparison;
  readonly value: Constant;
}

/** What is asked of a record. */
export type Condition =
  | Compared
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition };

/** What a record must meet, all of it, as far apart as it can be taken. */
export const partsOf = (condition: Condition): readonly Condition[] =>
  'all' in condition ? condition.all.flatMap(partsOf) : [condition];

/** Every comparison in it. */
export function comparisonsOf(condition: Condition): readonly Compared[] {
  if ('all' in condition) return condition.all.flatMap(comparisonsOf);
  if ('any' in condition) return condition.any.flatMap(comparisonsOf);
  return 'not' in condition ? comparisonsOf(condition.not) : [condition];
}

/** A value of a table's rows: a column, or a part of one. */
export interface ValuePlace {
  readonly column: string;
  /** Steps inside of its structure. */
  readonly members: readonly string[];
  readonly type: ColumnType;
}

/** Where rows of a table hold a property, by the name of the column or as the service names it; undefined: nowhere. */
export function placeOfPath({ columns }: Pick<TableShape, 'columns'>, path: string): ValuePlace | undefined {
  const dotted = path.replaceAll('/', '.');
  const isAt = ([name, column]: readonly [string, Column]) => name === path || pathsOf(name, column)[0] === dotted;
  const whole = Object.entries(columns).find(isAt);
  if (whole) return { column: whole[0], members: [], type: whole[1].type };
  const [column, ...members] = path.split('/');
  const type = members.reduce<ColumnType | undefined>(memberOf, columns[column!]?.type);
  return type === undefined ? undefined : { column: column!, members, type };
}

const memberOf = (type: ColumnType | undefined, name: string): ColumnType | undefined =>
  typeof type === 'object' && 'struct' in type ? type.struct[name] : undefined;

/** Why a value cannot be compared so; undefined: it can. */
export function problemOf({ operator, value }: Compared, type: ColumnType): string | undefined {
  if (typeof type !== 'string' || type === 'json') return 'it is no single value';
  const isText = type === 'string' || type === 'id';
  if (operator === 'startswith' || operator === 'contains')
    return isText && typeof value === 'string' ? undefined : `${operator} takes texts`;
  if (value === null) return operator === 'eq' || operator === 'ne' ? undefined : 'null is compared by eq and ne';
  return constantSql(type, value) === undefined ? `${VALUES[type]} is expected` : undefined;
}

const VALUES = {
  string: "a text in quotes ('…')",
  id: "a text in quotes ('…')",
  boolean: 'true or false',
  int32: 'a number',
  int64: 'a number',
  double: 'a number',
  timestamp: 'an instant (2026-01-31T00:00:00Z)',
  json: 'nothing',
} as const satisfies Record<ScalarType, string>;

/** A value as SQL of a column's type; undefined: it is none of it. */
function constantSql(type: ScalarType, value: Exclude<Constant, null>): string | undefined {
  if (type === 'string') return typeof value === 'string' ? literal(value) : undefined;
  if (type === 'id') return typeof value === 'string' ? literal(canonicalId(value)) : undefined;
  if (type === 'boolean') return typeof value === 'boolean' ? String(value) : undefined;
  if (type !== 'timestamp') return typeof value === 'number' ? String(value) : undefined;
  const ms = Date.parse(typeof value === 'object' ? value.at : typeof value === 'string' ? value : '');
  return Number.isNaN(ms) ? undefined : `TIMESTAMPTZ '${new Date(ms).toISOString()}'`;
}

const SIGNS = { gt: '>', ge: '>=', lt: '<', le: '<=' } as const;

/**
 * The condition as SQL that is true or false, never null: what a row does not have is unlike every value.
 *
 * @param sqlOf - the value of a column
 */
export function conditionSql(condition: Condition, table: TableShape, sqlOf: (column: string) => string): string {
  const inner = (one: Condition) => conditionSql(one, table, sqlOf);
  if ('all' in condition) return `(${condition.all.map(inner).join(' AND ')})`;
  if ('any' in condition) return `(${condition.any.map(inner).join(' OR ')})`;
  if ('not' in condition) return `(NOT ${inner(condition.not)})`;
  const { column, members, type } = placeOfPath(table, condition.path)!;
  const value = members.length === 0 ? sqlOf(column) : memberSql(sqlOf(column), members.join('.'));
  return comparedSql(condition, value, type as ScalarType);
}

function comparedSql({ operator, value }: Compared, sql: string, type: ScalarType): string {
  if (value === null) return operator === 'eq' ? `(${sql} IS NULL)` : `(${sql} IS NOT NULL)`;
  const constant = constantSql(type, value)!;
  if (operator === 'eq') return `(${sql} IS NOT DISTINCT FROM ${constant})`;
  if (operator === 'ne') return `(${sql} IS DISTINCT FROM ${constant})`;
  if (operator === 'startswith') return `coalesce(starts_with(${sql}, ${constant}), false)`;
  if (operator === 'contains') return `coalesce(contains(${sql}, ${constant}), false)`;
  return `coalesce(${sql} ${SIGNS[operator]} ${constant}, false)`;
}
