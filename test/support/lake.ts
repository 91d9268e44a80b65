import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { queryLake } from '../../src/lake/query.ts';
import { fileStore } from '../../src/lake/stores/file.ts';
import { tables } from '../../src/tables/index.generated.ts';

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
export async function currentRows(lake: string, table: string): Promise<string[]> {
  const shape = tables.find(({ name }) => name === table)!;
  const times = ['lastModifiedDateTime', 'deletedDateTime'].filter((name) => name in shape.columns);
  const columns = [...shape.primaryKey.map((name) => `"${name}"`), ...times.map((name) => `epoch_ms("${name}")`)];
  const rows = await ask(lake, `SELECT ${columns.join(', ')} FROM ${table}`);
  return rows.map((row) => row.map((value) => String(value ?? '')).join('|')).sort();
}

/** The twin's ledger in the form of {@link currentRows}. */
export function ledgerRows(table: string, rows: readonly Readonly<Record<string, unknown>>[]): string[] {
  const shape = tables.find(({ name }) => name === table)!;
  const times = ['lastModifiedDateTime', 'deletedDateTime'].filter((name) => name in shape.columns);
  const ms = (value: unknown) => (value ? String(Date.parse(String(value))) : '');
  return rows
    .map((row) =>
      [...shape.primaryKey.map((name) => String(row[name] ?? '')), ...times.map((name) => ms(row[name]))].join('|'),
    )
    .sort();
}
