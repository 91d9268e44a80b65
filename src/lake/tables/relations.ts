import type { ColumnType, TableShape } from '../../schema/column.ts';
import { sourcesOf, withRawColumn } from '../../schema/column.ts';
import { elementsSql, explosion } from '../../schema/explosion.ts';
import { canonicalSql } from '../../schema/projection.ts';
import { columnDefinitions, duckdbType, identifier, identifiers, literal } from '../../schema/sql.ts';
import type { Duck } from '../engine/duck.ts';
import type { LakeState, LiveFile } from '../log/log.ts';
import { coveredVersion, shapeOf } from '../log/log.ts';
import type { Locate, Located } from './files.ts';

/**
 * What orders the changes of a row: the version the service gave it, then the commit, then the place in the segment.
 * `_op` is `upsert` or `delete`; base files have no deletes.
 */
const STAMP = ['_version', '_commit', '_row'] as const;

/** Columns of a change table. */
export function changeDefinitions(table: TableShape): string {
  return `${columnDefinitions(table)}, _op VARCHAR, _version TIMESTAMPTZ, _commit BIGINT, _row BIGINT`;
}

/** The tables as the lake holds them: with `_raw` when some of its files were written with it. */
export function storedTables(tables: readonly TableShape[], state: LakeState): readonly TableShape[] {
  const hasRaw = [...state.files.values()].some(({ raw }) => raw);
  return hasRaw ? tables.map(withRawColumn) : tables;
}

/** A file and where DuckDB finds it. */
export type ReadableFile = Located<LiveFile>;

/** The files of a table by their part in the answer: as the log names them, or where DuckDB finds them. */
export interface TableFiles<F extends LiveFile = LiveFile> {
  /** All latest rows as of a version. */
  readonly base: readonly F[];
  /** Changes after it. */
  readonly newer: readonly F[];
  /** Changes that the base holds already: history, and deletes that still outrank late arrivals. */
  readonly older: readonly F[];
}

/** Sorts the files of a table. Finding one may cost a download: those that are read are chosen first. */
export function tableFiles(state: LakeState, table: string): TableFiles {
  const files = [...state.files.values()].filter((file) => file.table === table);
  const base = files.filter((file) => file.kind === 'base');
  const asOf = state.published.get(table) ?? 0;
  const changes = files.filter((file) => file.kind === 'changes');
  return {
    base,
    newer: changes.filter((file) => coveredVersion(file) > asOf),
    older: changes.filter((file) => coveredVersion(file) <= asOf),
  };
}

/** A table of a lake that is written: its files, and how those that are read are found. */
export interface StoredTable {
  readonly table: TableShape;
  readonly files: TableFiles;
  readonly locate: Locate;
}

/**
 * The files that say which rows stand: of the changes that the base holds already only those with deletes, which still
 * outrank late arrivals.
 */
export const standingFiles = <F extends LiveFile>({ base, newer, older }: TableFiles<F>): TableFiles<F> => ({
  base,
  newer,
  older: older.filter(({ deletes }) => deletes > 0),
});

/** True when no row can stand: the log says so, and no file is looked at. */
export const isEmpty = ({ base, newer }: TableFiles): boolean => [...base, ...newer].every(({ rows }) => rows === 0);

/** Finds files of a table. */
export async function foundFiles(
  { files: { base, newer, older }, locate }: Pick<StoredTable, 'files' | 'locate'>,
  signal?: AbortSignal,
): Promise<TableFiles<ReadableFile>> {
  return {
    base: await locate(base, signal),
    newer: await locate(newer, signal),
    older: await locate(older, signal),
  };
}

/** The files of a table that a test lets through. */
export const someFiles = <F extends LiveFile>(
  { base, newer, older }: TableFiles<F>,
  isChosen: (file: F) => boolean,
): TableFiles<F> => ({
  base: base.filter(isChosen),
  newer: newer.filter(isChosen),
  older: older.filter(isChosen),
});

/** Which rows of files are read, and which of their columns. */
export interface ScanOptions {
  readonly where?: string | undefined;
  /** Default: all of the declaration. What a statement names is bound whenever it runs: few are cheap. */
  readonly columns?: readonly string[] | undefined;
}

/**
 * Rows of files with every column of the declaration, also those that older files lack. Older files may hold ids in the
 * casing in which they came. Files of today's shape have the columns as they are declared: they are read as they stand.
 */
export function scan(table: TableShape, files: readonly ReadableFile[], { where, columns }: ScanOptions = {}): string {
  const { shape } = shapeOf(table);
  const chosen = columns ?? Object.keys(table.columns);
  const rows = (from: string, valueSql: (name: string, type: ColumnType) => string) => {
    const selected = chosen.map((name) => `${valueSql(name, table.columns[name]!.type)} AS ${identifier(name)}`);
    return `SELECT ${[...selected, '_op', ...STAMP].join(', ')} FROM ${from}`;
  };
  const isFormer = (file: ReadableFile) => file.shape !== shape;
  const former = files.filter(isFormer);
  const current = files.filter((file) => !isFormer(file));
  const formerText = (name: string, type: ColumnType) => canonicalSql(asText(name, type), type);
  const parts = [
    ...(current.length > 0 ? [rows(parquet(current), asText)] : []),
    ...(former.length > 0
      ? [rows(`(${noRows(table)} UNION ALL BY NAME FROM ${parquet(former, BY_NAME)})`, formerText)]
      : []),
  ];
  const all = parts.length > 0 ? parts.join(' UNION ALL ') : rows(`(${noRows(table)})`, asText);
  return where === undefined ? all : `SELECT * FROM (${all}) WHERE ${where}`;
}

const BY_NAME = 'union_by_name = true';

const parquet = (files: readonly ReadableFile[], ...options: readonly string[]) =>
  `read_parquet([${files.map(({ localPath }) => literal(localPath)).join(', ')}], ${[...options, 'hive_partitioning = false'].join(', ')})`;

/** A relation with the columns of a table, and no rows. */
function noRows(table: TableShape): string {
  const columns = Object.entries(table.columns).map(
    ([name, { type }]) => `NULL::${duckdbType(type)} AS ${identifier(name)}`,
  );
  return `SELECT ${columns.join(', ')}, NULL::VARCHAR AS _op, NULL::TIMESTAMPTZ AS _version,
    NULL::BIGINT AS _commit, NULL::BIGINT AS _row WHERE false`;
}

/** JSON is text, also where files of an older Sluice call it JSON: readers do not agree on what that is. */
const asText = (name: string, type: ColumnType): string =>
  type === 'json' ? `${identifier(name)}::VARCHAR` : identifier(name);

/** Of the rows of a relation, the greatest stamp of each key. */
export function winners(table: TableShape, relation: string): string {
  const stamp = "{v: coalesce(_version, '-infinity'::TIMESTAMPTZ), c: _commit, r: _row}";
  return `SELECT s.c AS _commit, s.r AS _row
    FROM (SELECT max(${stamp}) AS s FROM ${relation} GROUP BY ${identifiers(table.primaryKey)})`;
}

/** How many keys are compared at a time: 100 bytes each. */
const KEYS_AT_A_TIME = 1_000_000;

/**
 * True when each key stands once in the files. Hashes are compared: a collision only makes the answer "no". Large tables
 * are compared in parts, so that the memory does not grow with the tenant.
 */
export async function hasDistinctKeys(
  duck: Duck,
  table: TableShape,
  files: readonly ReadableFile[],
  signal?: AbortSignal,
): Promise<boolean> {
  const parts = Math.ceil(files.reduce((sum, { rows }) => sum + rows, 0) / KEYS_AT_A_TIME);
  const rows = scan(table, files, { columns: table.primaryKey });
  const keys = `SELECT hash(${identifiers(table.primaryKey)}) AS h FROM (${rows})`;
  for (let part = 0; part < parts; part += 1) {
    const [found] = await duck.rows(
      `SELECT count(*) = count(DISTINCT h) AS yes FROM (${keys}) WHERE h % ${parts} = ${part}`,
      [],
      signal,
    );
    if (found?.['yes'] !== true) return false;
  }
  return true;
}

/** The latest change of every key, deletes included. `where` narrows what is looked at; `columns` hold the key. */
export function latestRows(table: TableShape, files: TableFiles<ReadableFile>, options: ScanOptions = {}): string {
  const { where, columns } = options;
  const base = scan(table, files.base, options);
  const changes = [scan(table, files.newer, options)];
  const { older: deletes } = standingFiles(files);
  const isDelete = where === undefined ? "_op = 'delete'" : `_op = 'delete' AND ${where}`;
  if (deletes.length > 0) changes.push(scan(table, deletes, { where: isDelete, columns }));
  if (files.newer.length + deletes.length === 0) return base;
  const key = identifiers(table.primaryKey);
  return `WITH base AS NOT MATERIALIZED (${base}), newer AS NOT MATERIALIZED (${changes.join(' UNION ALL ')}),
    contested AS NOT MATERIALIZED (SELECT * FROM newer UNION ALL SELECT * FROM base SEMI JOIN newer USING (${key})),
    winners AS NOT MATERIALIZED (${winners(table, 'contested')})
    SELECT * FROM base ANTI JOIN newer USING (${key})
    UNION ALL SELECT * FROM contested SEMI JOIN winners USING (_commit, _row)`;
}

/** The rows that stand at present, with their stamps. */
export function currentRows(table: TableShape, files: TableFiles<ReadableFile>, options: ScanOptions = {}): string {
  return `SELECT * FROM (${latestRows(table, files, options)}) WHERE _op = 'upsert'`;
}

/** Every change that is still kept; where compaction removed the change files, the base stands for them. */
export function changeRows(table: TableShape, files: TableFiles<ReadableFile>): string {
  const history = scan(table, [...files.older, ...files.newer]);
  if (files.base.length === 0) return history;
  return `${history} UNION ALL
    SELECT * FROM (${scan(table, files.base)}) ANTI JOIN (${history}) AS history USING (_commit, _row)`;
}

/** Finds the relation of a record table. */
export type RelationOf = (table: TableShape) => string;

/** An exploded table: what the current rows of its record tables say, one row per key. */
export function explodedRows(table: TableShape, tables: readonly TableShape[], current: RelationOf): string {
  const parts = sourcesOf(table, tables).map((source) =>
    explosion({ table, source, rows: current(source), list: elementsSql(table, source, identifier) }),
  );
  return parts.join(' UNION ALL ');
}

/** The changes of an exploded table: the elements of each changed record, and as deletes those that its version before had and it has not. */
export function explodedChanges(table: TableShape, tables: readonly TableShape[], changes: RelationOf): string {
  const key = identifiers(table.primaryKey);
  const parts = sourcesOf(table, tables).map((source) => {
    const list = elementsSql(table, source, identifier);
    const order = `PARTITION BY ${identifiers(source.primaryKey)} ORDER BY _version NULLS FIRST, _commit, _row`;
    const rows = `SELECT *, lag(${list}) OVER (${order}) AS _before FROM (${changes(source)})`;
    const now = explosion({ table, source, rows, list });
    const before = explosion({ table, source, rows, list: '_before' });
    return `${now} UNION ALL
      SELECT * REPLACE ('delete' AS _op) FROM (${before})
      ANTI JOIN (${now}) AS kept USING (${key}, _commit, _row)`;
  });
  return parts.join(' UNION ALL ');
}
