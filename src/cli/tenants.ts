import { join } from 'node:path';
import type { GraphClient } from '../graph/types.ts';
import { readState } from '../lake/log/log.ts';
import {
  checkMayHoldSeveral,
  type TenantLake,
  tellSeveralTenants,
  tenantLake,
  tenantLakes,
} from '../lake/log/tenants.ts';
import { isGuid } from '../runtime/guid.ts';
import { canonicalId } from '../schema/guid.ts';
import { sourceOf } from '../sync/lake-source.ts';
import { cliErrors, lakeFolderErrors } from './errors.ts';
import { exitCodeOfError, worseExitCode } from './exit-code.ts';
import type { ExitCode, Io } from './io.ts';
import { type CommandLake, hasCommits } from './lake.ts';
import { describeError } from './render/error.ts';

/**
 * The lakes that a command without a connection works on: the one that was named, or that of each tenant in it.
 *
 * @param lake - there is one
 * @param chosen - only these tenants
 * @param options.remembered - also those whose first run failed: nothing was committed
 * @throws SluiceError `unknown_tenant` naming those there are; `lake_missing` when it holds none yet
 */
export async function lakesOf(
  lake: CommandLake,
  chosen?: readonly string[],
  { remembered = false }: { readonly remembered?: boolean } = {},
): Promise<readonly CommandLake[]> {
  const all = await tenantLakes(lake.store);
  const standings = await Promise.all((all ?? []).map(({ store }) => remembered || hasCommits(store)));
  const tenants = all?.filter((_, index) => standings[index]);
  if (tenants?.length === 0) throw lakeFolderErrors.no_tenant_yet({ lake: lake.store.description });
  const lakes = tenants?.map((tenant) => lakeOfTenant(lake, tenant));
  if (chosen === undefined) return lakes ?? [lake];
  const known = lakes ?? [{ ...lake, tenantId: await tenantOf(lake) }];
  const found = chosen.map((id) => {
    const own = known.find(({ tenantId }) => tenantId === canonicalId(id));
    if (own) return own;
    const valid = known.flatMap(({ tenantId }) => tenantId ?? []);
    throw cliErrors.unknown_tenant({ field: '--tenant', value: id, valid });
  });
  return lakes ? [...new Set(found)] : [lake];
}

const lakeOfTenant = ({ folder: parent }: CommandLake, { store, folder, tenantId }: TenantLake): CommandLake => ({
  store,
  folder: parent && join(parent, folder),
  tenantId,
});

async function tenantOf({ store }: CommandLake): Promise<string | undefined> {
  const source = sourceOf((await readState(store)).meta);
  return source && canonicalId(source.tenantId);
}

/**
 * The lake of the tenant that a connection reads.
 *
 * @param options.severalTenants - the lake holds several tenants from now on, if it has no rows yet
 * @param options.isReadOnly - nothing is written: it is only looked where the lake would be
 * @throws SluiceError `lake_of_one_tenant`, `tenant_id_unknown`
 */
export async function lakeOfConnection(
  io: Pick<Io, 'signal'>,
  graph: Pick<GraphClient, 'source'>,
  options: {
    readonly lake: CommandLake;
    readonly severalTenants?: boolean | undefined;
    readonly isReadOnly?: boolean | undefined;
  },
): Promise<CommandLake> {
  const { store } = options.lake;
  const tenants = await tenantLakes(store, io.signal);
  if (tenants === undefined && !options.severalTenants) return options.lake;
  await checkMayHoldSeveral(store, io.signal);
  const source = await graph.source?.(io.signal);
  if (source === undefined || !isGuid(source.tenantId)) throw cliErrors.tenant_id_unknown();
  if (!options.isReadOnly) await tellSeveralTenants(store, io.signal);
  return lakeOfTenant(options.lake, tenantLake(store, tenants ?? [], source.tenantId));
}

/** Says which of several tenants a command works on. */
export function sayTenant(
  io: Io,
  { tenantId, store: { description } }: CommandLake,
  { json }: { readonly json?: boolean | undefined },
): void {
  if (tenantId === undefined) return;
  if (json) io.out(`${JSON.stringify({ event: 'tenant', tenantId, lake: description })}\n`);
  else io.err(`Tenant ${tenantId}, in ${description}.\n`);
}

/**
 * Does the same for each lake. Where it is one, its errors end the command; of several, one that fails stops no other: it
 * is said, and the exit code is the worst.
 */
export async function forEachLake(
  io: Io,
  lakes: readonly CommandLake[],
  work: (lake: CommandLake) => Promise<ExitCode>,
): Promise<ExitCode> {
  let worst: ExitCode = 0;
  for (const lake of lakes) {
    const code = await work(lake).catch((error: unknown) => {
      if (lake.tenantId === undefined || io.signal.aborted) throw error;
      io.err(`Tenant ${lake.tenantId}: ${describeError(error)}\n`);
      return exitCodeOfError(error);
    });
    worst = worseExitCode(worst, code);
  }
  return worst;
}

/** The heading of what is said of one of several tenants. */
export const tenantHeading = ({ tenantId }: CommandLake): string =>
  tenantId === undefined ? '' : `Tenant ${tenantId}:\n\n`;
