import { join } from 'node:path';
import { attendanceTables } from '../../src/attendance/tables.ts';
import { fastRuntime } from './fast-runtime.ts';
import { runSync } from './sync.ts';
import { startTwin } from './twin.ts';

/** The tables that `sluice attendance` writes, with the column whose sum is compared: seconds. */
export const attended: readonly { readonly table: string; readonly seconds?: string }[] = attendanceTables.map(
  ({ name, columns }) => {
    const seconds = ['totalAttendanceInSeconds', 'durationInSeconds'].find((column) => column in columns);
    return { table: name, ...(seconds !== undefined && { seconds }) };
  },
);

/** What `sluice attendance` writes of a small tenant, shown in `current/`. @param folder - the lake is `lake` in it */
export async function attendedLake(folder: string): Promise<void> {
  const runtime = fastRuntime(10);
  const twin = await startTwin({ teams: 1, channels: 1, messages: 1, users: 8, seed: 6, limits: 'none' }, { runtime });
  try {
    const ids = [...new Set((await twin.ledger('events')).map((row) => String(row['user_id'])))];
    const names = attended.map(({ table }) => table);
    const report = await runSync({ env: twin.env, lake: join(folder, 'lake'), runtime, tables: names, users: ids });
    if (report.outcome !== 'ok') throw new Error(JSON.stringify(report));
  } finally {
    await twin.close();
  }
}

/** How many rows, and how many seconds in them. */
export function countOf(
  rows: readonly Readonly<Record<string, unknown>>[],
  seconds: string | undefined,
): { readonly rows: number; readonly seconds: number } {
  const of = (row: Readonly<Record<string, unknown>>) => (seconds === undefined ? 0 : Number(row[seconds] ?? 0));
  return { rows: rows.length, seconds: rows.reduce((sum, row) => sum + of(row), 0) };
}
