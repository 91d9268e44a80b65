import type { Column, TableShape } from '../../schema/column.ts';
import { sourcesOf } from '../../schema/column.ts';
import { identifier, identifiers } from '../../schema/sql.ts';
import type { Duck } from '../engine/duck.ts';
import { spansOf } from '../log/key-spans.ts';
import { mayHold } from '../tables/contested.ts';
import type { Locate } from '../tables/files.ts';
import { changeRows, explodedChanges, foundFiles, scan, someFiles, tableFiles } from '../tables/relations.ts';
import type { Version } from '../types.ts';
import type { ExportSource } from './source.ts';

/** Beside the columns of the table: as `<table>_changes` of `sluice query` has them. */
export const CHANGE_COLUMNS: Readonly<Record<string, Column>> = {
  _op: { type: 'string', description: '`upsert` or `delete`.' },
  _version: { type: 'timestamp', description: 'The version that the service gave the row.' },
  _commit: { type: 'int64', description: 'The commit of the lake that brought it.' },
};

/** A lake, and the DuckDB that reads it. */
export interface FeedWork {
  readonly source: ExportSource;
  readonly duck: Duck;
}

/** Some changes of a table. */
export interface ChangeSpan {
  readonly table: TableShape;
  readonly after: Version;
  readonly through: Version;
}

/** Whether any change of a table came after a version: the log says so, and no file is looked at. */
export function hasChanges(
  { source }: Pick<FeedWork, 'source'>,
  { table, after }: Pick<ChangeSpan, 'table' | 'after'>,
): boolean {
  const parts = table.explode === undefined ? [table] : sourcesOf(table, source.tables);
  return parts.some(({ name }) => {
    const { older, newer } = tableFiles(source.state, name);
    return [...older, ...newer].some(({ version, rows }) => version > after && rows > 0);
  });
}

export interface ChangeReading {
  readonly work: FeedWork;
  readonly span: ChangeSpan;
  readonly locate: Locate;
}

/** The changes of a table; more than asked for may be among them. */
export async function changesSql(reading: ChangeReading, signal?: AbortSignal): Promise<string> {
  const { work, span } = reading;
  const { table } = span;
  if (table.explode === undefined) return recordChanges(reading, signal);
  const relations = new Map<TableShape, string>();
  for (const source of sourcesOf(table, work.source.tables)) {
    relations.set(source, await historyOfChanged(reading, source, signal));
  }
  return explodedChanges(table, work.source.tables, (source) => relations.get(source)!);
}

/** Files with the changes before this version are not all there any more: the base stands for them. */
const isWhole = ({ source }: Pick<FeedWork, 'source'>, after: Version): boolean =>
  after === 0 || after < source.state.feedFrom;

/** Of records: the files that came since. At first everything that is kept, the base in place of what was compacted. */
async function recordChanges({ work, span, locate }: ChangeReading, signal?: AbortSignal): Promise<string> {
  const { table, after } = span;
  const files = tableFiles(work.source.state, table.name);
  if (isWhole(work, after)) return changeRows(table, await foundFiles({ files, locate }, signal));
  const recent = [...files.older, ...files.newer].filter(({ version }) => version > after);
  return scan(table, await locate(recent, signal));
}

/** Of elements: all versions of the records that changed since, as each is compared with the one before it. */
async function historyOfChanged(
  { work, span, locate }: ChangeReading,
  source: TableShape,
  signal?: AbortSignal,
): Promise<string> {
  const { after, through } = span;
  const files = tableFiles(work.source.state, source.name);
  if (isWhole(work, after)) return changeRows(source, await foundFiles({ files, locate }, signal));
  const { duck } = work;
  const key = identifiers(source.primaryKey);
  const recent = [...files.older, ...files.newer].filter(({ version }) => version > after);
  const changed = scan(source, await locate(recent, signal), {
    columns: source.primaryKey,
    where: `_commit > ${after} AND _commit <= ${through}`,
  });
  const name = `changed_${source.name}`;
  await duck.run(
    `CREATE OR REPLACE TEMP TABLE ${identifier(name)} AS SELECT DISTINCT ${key} FROM (${changed})`,
    [],
    signal,
  );
  const spans = await spansOf(duck, source, identifier(name), signal);
  const chosen = new Set(mayHold(source, [...files.base, ...files.older, ...files.newer], spans));
  const found = await foundFiles({ files: someFiles(files, (file) => chosen.has(file)), locate }, signal);
  return `SELECT * FROM (${changeRows(source, found)}) SEMI JOIN ${identifier(name)} USING (${key}) WHERE _commit <= ${through}`;
}
