import { openReader } from '../../src/lake/query/query.ts';
import { fileStore } from '../../src/lake/stores/file.ts';
import { tables } from '../../src/tables/index.generated.ts';

/** Every current row with all its columns, one text each, sorted: what makes two lakes equal. */
export async function wholeTables(lake: string): Promise<Record<string, string[]>> {
  await using reader = await openReader({ store: fileStore(lake), tables });
  const found: Record<string, string[]> = {};
  for (const { name, columns } of tables) {
    const listed = Object.keys(columns).map((column) => `"${column}"`);
    const { rows } = await reader.query(
      `SELECT to_json(struct_pack(${listed.map((c) => `${c} := ${c}`).join(', ')})) FROM ${name}`,
    );
    found[name] = rows.map(([row]) => (typeof row === 'string' ? row : JSON.stringify(row))).sort();
  }
  return found;
}
