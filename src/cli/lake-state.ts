import type { LakeState } from '../lake/commit-record.ts';
import { inspect } from '../lake/inspect.ts';
import type { ObjectStore } from '../lake/object-store.ts';
import type { FillableLake } from '../sync/filling.ts';
import { tables } from '../tables/index.generated.ts';

/** What came after its rows can be told of it. */
export const inspectLake = (store: ObjectStore, state: LakeState): FillableLake & { readonly version: number } =>
  inspect({ store, tables, state });
