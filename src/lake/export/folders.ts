import { isSluiceError } from '../../errors/sluice-error.ts';
import type { TableShape } from '../../schema/column.ts';
import { pointOf, standing } from '../feed/source.ts';
import type { LiveFile } from '../log/commit-record.ts';
import { shapeOf } from '../log/log.ts';
import { differenceOf } from './difference.ts';
import { type FileFormat, fileFormats } from './file-formats.ts';
import type { TableReport } from './report.ts';
import { commitExportState, type ExportState, isObject, type ReplacedOutput, readExportState } from './state.ts';
import {
  type ExportedRows,
  type ExportWork,
  exportedName,
  isOfEarlierLease,
  NO_ROWS,
  removeLocally,
  scratchPath,
  stem,
  withBaseFile,
  withOutputs,
} from './work.ts';

/** A file of the export: the rows of one file of the lake. */
export interface OutputFile {
  /** Name of that file, without folder and extension. */
  readonly base: string;
  readonly path: string;
  readonly rows: number;
  /** Bytes of its longest row, where the format needs it. */
  readonly longest: number;
}

/** What is remembered of a table. */
interface FolderTable {
  readonly shape: string;
  readonly files: readonly OutputFile[];
}

/** Its state, as files that do not change; what readers list are second names of them. */
const FILES = '_files/';
export const EXPORT_MANIFEST = 'manifest.json';

/**
 * Brings folders of plain files up to the lake, one for each table. Files whose rows did not change stay. All tables
 * become visible in one step for those who read the manifest; each folder does for those who list it.
 */
export async function exportFolders(
  work: ExportWork,
  { tables, format }: { readonly tables: readonly TableShape[]; readonly format: keyof typeof fileFormats },
  signal?: AbortSignal,
): Promise<readonly TableReport[]> {
  const { output, lease, source } = work;
  const before = await folderState(work, signal);
  const reports: TableReport[] = [];
  const after: Record<string, FolderTable> = { ...before.tables };
  for (const table of tables) {
    try {
      const { files, rows, written } = await updated(
        work,
        { table, before: before.tables[table.name] },
        fileFormats[format],
        signal,
      );
      after[table.name] = { shape: shapeOf(table).shape, files };
      reports.push({ table: table.name, ...rows, filesWritten: written });
    } catch (error) {
      if (!isSluiceError(error) || signal?.aborted) throw error;
      await lease.check();
      reports.push({ table: table.name, error });
    }
  }
  await lease.check();
  const at = await pointOf(source, signal);
  const gone = goneFrom(before, after);
  const isSame = gone.length === 0 && reports.every((one) => 'error' in one || one.filesWritten === 0);
  const expired = expiredOf(work, before.replaced);
  // After a holder of the lease that died, a commit makes sure that it cannot go on.
  if (!isSame || expired.length > 0 || before.at?.commitId !== at.commitId || lease.isTakeover) {
    const replaced = [
      ...before.replaced.filter((one) => !expired.includes(one)),
      ...gone.map((path) => ({ path, atMs: work.runtime.now() })),
    ];
    await commitExportState(
      output,
      { number: before.number, lakeId: source.lakeId, at, tables: after, replaced },
      signal,
    );
    await removeUnnamed(work, { after, replaced }, signal);
  }
  await show(work, { after, version: at.version }, signal);
  return reports;
}

/** @throws SluiceError `export_state_unreadable` */
export const folderState = (
  { output }: Pick<ExportWork, 'output'>,
  signal?: AbortSignal,
): Promise<ExportState<FolderTable>> => readExportState(output, isFolderTable, signal);

const isFolderTable = (value: unknown): value is FolderTable =>
  isObject(value) &&
  typeof value['shape'] === 'string' &&
  Array.isArray(value['files']) &&
  value['files'].every(isOutputFile);

/** A name that leads elsewhere than into the folder is none. */
const isOutputFile = (value: unknown): value is OutputFile =>
  isObject(value) &&
  typeof value['base'] === 'string' &&
  typeof value['path'] === 'string' &&
  /^_files\/\w+\/[\w.-]+$/.test(value['path']) &&
  Number.isSafeInteger(value['rows']) &&
  Number.isSafeInteger(value['longest']);

async function updated(
  work: ExportWork,
  { table, before }: { readonly table: TableShape; readonly before: FolderTable | undefined },
  format: FileFormat,
  signal?: AbortSignal,
): Promise<{ readonly files: readonly OutputFile[]; readonly rows: ExportedRows; readonly written: number }> {
  const { source, isFull } = work;
  const files = standing(source, table);
  const isKept = !isFull && before?.shape === shapeOf(table).shape;
  const known = new Map(isKept ? before.files.map((file) => [file.base, file]) : []);
  const wanted = new Set(files.map(({ path }) => stem(path)));
  const missing = files.filter(({ path }) => !known.has(stem(path)));
  const gone = (before?.files ?? []).filter((file) => known.get(file.base) !== file || !wanted.has(file.base));
  const kept = [...known.values()].filter(({ base }) => wanted.has(base));
  if (missing.length + gone.length === 0) return { files: kept, rows: NO_ROWS, written: 0 };
  const made: MadeFile[] = [];
  try {
    for (const file of missing) made.push(await madeOf(work, { table, file }, format, signal));
    const rows = await differenceIn(work, { table, gone, made, format }, signal);
    for (const { path, localPath } of made) await work.output.putFile(path, localPath, signal);
    const added = made.map(({ localPath: _, ...file }) => file);
    return { files: [...kept, ...added], rows, written: added.length };
  } finally {
    await removeLocally(made.map(({ localPath }) => localPath));
  }
}

/** A file that is finished and not in its place yet. */
type MadeFile = OutputFile & { readonly localPath: string };

async function madeOf(
  work: ExportWork,
  { table, file }: { readonly table: TableShape; readonly file: LiveFile },
  format: FileFormat,
  signal?: AbortSignal,
): Promise<MadeFile> {
  const to = scratchPath(work, format.extension);
  const longest = await withBaseFile(
    work,
    file,
    (from) => format.write(work.duck, { table, from, to }, signal),
    signal,
  );
  const name = exportedName(work.lease.number, file.path, format.extension);
  return { base: stem(file.path), path: `${FILES}${table.name}/${name}`, rows: file.rows, longest, localPath: to };
}

/** Of a first export every row is new: nothing is compared. What another hand has removed is not compared either. */
async function differenceIn(
  work: ExportWork,
  which: {
    readonly table: TableShape;
    readonly gone: readonly OutputFile[];
    readonly made: readonly MadeFile[];
    readonly format: FileFormat;
  },
  signal?: AbortSignal,
): Promise<ExportedRows> {
  const { table, gone, made, format } = which;
  const keys: string[] = [];
  for (const { path } of gone) if ((await work.output.size(path, signal)) !== undefined) keys.push(path);
  if (keys.length === 0) return { ...NO_ROWS, added: made.reduce((sum, { rows }) => sum + rows, 0) };
  const longest = Math.max(...[...gone, ...made].map((file) => file.longest));
  const local = made.map(({ localPath }) => localPath);
  const after = format.rows(table, local, longest);
  const compared = (paths: readonly string[]) =>
    differenceOf(work.duck, { before: format.rows(table, paths, longest), after, key: format.key(table) }, signal);
  return withOutputs(work, keys, compared, signal);
}

function goneFrom(before: ExportState<FolderTable>, after: Readonly<Record<string, FolderTable>>): readonly string[] {
  const named = new Set(Object.values(after).flatMap(({ files }) => files.map(({ path }) => path)));
  return Object.values(before.tables).flatMap(({ files }) =>
    files.flatMap(({ path }) => (named.has(path) ? [] : [path])),
  );
}

const expiredOf = ({ runtime, retentionMs }: ExportWork, replaced: readonly ReplacedOutput[]) =>
  replaced.filter(({ atMs }) => runtime.now() - atMs >= retentionMs);

/** Files whose time is over, and those that an export began and did not end. */
async function removeUnnamed(
  { output, lease }: ExportWork,
  {
    after,
    replaced,
  }: { readonly after: Readonly<Record<string, FolderTable>>; readonly replaced: readonly ReplacedOutput[] },
  signal?: AbortSignal,
): Promise<void> {
  const named = new Set([
    ...Object.values(after).flatMap(({ files }) => files.map(({ path }) => path)),
    ...replaced.map(({ path }) => path),
  ]);
  const unnamed: string[] = [];
  for await (const { key } of output.list(FILES, {}, signal)) {
    if (!named.has(key) && isOfEarlierLease(key, lease.number)) unnamed.push(key);
  }
  if (unnamed.length > 0) await output.delete(unnamed, signal);
}

async function show(
  { output, lease }: ExportWork,
  { after, version }: { readonly after: Readonly<Record<string, FolderTable>>; readonly version: number },
  signal?: AbortSignal,
): Promise<void> {
  for (const [name, { files }] of Object.entries(after)) {
    await lease.check();
    await output.show(
      name,
      files.map(({ path }) => path),
      signal,
    );
  }
  const tables = Object.entries(after).map(([name, { files }]) => [
    name,
    { rows: files.reduce((sum, { rows }) => sum + rows, 0), files: files.map(({ path }) => path) },
  ]);
  const manifest = Buffer.from(JSON.stringify({ version, tables: Object.fromEntries(tables) }));
  const present = await output.get(EXPORT_MANIFEST, signal);
  if (!present || !manifest.equals(present.bytes)) await output.put(EXPORT_MANIFEST, manifest, signal);
}
