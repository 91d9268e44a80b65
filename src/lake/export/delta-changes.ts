import type { Column, TableShape } from '../../schema/column.ts';
import { sourcesOf } from '../../schema/column.ts';
import { identifier, identifiers, literal } from '../../schema/sql.ts';
import { deltaErrors } from '../delta/errors.ts';
import type { DeltaState } from '../delta/log.ts';
import { type DeltaStruct, mergedStruct, parseSchema } from '../delta/schema.ts';
import { PARQUET } from '../engine/duck.ts';
import { spansOf } from '../log/key-spans.ts';
import { mayHold } from '../tables/contested.ts';
import { type Locate, located } from '../tables/files.ts';
import { changeRows, explodedChanges, foundFiles, scan, someFiles, tableFiles } from '../tables/relations.ts';
import type { Version } from '../types.ts';
import { putDeltaFiles } from './delta-current.ts';
import { applicationOf, type DeltaChange, removals, structOf, transactionOf } from './delta-table.ts';
import { declaredSql } from './file-formats.ts';
import { type ExportWork, exportedName, removeLocally, scratchPath } from './work.ts';

export const changesTable = (table: string): string => `${table}_changes`;

/** Beside the columns of the table: as `<table>_changes` of `sluice query` has them. */
const STAMPS: Readonly<Record<string, Column>> = {
  _op: { type: 'string', description: '`upsert` or `delete`.' },
  _version: { type: 'timestamp', description: 'The version that the service gave the row.' },
  _commit: { type: 'int64', description: 'The commit of the lake that brought it.' },
};

interface Told {
  readonly operations: number;
  /** Every change up to this version of the lake is in the table. */
  readonly through: Version;
}

/**
 * What appends the changes that came since the last export, each once.
 *
 * @param known - changes up to here are there, also where the log of the table does not say so: there were none
 * @throws SluiceError `delta_changes_expired`, `delta_column_changed`
 */
export async function changesChange(
  work: ExportWork,
  { table, known, state }: { readonly table: TableShape; readonly known: Version; readonly state: DeltaState },
  signal?: AbortSignal,
): Promise<DeltaChange<Told>> {
  const { source } = work;
  const { version: through, feedFrom } = source.state;
  const told = state.transactions.get(applicationOf(source.lakeId)) ?? 0;
  const isAnew = work.isFull || state.version < 0;
  const after = isAnew ? 0 : Math.max(told, known);
  if (!isAnew && after < feedFrom)
    throw deltaErrors.delta_changes_expired({ table: `delta/${changesTable(table.name)}`, after, least: feedFrom });
  const schema = schemaOf(table, isAnew ? undefined : state);
  const old = isAnew ? removals(work, [...state.files.values()], true) : [];
  const local = await writtenChanges(work, { table, after, through }, signal);
  if (local === undefined) {
    const actions = old.length > 0 || state.version < 0 ? [transactionOf(work), ...old] : [];
    return { schema, actions, told: { operations: 0, through } };
  }
  try {
    const columns = { ...table.columns, ...STAMPS };
    const names = [exportedName(work.lease.number, `changes-${after}-${through}.parquet`, 'parquet')];
    const put = { folder: changesTable(table.name), columns, names, local: [local.path], dataChange: true };
    const added = await putDeltaFiles(work, put, signal);
    return { schema, actions: [transactionOf(work), ...old, ...added], told: { operations: local.rows, through } };
  } finally {
    await removeLocally([local.path]);
  }
}

/** @throws SluiceError `delta_column_changed` */
function schemaOf(table: TableShape, state: DeltaState | undefined): DeltaStruct {
  const now = structOf({ ...table.columns, ...STAMPS });
  const before = state?.metadata && parseSchema(state.metadata.schemaString);
  const merged = before === undefined ? now : mergedStruct(before, now);
  if ('conflict' in merged)
    throw deltaErrors.delta_column_changed({ table: `delta/${changesTable(table.name)}`, column: merged.conflict });
  return merged;
}

interface Span {
  readonly table: TableShape;
  readonly after: Version;
  readonly through: Version;
}

/** Whether any change of a table came after a version: the log says so, and no file is looked at. */
export function hasChanges({ source }: ExportWork, { table, after }: Pick<Span, 'table' | 'after'>): boolean {
  const parts = table.explode === undefined ? [table] : sourcesOf(table, source.tables);
  return parts.some(({ name }) => {
    const { older, newer } = tableFiles(source.state, name);
    return [...older, ...newer].some(({ version, rows }) => version > after && rows > 0);
  });
}

/** Undefined: there are none. */
async function writtenChanges(
  work: ExportWork,
  span: Span,
  signal?: AbortSignal,
): Promise<{ readonly path: string; readonly rows: number } | undefined> {
  const { table, after, through } = span;
  if (after > 0 && !hasChanges(work, span)) return undefined;
  const found: string[] = [];
  const path = scratchPath(work, 'parquet');
  try {
    const locate: Locate = async (files, inner) => {
      found.push(...files.map((file) => file.path));
      return located(work.source.store, files, inner);
    };
    const rows = await changesSql({ work, span, locate }, signal);
    const columns = declaredSql({ columns: { ...table.columns, ...STAMPS } });
    const chosen = `SELECT ${columns} FROM (${rows}) WHERE _commit > ${after} AND _commit <= ${through} ORDER BY _commit, _row`;
    const [copied] = await work.duck.rows(`COPY (${chosen}) TO ${literal(path)} (${PARQUET})`, [], signal);
    const count = Number(copied?.['Count']);
    if (count > 0) return { path, rows: count };
    await removeLocally([path]);
    return undefined;
  } finally {
    await work.source.store.letGo(found);
  }
}

interface Reading {
  readonly work: ExportWork;
  readonly span: Span;
  readonly locate: Locate;
}

/** The changes of a table; more than asked for may be among them. */
async function changesSql(reading: Reading, signal?: AbortSignal): Promise<string> {
  const { work, span } = reading;
  const { table } = span;
  if (table.explode === undefined) return recordChanges(reading, signal);
  const relations = new Map<TableShape, string>();
  for (const source of sourcesOf(table, work.source.tables)) {
    relations.set(source, await historyOfChanged(reading, source, signal));
  }
  return explodedChanges(table, work.source.tables, (source) => relations.get(source)!);
}

/** Of records: the files that came since. At first everything that is kept, the base in place of what was compacted. */
async function recordChanges({ work, span, locate }: Reading, signal?: AbortSignal): Promise<string> {
  const { table, after } = span;
  const files = tableFiles(work.source.state, table.name);
  if (after === 0) return changeRows(table, await foundFiles({ files, locate }, signal));
  const recent = [...files.older, ...files.newer].filter(({ version }) => version > after);
  return scan(table, await locate(recent, signal));
}

/** Of elements: all versions of the records that changed since, as each is compared with the one before it. */
async function historyOfChanged(
  { work, span, locate }: Reading,
  source: TableShape,
  signal?: AbortSignal,
): Promise<string> {
  const { after, through } = span;
  const files = tableFiles(work.source.state, source.name);
  if (after === 0) return changeRows(source, await foundFiles({ files, locate }, signal));
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
