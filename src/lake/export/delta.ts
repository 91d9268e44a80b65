import { createHash } from 'node:crypto';
import { isSluiceError } from '../../errors/sluice-error.ts';
import type { TableShape } from '../../schema/column.ts';
import { isNewest } from '../delta/log.ts';
import { hasChanges } from '../feed/changes-sql.ts';
import { pointOf, standing } from '../feed/source.ts';
import { shapeOf } from '../log/log.ts';
import type { Version } from '../types.ts';
import { changesChange, changesTable } from './delta-changes.ts';
import { currentChange } from './delta-current.ts';
import { deltaFolder, updateDelta } from './delta-table.ts';
import type { ExportedTable, TableReport } from './report.ts';
import { commitExportState, isObject, readExportState } from './state.ts';
import { type ExportWork, NO_ROWS } from './work.ts';

/** What is remembered of a table: it spares the reading of logs in which nothing is new. */
interface DeltaTable {
  /** The files of the lake whose rows the table holds, as one short text. */
  readonly files: string;
  /** Every change up to here is in the table of changes. */
  readonly through: Version;
  /** The last commits that were seen. */
  readonly current: number;
  readonly changes: number;
}

/**
 * Brings two Delta tables for each table up to the lake: `<table>`, its rows that stand, and `<table>_changes`, every
 * change, to which is only appended. Each becomes visible in one commit.
 */
export async function exportDelta(
  work: ExportWork,
  { tables }: { readonly tables: readonly TableShape[] },
  signal?: AbortSignal,
): Promise<readonly TableReport[]> {
  const { output, lease, source } = work;
  const before = await readExportState(output, isDeltaTable, signal);
  const after: Record<string, DeltaTable> = { ...before.tables };
  const reports: TableReport[] = [];
  for (const table of tables) {
    try {
      const { report, remembered } = await updated(work, { table, before: before.tables[table.name] }, signal);
      after[table.name] = remembered;
      reports.push(report);
    } catch (error) {
      if (!isSluiceError(error) || signal?.aborted) throw error;
      await lease.check();
      reports.push({ table: table.name, error });
    }
  }
  await lease.check();
  const at = await pointOf(source, signal);
  const isSame = before.at?.commitId === at.commitId && JSON.stringify(before.tables) === JSON.stringify(after);
  if (!isSame || lease.isTakeover) {
    await commitExportState(
      output,
      { number: before.number, lakeId: source.lakeId, at, tables: after, replaced: [] },
      signal,
    );
  }
  return reports;
}

const isDeltaTable = (value: unknown): value is DeltaTable =>
  isObject(value) &&
  typeof value['files'] === 'string' &&
  [value['through'], value['current'], value['changes']].every(Number.isSafeInteger);

async function updated(
  work: ExportWork,
  { table, before }: { readonly table: TableShape; readonly before: DeltaTable | undefined },
  signal?: AbortSignal,
): Promise<{ readonly report: ExportedTable; readonly remembered: DeltaTable }> {
  const { name } = table;
  const files = filesOf(work, table);
  const { version: through } = work.source.state;
  const isFirst = work.isFull || before === undefined;
  const [folder, changes] = [deltaFolder(work, name), deltaFolder(work, changesTable(name))];
  const isCurrent = !isFirst && before.files === files && (await isNewest(folder, before.current, signal));
  const current = isCurrent
    ? undefined
    : await updateDelta(work, folder, (state) => currentChange(work, table, state, signal), signal);
  const known = before?.through ?? 0;
  const isComplete =
    !isFirst &&
    known >= work.source.state.feedFrom &&
    !hasChanges(work, { table, after: known }) &&
    (await isNewest(changes, before.changes, signal));
  const appended = isComplete
    ? undefined
    : await updateDelta(work, changes, (state) => changesChange(work, { table, known, state }, signal), signal);
  return {
    report: {
      table: name,
      ...(current?.told ?? { ...NO_ROWS, filesWritten: 0 }),
      operations: appended?.told.operations ?? 0,
      commitsOfOthers: (current?.commitsOfOthers ?? 0) + (appended?.commitsOfOthers ?? 0),
    },
    remembered: {
      files,
      through,
      current: current?.state.version ?? before?.current ?? -1,
      changes: appended?.state.version ?? before?.changes ?? -1,
    },
  };
}

function filesOf({ source }: ExportWork, table: TableShape): string {
  const names = standing(source, table).map(({ path }) => path);
  return createHash('sha256')
    .update(JSON.stringify([shapeOf(table).shape, ...names.sort()]))
    .digest('hex')
    .slice(0, 32);
}
