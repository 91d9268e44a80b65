import { inspect } from '../lake/health/inspect.ts';
import type { LakeState } from '../lake/log/commit-record.ts';
import type { ObjectStore } from '../lake/stores/object-store.ts';
import type { FillableLake } from '../sync/filling.ts';
import { tables } from '../tables/index.generated.ts';

/** What came after its rows can be told of it. */
export const inspectLake = (store: ObjectStore, state: LakeState): FillableLake & { readonly version: number } =>
  inspect({ store, tables, state });
