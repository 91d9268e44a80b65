import { createHash } from 'node:crypto';
import { pathTo, type Resource } from '../resources/types.ts';
import { recordTables, type TableShape } from '../schema/column.ts';
import { type Compared, type Condition, comparisonsOf, partsOf, placeOfPath, problemOf } from '../schema/condition.ts';
import { parseCondition } from '../schema/parse-condition.ts';
import type { PositionsOfFilter } from '../strategies/filtered-positions.ts';
import { partsSent, sentOf } from '../strategies/sent-filter.ts';
import type { Way } from '../strategies/strategy.ts';
import { tables as declared } from '../tables/index.generated.ts';
import { runErrors } from './errors.ts';
import type { FilterReport } from './report.ts';

/** A collection of a run, and how it is read. */
interface Readable {
  readonly resource: Resource;
  readonly read: Way;
  readonly tables: readonly TableShape[];
}

/** What a run reads only a part of. */
export interface RunFilter extends PositionsOfFilter {
  /** What rows are tested for; undefined: the service alone can tell. */
  readonly tested: Condition | undefined;
  /** As the report says it. */
  readonly report: FilterReport;
  /** What is sent, when the collection is read in a way. */
  sent(way: Way): string | undefined;
}

/**
 * What `--filter` asks of a run: a condition on the rows of one table, named before a colon, or the only one that is read.
 * What its endpoint honours is sent, and rows are tested for all that they hold: services leave out a filter that they do not
 * know, and every way of reading must give the same rows.
 *
 * @throws SluiceError `filter_invalid`, `filter_table`, `filter_not_possible`, `unknown_value`: before any request
 */
export function filterOf(text: string, reads: readonly Readable[]): RunFilter {
  const { name, rest } = namedIn(text);
  const table = tableOf(name, reads);
  const { resource, read } = reads.find((one) => one.resource.name === table.resource)!;
  refuseParent(table, resource, reads);
  const parsed = parseCondition(rest);
  if ('problem' in parsed) throw runErrors.filter_invalid({ filter: text, problem: parsed.problem });
  const { condition } = parsed;
  const rows = recordTables(declared, resource.name);
  for (const one of comparisonsOf(condition)) checkComparison(one, { table, rows, resource });
  const isTested = (part: Condition) => comparisonsOf(part).every((one) => isHeld(one, rows));
  const tested = partsOf(condition).filter(isTested);
  for (const part of partsOf(condition)) {
    if (isTested(part) || resource.reads.every((way) => partsSent(way, condition).includes(part))) continue;
    throw runErrors.filter_not_possible({
      table: table.name,
      why: `${comparisonsOf(part).find((one) => !isHeld(one, rows))!.path} is in no row, and Graph does not compare it so`,
    });
  }
  return {
    resource: resource.name,
    name: nameOf(condition),
    tested: tested.length > 0 ? { all: tested } : undefined,
    report: { tables: rows.map((one) => one.name), filter: rest, sent: sentOf(read, condition) },
    sent: (way) => sentOf(way, condition),
  };
}

const nameOf = (condition: Condition): string =>
  createHash('sha256').update(JSON.stringify(condition)).digest('hex').slice(0, 16);

/** What the positions of a filter are called; undefined: it is no condition. */
export function nameOfFilter(text: string): string | undefined {
  const parsed = parseCondition(namedIn(text).rest);
  return 'problem' in parsed ? undefined : nameOf(parsed.condition);
}

/** `members: userType eq 'Guest'`: a table, and what is asked of its rows. */
function namedIn(text: string): { readonly name: string | undefined; readonly rest: string } {
  const [, name, rest] = /^\s*([a-z_]+)\s*:(.*)$/s.exec(text) ?? [];
  return { name, rest: (rest ?? text).trim() };
}

function tableOf(name: string | undefined, reads: readonly Readable[]): TableShape {
  const valid = reads.flatMap(({ tables }) => tables.filter(({ explode }) => explode === undefined));
  const names = valid.map((table) => table.name);
  if (name === undefined) {
    const [first, ...others] = reads;
    if (first && others.length === 0 && valid[0]) return valid[0];
    throw runErrors.filter_table({
      problem: 'the run is about several tables, or about none that have rows of their own',
      valid: names,
    });
  }
  const table = valid.find((one) => one.name === name);
  if (table) return table;
  const isMade = declared.some((one) => one.name === name && one.explode !== undefined);
  const problem = isMade ? `${name} is made of the rows of another table` : `${name} is no table of this run`;
  throw runErrors.filter_table({ problem, valid: names });
}

/** What is not listed cannot be read below: a list that others are below is read whole, or not at all. */
function refuseParent(table: TableShape, resource: Resource, reads: readonly Readable[]): void {
  const below = reads.filter((one) => one.resource !== resource && pathTo(one.resource.of).includes(resource));
  if (below.length === 0) return;
  const names = below.flatMap(({ tables }) => tables.map((one) => one.name));
  throw runErrors.filter_not_possible({
    table: table.name,
    why: `${names.join(', ')} of this run are below all of them. Name one side alone (--tables), or the records (--team, --channel, --user, --chat)`,
  });
}

interface Known {
  readonly table: TableShape;
  /** The tables whose rows are read from the same pages. */
  readonly rows: readonly TableShape[];
  readonly resource: Resource;
}

/** A property must be one of every row, or one that the service compares. */
function checkComparison(one: Compared, { table, rows, resource }: Known): void {
  const places = rows.map((row) => placeOfPath(row, one.path));
  const problem = places.map((place) => place && problemOf(one, place.type)).find((found) => found !== undefined);
  if (isSendable(one, resource)) return;
  if (problem !== undefined) throw runErrors.filter_not_possible({ table: table.name, why: `${one.path}: ${problem}` });
  if (places.every((place) => place !== undefined)) return;
  const shared = Object.keys(table.columns).filter((name) => rows.every((row) => name in row.columns));
  const sendable = resource.reads.flatMap(({ filter }) => Object.keys(filter?.properties ?? {}));
  const valid = [...new Set([...shared, ...sendable])];
  throw runErrors.unknown_value({ field: '--filter', value: one.path, valid });
}

const isSendable = (one: Compared, { reads }: Resource): boolean =>
  reads.some(({ filter }) => filter?.properties[one.path]?.operators.includes(one.operator) ?? false);

const isHeld = (one: Compared, rows: readonly TableShape[]): boolean =>
  rows.every((row) => {
    const place = placeOfPath(row, one.path);
    return place !== undefined && problemOf(one, place.type) === undefined;
  });
