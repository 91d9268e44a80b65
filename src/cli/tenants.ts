import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { GraphClient } from '../graph/types.ts';
import { fileStore } from '../lake/stores/file.ts';
import { checkMayHoldSeveral, tellSeveralTenants, tenantLake, tenantLakes } from '../lake/tenants.ts';
import { isGuid } from '../runtime/guid.ts';
import { canonicalId } from '../schema/guid.ts';
import { sourceOf } from '../sync/lake-source.ts';
import { cliErrors, lakeFolderErrors } from './errors.ts';
import { exitCodeOfError, worseExitCode } from './exit-code.ts';
import type { ExitCode, Io } from './io.ts';
import { lakeFolder } from './lake.ts';
import { readLakeState } from './lake-state.ts';
import { describeError } from './render/error.ts';

/** A lake that a command works on. */
export interface CommandLake {
  readonly root: string;
  /** Whose it is, where the folder that was named holds several tenants. */
  readonly tenantId?: string | undefined;
}

/**
 * The lakes that a command without a connection works on: the one that was named, or that of each tenant in it.
 *
 * @param root - there is a lake
 * @param chosen - only these tenants
 * @param options.remembered - also those whose first run failed: nothing was committed
 * @throws SluiceError `unknown_tenant` naming those there are; `lake_missing` when it holds none yet
 */
export async function lakesOf(
  root: string,
  chosen?: readonly string[],
  { remembered = false }: { readonly remembered?: boolean } = {},
): Promise<readonly CommandLake[]> {
  const all = await tenantLakes(fileStore(root));
  const tenants = all?.filter(({ folder }) => remembered || existsSync(join(root, folder, '_log')));
  if (tenants?.length === 0) throw lakeFolderErrors.no_tenant_yet({ lake: root });
  const lakes = tenants?.map(({ tenantId, folder }) => ({ tenantId, root: join(root, folder) }));
  if (chosen === undefined) return lakes ?? [{ root }];
  const known = lakes ?? [{ root, tenantId: await tenantOf(root) }];
  const found = chosen.map((id) => {
    const lake = known.find(({ tenantId }) => tenantId === canonicalId(id));
    if (lake) return lake;
    const valid = known.flatMap(({ tenantId }) => tenantId ?? []);
    throw cliErrors.unknown_tenant({ field: '--tenant', value: id, valid });
  });
  return lakes ? [...new Set(found)] : [{ root }];
}

async function tenantOf(root: string): Promise<string | undefined> {
  const source = sourceOf((await readLakeState(root)).meta);
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
    readonly lake: string;
    readonly severalTenants?: boolean | undefined;
    readonly isReadOnly?: boolean | undefined;
  },
): Promise<CommandLake> {
  const root = lakeFolder(options.lake);
  const store = fileStore(root);
  const tenants = await tenantLakes(store, io.signal);
  if (tenants === undefined && !options.severalTenants) return { root };
  await checkMayHoldSeveral(store, io.signal);
  const source = await graph.source?.(io.signal);
  if (source === undefined || !isGuid(source.tenantId)) throw cliErrors.tenant_id_unknown();
  if (!options.isReadOnly) await tellSeveralTenants(store, io.signal);
  const { tenantId, folder } = tenantLake(store, tenants ?? [], source.tenantId);
  return { root: join(root, folder), tenantId };
}

/** Says which of several tenants a command works on. */
export function sayTenant(
  io: Io,
  { tenantId, root }: CommandLake,
  { json }: { readonly json?: boolean | undefined },
): void {
  if (tenantId === undefined) return;
  if (json) io.out(`${JSON.stringify({ event: 'tenant', tenantId, lake: root })}\n`);
  else io.err(`Tenant ${tenantId}, in ${root}.\n`);
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
