import { isGuid } from '../../runtime/guid.ts';
import { TENANT_COLUMN } from '../../schema/declaration.ts';
import { canonicalId } from '../../schema/guid.ts';
import { storeBelow } from '../stores/below.ts';
import type { ObjectStore } from '../stores/object-store.ts';
import type { LakeState } from './commit-record.ts';
import { saysSeveralTenants, severalTenantsBytes } from './commit-record.ts';
import { commitKey, LOG_PREFIX, readState } from './log.ts';
import { tenantErrors, tenantUseErrors } from './tenant-errors.ts';

/** The fact of a lake that says whose rows it holds: an object with the tenant's id and more. */
export const SOURCE_FACT = 'source';

/** What names of the folders of tenants begin with. */
export const TENANT_FOLDER = `${TENANT_COLUMN}=`;

/** The lake of one tenant in a lake that holds several: a whole lake, with a log, a lease and a history of its own. */
export interface TenantLake {
  /** A GUID in lower case. */
  readonly tenantId: string;
  /** Its folder in the lake of all. */
  readonly folder: string;
  readonly store: ObjectStore;
}

/**
 * The lakes of the tenants that a lake holds, by id. A folder with the lakes of tenants and no log of its own is such a
 * lake too: it was made by moving lakes there.
 *
 * @returns undefined: it is the lake of one tenant, or none
 * @throws SluiceError `lake_tenant_folder` when a folder names no tenant, or two name the same
 */
export async function tenantLakes(
  store: ObjectStore,
  signal?: AbortSignal,
): Promise<readonly TenantLake[] | undefined> {
  const log = await logKind(store, signal);
  if (log === 'own') return undefined;
  const lakes = new Map<string, TenantLake>();
  for (const folder of await store.folders(undefined, signal)) {
    if (!folder.startsWith(TENANT_FOLDER)) continue;
    const tenantId = canonicalId(folder.slice(TENANT_FOLDER.length));
    if (!isGuid(tenantId)) throw tenantErrors.lake_tenant_folder({ lake: store.description, folder });
    const same = lakes.get(tenantId);
    if (same) throw tenantErrors.folder_twice({ lake: store.description, folders: [same.folder, folder] });
    lakes.set(tenantId, { tenantId, folder, store: storeBelow(store, folder) });
  }
  return log === 'none' && lakes.size === 0
    ? undefined
    : [...lakes.values()].sort((one, other) => (one.tenantId < other.tenantId ? -1 : 1));
}

/**
 * Tells a lake, for ever, that it holds several tenants, each in its own rows. A lake with rows of its own is not told so.
 *
 * @throws SluiceError `lake_of_one_tenant`
 */
export async function tellSeveralTenants(store: ObjectStore, signal?: AbortSignal): Promise<void> {
  if ((await logKind(store, signal)) === 'none') await store.putIfAbsent(commitKey(1), severalTenantsBytes(), signal);
  // Whoever commits first at the same place has it.
  await checkMayHoldSeveral(store, signal);
}

/** @throws SluiceError `lake_of_one_tenant` when the lake has rows of its own */
export async function checkMayHoldSeveral(store: ObjectStore, signal?: AbortSignal): Promise<void> {
  if ((await logKind(store, signal)) !== 'own') return;
  throw tenantUseErrors.lake_of_one_tenant({
    lake: store.description,
    tenantId: heldTenant(await readState(store, signal)),
  });
}

/** Whose rows a log says that its lake holds. */
export function heldTenant({ meta }: LakeState): string | undefined {
  const source = meta[SOURCE_FACT];
  if (typeof source !== 'object' || source === null || !('tenantId' in source)) return undefined;
  return typeof source.tenantId === 'string' ? canonicalId(source.tenantId) : undefined;
}

/** The lake of a tenant among those that are there, or the one to be made. */
export function tenantLake(store: ObjectStore, lakes: readonly TenantLake[], tenantId: string): TenantLake {
  const id = canonicalId(tenantId);
  const folder = `${TENANT_FOLDER}${id}`;
  return lakes.find((lake) => lake.tenantId === id) ?? { tenantId: id, folder, store: storeBelow(store, folder) };
}

/** What the log is one of: rows of the lake's own, those of several tenants, nothing yet. */
async function logKind(store: ObjectStore, signal?: AbortSignal): Promise<'own' | 'several' | 'none'> {
  const first = await store.get(commitKey(1), signal);
  if (first) return saysSeveralTenants(first.bytes, commitKey(1)) ? 'several' : 'own';
  for await (const _ of store.list(LOG_PREFIX, {}, signal)) return 'own';
  return 'none';
}
