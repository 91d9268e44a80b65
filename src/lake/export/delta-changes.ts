import type { TableShape } from '../../schema/column.ts';
import { declaredSql, literal } from '../../schema/sql.ts';
import { deltaErrors } from '../delta/errors.ts';
import type { DeltaState } from '../delta/log.ts';
import { type DeltaStruct, mergedStruct, parseSchema } from '../delta/schema.ts';
import { PARQUET } from '../engine/duck.ts';
import { CHANGE_COLUMNS, type ChangeSpan, changesSql, hasChanges } from '../feed/changes-sql.ts';
import { type Locate, located } from '../tables/files.ts';
import type { Version } from '../types.ts';
import { putDeltaFiles } from './delta-current.ts';
import { applicationOf, type DeltaChange, removals, structOf, transactionOf } from './delta-table.ts';
import { type ExportWork, exportedName, removeLocally, scratchPath } from './work.ts';

export const changesTable = (table: string): string => `${table}_changes`;

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
    const columns = { ...table.columns, ...CHANGE_COLUMNS };
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
  const now = structOf({ ...table.columns, ...CHANGE_COLUMNS });
  const before = state?.metadata && parseSchema(state.metadata.schemaString);
  const merged = before === undefined ? now : mergedStruct(before, now);
  if ('conflict' in merged)
    throw deltaErrors.delta_column_changed({ table: `delta/${changesTable(table.name)}`, column: merged.conflict });
  return merged;
}

/** Undefined: there are none. */
async function writtenChanges(
  work: ExportWork,
  span: ChangeSpan,
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
    const columns = declaredSql({ columns: { ...table.columns, ...CHANGE_COLUMNS } });
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
