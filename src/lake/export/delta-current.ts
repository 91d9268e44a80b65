import type { TableShape } from '../../schema/column.ts';
import type { Action, AddAction } from '../delta/actions.ts';
import type { DeltaState } from '../delta/log.ts';
import { statisticsOf } from '../delta/statistics.ts';
import { standing } from '../feed/source.ts';
import type { LiveFile } from '../log/commit-record.ts';
import { type DeltaChange, deltaFolder, removals, structOf, transactionOf } from './delta-table.ts';
import { differenceOf } from './difference.ts';
import { fileFormats } from './file-formats.ts';
import {
  baseOfName,
  type ExportedRows,
  type ExportWork,
  exportedName,
  NO_ROWS,
  removeLocally,
  scratchPath,
  stem,
  withBaseFile,
  withOutputs,
} from './work.ts';

interface Told extends ExportedRows {
  readonly filesWritten: number;
}

/**
 * What makes the Delta table hold exactly the rows that stand. Its files are those of the lake, one for one: also after
 * another writer has rewritten or removed some.
 */
export async function currentChange(
  work: ExportWork,
  table: TableShape,
  state: DeltaState,
  signal?: AbortSignal,
): Promise<DeltaChange<Told>> {
  const schema = structOf(table.columns);
  const bases = standing(work.source, table).filter(({ rows }) => rows > 0);
  const isKept = !work.isFull && state.metadata?.schemaString === JSON.stringify(schema);
  const known = new Map(isKept ? [...state.files.values()].map((file) => [baseOfName(file.path), file]) : []);
  const wanted = new Set(bases.map(({ path }) => stem(path)));
  const missing = bases.filter(({ path }) => !known.has(stem(path)));
  const gone = [...state.files.values()].filter(({ path }) => {
    const base = baseOfName(path);
    return base === undefined || known.get(base)?.path !== path || !wanted.has(base);
  });
  if (missing.length + gone.length === 0) return { schema, actions: [], told: { ...NO_ROWS, filesWritten: 0 } };
  const local: string[] = [];
  try {
    for (const file of missing) local.push(await rewritten(work, { table, file }, signal));
    const rows = await differenceIn(work, { table, gone, missing, local }, signal);
    // Rows that only moved from file to file are no change: whoever streams the table reads none of them again.
    const dataChange = rows.added + rows.changed + rows.deleted > 0;
    const added = await putFiles(work, { table, missing, local, dataChange }, signal);
    const actions = [transactionOf(work), ...removals(work, gone, dataChange), ...added];
    return { schema, actions, told: { ...rows, filesWritten: added.length } };
  } finally {
    await removeLocally(local);
  }
}

async function rewritten(
  work: ExportWork,
  { table, file }: { readonly table: TableShape; readonly file: LiveFile },
  signal?: AbortSignal,
): Promise<string> {
  const to = scratchPath(work, 'parquet');
  const { write } = fileFormats.parquet;
  await withBaseFile(work, file, (from) => write(work.duck, { table, from, to }, signal), signal);
  return to;
}

/** Of a table without rows every row is new: nothing is compared. What another hand has removed is not compared either. */
async function differenceIn(
  work: ExportWork,
  which: {
    readonly table: TableShape;
    readonly gone: readonly AddAction[];
    readonly missing: readonly LiveFile[];
    readonly local: readonly string[];
  },
  signal?: AbortSignal,
): Promise<ExportedRows> {
  const { table, gone, missing, local } = which;
  const { store } = deltaFolder(work, table.name);
  const keys: string[] = [];
  for (const { path } of gone) {
    const key = decodeURIComponent(path);
    if ((await store.size(key, signal)) !== undefined) keys.push(key);
  }
  if (keys.length === 0) return { ...NO_ROWS, added: missing.reduce((sum, { rows }) => sum + rows, 0) };
  const { rows, key } = fileFormats.parquet;
  return withOutputs(
    { output: store },
    keys,
    (paths) =>
      differenceOf(work.duck, { before: rows(table, paths, 0), after: rows(table, local, 0), key: key(table) }, signal),
    signal,
  );
}

async function putFiles(
  work: ExportWork,
  which: {
    readonly table: TableShape;
    readonly missing: readonly LiveFile[];
    readonly local: readonly string[];
    readonly dataChange: boolean;
  },
  signal?: AbortSignal,
): Promise<readonly Action[]> {
  const { table, missing, local, dataChange } = which;
  const names = missing.map(({ path }) => exportedName(work.lease.number, path, 'parquet'));
  return putDeltaFiles(work, { folder: table.name, columns: table.columns, names, local, dataChange }, signal);
}

/** Puts finished files into the folder of a table, and says of each what its log says. */
export async function putDeltaFiles(
  work: ExportWork,
  which: {
    readonly folder: string;
    readonly columns: TableShape['columns'];
    readonly names: readonly string[];
    readonly local: readonly string[];
    readonly dataChange: boolean;
  },
  signal?: AbortSignal,
): Promise<readonly Action[]> {
  const { folder, columns, names, local, dataChange } = which;
  const { store } = deltaFolder(work, folder);
  const statistics = await statisticsOf(work.duck, { columns, localPaths: local }, signal);
  const added: Action[] = [];
  for (const [at, path] of names.entries()) {
    await store.putFile(path, local[at]!, signal);
    const size = (await store.size(path, signal)) ?? 0;
    const modificationTime = work.runtime.now();
    added.push({ add: { path, partitionValues: {}, size, modificationTime, dataChange, stats: statistics[at] } });
  }
  return added;
}
