import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import type { Json } from '@duckdb/node-api';
import type { TableShape } from '../../schema/column.ts';
import { declaredSql, duckdbType, identifier, identifiers, literal } from '../../schema/sql.ts';
import { type Duck, PARQUET } from '../engine/duck.ts';
import { jsonLine, queryValue } from '../query/values.ts';
import { PRIVATE_FILE } from '../stores/private-files.ts';
import { FILE_ROWS } from '../tables/base-files.ts';
import { parquetOf } from './work.ts';

/** A file of a table of the lake, as the export has it. */
interface Rewriting {
  readonly table: TableShape;
  /** A local Parquet file of the lake. */
  readonly from: string;
  /** A local file to be written. */
  readonly to: string;
}

/** A format with one file for each file of the lake. */
export interface FileFormat {
  readonly extension: string;
  /** Answers the bytes of the longest row, where the comparison of {@link rows} needs it. */
  write(duck: Duck, rewriting: Rewriting, signal?: AbortSignal): Promise<number>;
  /** The rows of files, to be compared: none for none. @param longest - bytes of a row */
  rows(table: TableShape, localPaths: readonly string[], longest: number): string;
  /** The columns of {@link rows} that tell rows apart. */
  key(table: TableShape): string;
}

const columnsOf = ({ columns }: TableShape) => Object.keys(columns);

const parquet: FileFormat = {
  extension: 'parquet',
  async write(duck, { table, from, to }, signal) {
    const rows = `SELECT ${declaredSql(table)} FROM ${parquetOf([from])}`;
    await duck.run(`COPY (${rows}) TO ${literal(to)} (${PARQUET}, ROW_GROUP_SIZE ${FILE_ROWS})`, [], signal);
    return 0;
  },
  rows: parquetRows,
  key: ({ primaryKey }) => identifiers(primaryKey),
};

/** Rows of exported Parquet files with the columns of today: files of before may lack some. */
export function parquetRows(table: TableShape, localPaths: readonly string[]): string {
  const none = Object.entries(table.columns).map(
    ([name, { type }]) => `NULL::${duckdbType(type)} AS ${identifier(name)}`,
  );
  const empty = `SELECT ${none.join(', ')} WHERE false`;
  if (localPaths.length === 0) return empty;
  return `SELECT ${identifiers(columnsOf(table))} FROM (${empty} UNION ALL BY NAME FROM ${parquetOf(localPaths, 'union_by_name = true')})`;
}

/** One JSON object a line, typed as `sluice query --json` types it. */
const json: FileFormat = {
  extension: 'ndjson',
  async write(duck, { table, from, to }, signal) {
    const columns = columnsOf(table);
    const sql = `SELECT ${identifiers(columns)} FROM ${parquetOf([from])}`;
    return duck.interruptible(async () => {
      const file = createWriteStream(to, { mode: PRIVATE_FILE });
      const result = await duck.connection.stream(sql);
      let longest = 0;
      for await (const rows of result.yieldConvertedRows(queryValue) as AsyncIterable<Json[][]>) {
        const lines = rows.map((row) => Buffer.from(jsonLine(row, columns)));
        longest = lines.reduce((most, { length }) => Math.max(most, length), longest);
        if (!file.write(Buffer.concat(lines))) await once(file, 'drain');
      }
      file.end();
      await finished(file);
      return longest;
    }, signal);
  },
  rows({ primaryKey }, localPaths, longest) {
    const keys = primaryKey.map((name) => `json->>${literal(`$."${name}"`)} AS ${identifier(name)}`);
    if (localPaths.length === 0)
      return `SELECT ''::VARCHAR AS line, ${primaryKey.map((name) => `''::VARCHAR AS ${identifier(name)}`).join(', ')} WHERE false`;
    const files = localPaths.map(literal).join(', ');
    return `SELECT json::VARCHAR AS line, ${keys.join(', ')}
      FROM read_json_objects([${files}], format = 'newline_delimited', compression = 'uncompressed', maximum_object_size = ${Math.max(longest, LEAST_BYTES)})`;
  },
  key: ({ primaryKey }) => identifiers(primaryKey),
};

/** DuckDB keeps room for a few rows of the greatest length. */
const LEAST_BYTES = 1024 * 1024;

export const fileFormats = { parquet, json } as const;
