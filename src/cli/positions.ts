import { existsSync } from 'node:fs';
import { readState } from '../lake/log.ts';
import { fileStore } from '../lake/stores/file.ts';
import type { PartitionKey, Position } from '../lake/types.ts';
import { lakeFolder } from './lake.ts';

/** Positions of a lake, without opening it to write. A folder that does not exist is an empty lake. */
export async function readPositions(lake: string): Promise<ReadonlyMap<PartitionKey, Position>> {
  const root = lakeFolder(lake);
  if (!existsSync(root)) return new Map();
  return (await readState(fileStore(root))).positions;
}
