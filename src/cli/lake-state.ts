import { existsSync } from 'node:fs';
import { EMPTY_STATE, type LakeState } from '../lake/commit-record.ts';
import { inspect } from '../lake/inspect.ts';
import { readState } from '../lake/log.ts';
import { fileStore } from '../lake/stores/file.ts';
import type { FillableLake } from '../sync/filling.ts';
import { tables } from '../tables/index.generated.ts';
import { lakeFolder } from './lake.ts';

/** What a lake says of itself, without opening it to write. A folder that does not exist is an empty lake. */
export async function readLakeState(lake: string): Promise<LakeState> {
  const root = lakeFolder(lake);
  return existsSync(root) ? readState(fileStore(root)) : EMPTY_STATE;
}

/** What came after its rows can be told of it. */
export const inspectLake = (lake: string, state: LakeState): FillableLake & { readonly version: number } =>
  inspect({ store: fileStore(lakeFolder(lake)), tables, state });
