import type { GraphRoute } from '../graph/route.ts';
import type { Generation } from '../tenant/generator/generation.ts';
import type { LedgerRow } from '../tenant/ledger-row.ts';
import type { Loading } from '../tenant/loading.ts';
import type { TenantStore } from '../tenant/store.ts';
import type { Tenant } from '../tenant/types.ts';

/** The truth about a table, row by row. */
export type LedgerRows = (tenant: Tenant) => Iterable<LedgerRow>;

/** One file of a tenant folder: `NAME.jsonl`. */
export interface TenantFile {
  readonly name: string;
  records(tenant: Tenant): Iterable<unknown>;
  /** @throws SluiceError `tenant_file_missing`, `tenant_file_unreadable`, `tenant_line_invalid` */
  load(loading: Loading): Promise<void>;
}

/**
 * All that the twin knows of one collection. What is in the list of `index.ts` is served, granted to the twin's app,
 * generated, saved and loaded with a tenant folder, and told as truth; nothing else names it.
 */
export interface TwinCollection {
  readonly name: string;
  readonly routes: readonly GraphRoute[];
  /** Application permissions that the twin's app has, so that it can read everything here. */
  readonly permissions: readonly string[];
  /** By the name of the table. */
  readonly ledger: Readonly<Record<string, LedgerRows>>;
  readonly files?: readonly TenantFile[] | undefined;
  /** Called in the order of the list, on a tenant that has what comes before. */
  readonly generate?: ((tenant: TenantStore, generation: Generation) => void) | undefined;
}
