import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openReader, queryLake } from '../../src/lake/query/query.ts';
import { fileStore } from '../../src/lake/stores/file.ts';
import type { ObjectStore } from '../../src/lake/stores/object-store.ts';
import { LEDGER_TABLES } from '../../src/simulator/tenant/ledger.ts';
import { tables } from '../../src/tables/index.generated.ts';
import { TEAM_TABLES } from './team-tables.ts';

/** A folder that is removed after the test. */
export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-test-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export async function ask(lake: string, sql: string): Promise<unknown[][]> {
  const { rows } = await queryLake({ store: fileStore(lake), tables, sql, signal: new AbortController().signal });
  return rows.map((row) => [...row]);
}

/**
 * Keys, last change and deletion of every current row, one text each, sorted: what a ledger of the twin is compared
 * with. A row that stands twice is twice in the result.
 */
export async function currentRows(lake: string | ObjectStore, table: string): Promise<string[]> {
  return (await allRows(lake, [table]))[table]!;
}

/** Tables of teams and channels that the twin knows the truth of. */
export const COMPARED = LEDGER_TABLES.filter((name) => TEAM_TABLES.includes(name));

/** {@link currentRows} of these tables, or of all that the twin keeps a ledger of. */
export async function allRows(
  lake: string | ObjectStore,
  names: readonly string[] = COMPARED,
): Promise<Record<string, string[]>> {
  await using reader = await openReader({ store: typeof lake === 'string' ? fileStore(lake) : lake, tables });
  const found: Record<string, string[]> = {};
  for (const name of names) {
    const shape = tables.find((table) => table.name === name)!;
    const times = ['lastModifiedDateTime', 'deletedDateTime'].filter((column) => column in shape.columns);
    const columns = [...shape.primaryKey.map((key) => `"${key}"`), ...times.map((column) => `epoch_ms("${column}")`)];
    const { rows } = await reader.query(`SELECT ${columns.join(', ')} FROM ${name}`);
    found[name] = rows.map((row) => row.map((value) => String(value ?? '')).join('|')).sort();
  }
  return found;
}

/** The truth now of these tables, in the form of {@link allRows}. */
export async function allTruth(
  ledger: (table: string) => Promise<Ledger>,
  names: readonly string[] = COMPARED,
): Promise<Record<string, string[]>> {
  const truth: Record<string, string[]> = {};
  for (const name of names) truth[name] = ledgerRows(name, await ledger(name));
  return truth;
}

type Ledger = readonly Readonly<Record<string, unknown>>[];

/** The twin's ledger in the form of {@link currentRows}. */
export function ledgerRows(table: string, rows: Ledger): string[] {
  const shape = tables.find(({ name }) => name === table)!;
  const times = ['lastModifiedDateTime', 'deletedDateTime'].filter((name) => name in shape.columns);
  const ms = (value: unknown) => (value ? String(Date.parse(String(value))) : '');
  return rows
    .map((row) =>
      [...shape.primaryKey.map((name) => String(row[name] ?? '')), ...times.map((name) => ms(row[name]))].join('|'),
    )
    .sort();
}
