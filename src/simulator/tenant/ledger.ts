import { collections } from '../collections/index.ts';
import { twinErrors } from '../errors.ts';
import type { LedgerRow } from './ledger-row.ts';
import type { Tenant } from './types.ts';

const tables = new Map(collections.flatMap((one) => Object.entries(one.ledger)));

/** Tables that have a ledger. */
export const LEDGER_TABLES: readonly string[] = [...tables.keys()];

/**
 * The truth now, row by row, in the key columns of the table of that name; `lastModifiedDateTime` and
 * `deletedDateTime` where a row has them (rows taken out of a message carry the message's).
 *
 * @throws SluiceError `unknown_table` when the table has no ledger
 */
export function ledger(tenant: Tenant, table: string): Iterable<LedgerRow> {
  const rows = tables.get(table);
  if (!rows) throw twinErrors.unknown_table({ field: 'table', value: table, valid: LEDGER_TABLES });
  return rows(tenant);
}
