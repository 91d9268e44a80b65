import type { ObjectStore } from '../stores/object-store.ts';
import type { LakeState } from './commit-record.ts';
import { EMPTY_STATE } from './commit-record.ts';
import { catchUp, readState } from './log.ts';
import { tenantErrors } from './tenant-errors.ts';
import { heldTenant, type TenantLake, tenantLakes } from './tenants.ts';

/** One lake among those that a reader looks at, as of a version. */
export interface HeldLake {
  readonly store: ObjectStore;
  readonly state: LakeState;
  /** Whose it is, and its folder, where a lake holds several tenants. */
  readonly tenant?: Pick<TenantLake, 'tenantId' | 'folder'> | undefined;
}

/** What a reader looks at: the lake of one tenant, or those of several. */
export interface Holding {
  readonly isOfSeveral: boolean;
  readonly lakes: readonly HeldLake[];
}

/** @throws SluiceError `lake_format_newer`, `lake_commit_corrupt`, `lake_tenant_folder` */
export async function readHolding(store: ObjectStore): Promise<Holding> {
  return caughtUp(store, { isOfSeveral: false, lakes: [] });
}

/** The newest version of all; lakes of tenants that came meanwhile too. */
export async function caughtUp(store: ObjectStore, { lakes, isOfSeveral }: Holding): Promise<Holding> {
  const [only] = lakes;
  if (only && !isOfSeveral && only.state.version > 0) return { isOfSeveral, lakes: [await following(only)] };
  const tenants = await tenantLakes(store);
  if (tenants === undefined) return { isOfSeveral: false, lakes: [{ store, state: await readState(store) }] };
  const known = new Map(lakes.map((lake) => [lake.tenant?.folder, lake]));
  const held = await Promise.all(
    tenants.map(async (tenant) => {
      const before = known.get(tenant.folder);
      return before ? await following(before) : await begun(store, tenant);
    }),
  );
  return { isOfSeveral: true, lakes: held };
}

const following = async (lake: HeldLake): Promise<HeldLake> => ({
  ...lake,
  state: await catchUp(lake.store, lake.state),
});

async function begun(all: ObjectStore, { store, ...tenant }: TenantLake): Promise<HeldLake> {
  const state = await readState(store);
  const told = heldTenant(state);
  if (told !== undefined && told !== tenant.tenantId)
    throw tenantErrors.folder_of_another({ lake: all.description, folder: tenant.folder, tenantId: told });
  return { store, state, tenant };
}

/** The same text, the same version of everything that is held. */
export const versionsOf = ({ lakes }: Holding): string =>
  lakes.map(({ tenant, state }) => `${tenant?.folder ?? ''}@${state.version}`).join(' ');

/** What a lake without any tenant yet shows: every table, no row. */
export const heldLakes = (store: ObjectStore, { lakes, isOfSeveral }: Holding): readonly HeldLake[] =>
  isOfSeveral && lakes.length === 0 ? [{ store, state: EMPTY_STATE, tenant: { tenantId: '', folder: '' } }] : lakes;
