import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Duck } from '../lake/engine/duck.ts';
import { PRIVATE_FILE } from '../lake/stores/private-files.ts';
import { identifier, literal } from '../schema/sql.ts';
import type { TextRow } from './original-tables.ts';

/**
 * Writes rows as a Parquet file of texts, compressed as pandas does it. One without rows has its columns.
 *
 * @returns the path of the file, inside of the folder
 */
export async function writeTextParquet(
  duck: Duck,
  {
    columns,
    rows,
    folder,
  }: { readonly columns: readonly string[]; readonly rows: readonly TextRow[]; readonly folder: string },
  signal?: AbortSignal,
): Promise<string> {
  const lines = join(folder, 'rows.ndjson');
  const path = join(folder, 'rows.parquet');
  await writeFile(lines, rows.map((row) => `${JSON.stringify(row)}\n`).join(''), { mode: PRIVATE_FILE });
  const types = columns.map((name) => `${literal(name)}: 'VARCHAR'`).join(', ');
  const source = `read_json(${literal(lines)}, format = 'newline_delimited', columns = {${types}})`;
  const texts = columns.map(identifier).join(', ');
  await duck.run(
    `COPY (SELECT ${texts} FROM ${source}) TO ${literal(path)} (FORMAT parquet, COMPRESSION snappy)`,
    [],
    signal,
  );
  return path;
}
