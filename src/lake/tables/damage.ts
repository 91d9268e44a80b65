import { literal } from '../../schema/sql.ts';
import type { Duck } from '../engine/duck.ts';
import { lakeErrors } from '../errors.ts';
import { checkReadable, hasChecksum, sizeOf } from './files.ts';
import type { ReadableFile } from './relations.ts';

/** What is wrong with a file of the lake. */
export interface Damage {
  readonly file: ReadableFile;
  readonly kind: 'missing' | 'corrupt';
  /** In words, without anything that stands in the file. */
  readonly why: string;
}

/**
 * Compares files with what the log says of them: that they are there, their bytes, and their rows by the footer.
 *
 * @throws SluiceError `lake_unreadable`: nobody knows whether it is damaged
 */
export async function damageOf(duck: Duck, files: readonly ReadableFile[], signal?: AbortSignal): Promise<Damage[]> {
  const damages: Damage[] = [];
  const present: ReadableFile[] = [];
  for (const file of files) {
    const bytes = await sizeOf(file.localPath);
    if (bytes === undefined) damages.push({ file, kind: 'missing', why: 'it is not there' });
    else if (bytes !== file.bytes) {
      damages.push({ file, kind: 'corrupt', why: `it has ${bytes} bytes, the log says ${file.bytes}` });
    } else present.push(file);
  }
  const rows = await footerRows(duck, present, signal);
  for (const file of present) {
    const found = rows.get(file.localPath);
    if (found === file.rows) continue;
    if (found === undefined) await checkReadable(file.localPath);
    const why = found === undefined ? 'it is no Parquet file' : `it has ${found} rows, the log says ${file.rows}`;
    damages.push({ file, kind: 'corrupt', why });
  }
  return damages;
}

/** @throws SluiceError `lake_file_missing`, `lake_file_corrupt`: the first that is found */
export async function assertWhole(duck: Duck, files: readonly ReadableFile[], signal?: AbortSignal): Promise<void> {
  const [damage] = await damageOf(duck, files, signal);
  if (damage) throw damageError(damage);
}

/** The same, and whether every value can be read. Reads the files whole. */
export async function deepDamageOf(
  duck: Duck,
  files: readonly ReadableFile[],
  signal?: AbortSignal,
): Promise<Damage[]> {
  const damages = await damageOf(duck, files, signal);
  const damaged = new Set(damages.map(({ file }) => file.path));
  for (const file of files.filter(({ path }) => !damaged.has(path))) {
    if (!(await hasChecksum(file.localPath, file))) {
      damages.push({ file, kind: 'corrupt', why: 'its checksum is another one' });
      continue;
    }
    try {
      await duck.rows(
        `SELECT max(hash(t)) FROM read_parquet(${literal(file.localPath)}, hive_partitioning = false) AS t`,
        [],
        signal,
      );
    } catch {
      signal?.throwIfAborted();
      damages.push({ file, kind: 'corrupt', why: 'its values cannot be read' });
    }
  }
  return damages;
}

export function damageError({ file, kind, why }: Damage) {
  return kind === 'missing' ? lakeErrors.lake_file_missing({ file }) : lakeErrors.lake_file_corrupt({ file, why });
}

/** Rows by file as the footers say; a file whose footer cannot be read is left out. */
async function footerRows(
  duck: Duck,
  files: readonly ReadableFile[],
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, number>> {
  if (files.length === 0) return new Map();
  const paths = files.map(({ localPath }) => literal(localPath)).join(', ');
  const sql = `SELECT file_name AS path, num_rows::DOUBLE AS n FROM parquet_file_metadata([${paths}])`;
  try {
    const found = await duck.rows(sql, [], signal);
    return new Map(found.map(({ path, n }) => [String(path), Number(n)]));
  } catch {
    signal?.throwIfAborted();
    if (files.length === 1) return new Map();
    const each = [];
    for (const file of files) each.push(...(await footerRows(duck, [file], signal)));
    return new Map(each);
  }
}
