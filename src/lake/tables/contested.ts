import type { TableShape } from '../../schema/column.ts';
import { identifiers, literal } from '../../schema/sql.ts';
import type { Duck } from '../engine/duck.ts';
import type { DataFile } from '../log/commit-record.ts';
import type { Span } from '../log/key-spans.ts';
import { clusterColumn, haveCommon, spansOf } from '../log/key-spans.ts';
import type { LakeCore } from './core.ts';
import type { ReadableFile, TableFiles } from './relations.ts';
import { scan, standingFiles, winners } from './relations.ts';

/**
 * Every row of a changed key: where it stands (`file`: a base file; empty: a delete of before; NULL: a change), and whether
 * it wins.
 */
export const CONTESTED = 'contested';
/** Base rows that do not win, with their file. */
export const LOSING = 'losing';
/** Changes that win as rows, with the base file that holds their key until now. */
export const WINNING = 'winning';

/** What changes do to the base files of a table. */
export interface Contest {
  /** Base files with rows that lose. */
  readonly losers: readonly ReadableFile[];
  /** Rows of keys that no base file holds. */
  readonly fresh: number;
}

/** The files of a table of which the changes are found already. */
export type ContestFiles = TableFiles & { readonly newer: readonly ReadableFile[] };

/** Fills `contested`, `losing` and `winning`. Only files in which a changed key can stand are found and opened. */
export async function contest(
  { duck, locate }: Pick<LakeCore, 'duck' | 'locate'>,
  table: TableShape,
  files: ContestFiles,
  signal?: AbortSignal,
): Promise<Contest> {
  const key = identifiers(table.primaryKey);
  const keys = { columns: table.primaryKey };
  const columns = `${key}, _op, _version, _commit, _row`;
  await duck.run(
    `CREATE OR REPLACE TEMP TABLE ${CONTESTED} AS
     SELECT ${columns}, NULL::VARCHAR AS file, false AS wins FROM (${scan(table, files.newer, keys)})`,
    [],
    signal,
  );
  const changed = await spansOf(duck, table, CONTESTED, signal);
  const base = await locate(mayHold(table, files.base, changed), signal);
  const deletes = await locate(mayHold(table, standingFiles(files).older, changed), signal);
  const rivals = [
    ...(base.length > 0 ? [`SELECT ${columns}, _file, false FROM ${placed(base)}`] : []),
    ...(deletes.length > 0
      ? [`SELECT ${columns}, '', false FROM (${scan(table, deletes, { ...keys, where: "_op = 'delete'" })})`]
      : []),
  ];
  for (const rows of rivals) {
    const changedKeys = `(SELECT ${key} FROM ${CONTESTED} WHERE file IS NULL) AS changed`;
    await duck.run(`INSERT INTO ${CONTESTED} ${rows} SEMI JOIN ${changedKeys} USING (${key})`, [], signal);
  }
  await duck.run(`UPDATE ${CONTESTED} SET wins = true WHERE (_commit, _row) IN (${winners(table, CONTESTED)})`);
  await duck.run(
    `CREATE OR REPLACE TEMP TABLE ${LOSING} AS SELECT ${key}, _commit, _row, file FROM ${CONTESTED} WHERE file <> '' AND NOT wins`,
  );
  await duck.run(
    `CREATE OR REPLACE TEMP TABLE ${WINNING} AS SELECT won._commit, won._row, min(lost.file) AS file
     FROM ${CONTESTED} AS won LEFT JOIN ${LOSING} AS lost USING (${key})
     WHERE won.file IS NULL AND won.wins AND won._op = 'upsert' GROUP BY 1, 2`,
  );
  const places = await duck.rows(`SELECT DISTINCT file FROM ${LOSING}`);
  const [won] = await duck.rows(`SELECT count(*)::INTEGER AS n FROM ${WINNING} WHERE file IS NULL`);
  const paths = new Set(places.map(({ file }) => String(file)));
  return { losers: base.filter(({ localPath }) => paths.has(localPath)), fresh: Number(won?.['n']) };
}

export async function endContest(duck: Duck): Promise<void> {
  for (const name of [CONTESTED, LOSING, WINNING]) await duck.run(`DROP TABLE IF EXISTS ${name}`);
}

/** The files in which one of the changed keys may stand: those that do not say where their keys lie may hold any. */
export function mayHold<F extends DataFile>(
  table: TableShape,
  files: readonly F[],
  changed: readonly Span[] | undefined,
): readonly F[] {
  if (changed === undefined) return files;
  const column = clusterColumn(table);
  return files.filter(({ keys }) => keys === undefined || keys.column !== column || haveCommon(keys.spans, changed));
}

const placed = (files: readonly ReadableFile[]) =>
  `read_parquet([${files.map(({ localPath }) => literal(localPath)).join(', ')}],
    union_by_name = true, hive_partitioning = false, filename = '_file')`;
