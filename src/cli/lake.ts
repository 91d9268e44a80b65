import { existsSync, readdirSync, statSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { openLake } from '../lake/lake.ts';
import { RUNS_FILE } from '../lake/runs.ts';
import { fileStore } from '../lake/stores/file.ts';
import { TENANT_FOLDER } from '../lake/tenants.ts';
import type { Lake } from '../lake/types.ts';
import { systemRuntime } from '../runtime/runtime.ts';
import { tables } from '../tables/index.generated.ts';
import { lakeFolderErrors } from './errors.ts';
import type { Io } from './io.ts';

export interface LakeOptions {
  /** Folder of the lake. */
  readonly lake: string;
  readonly raw?: boolean | undefined;
  readonly keepRaw?: boolean | undefined;
  /** How long to wait for another writer, ms. */
  readonly waitMs?: number | undefined;
  /** How long changes are kept, ms. */
  readonly retentionMs?: number | undefined;
  /** Opens a lake also when files of its log are lost. */
  readonly mendsLog?: boolean | undefined;
}

/** What the lake is opened for: others are told. */
export type LakePurpose = 'sync' | 'refresh' | 'reset' | 'compact' | 'repair';

/** A compaction can wait; a sync that overlaps another one is a mistake of whoever started it. */
const DEFAULT_WAIT_MS: Readonly<Record<LakePurpose, number>> = {
  sync: 0,
  refresh: 0,
  reset: 0,
  compact: Number.POSITIVE_INFINITY,
  repair: Number.POSITIVE_INFINITY,
};

/**
 * The folder that a lake is in, or will be in.
 *
 * @throws SluiceError `lake_not_a_folder`
 */
export function lakeFolder(folder: string): string {
  const root = resolve(folder);
  if (!existsSync(root) || statSync(root).isDirectory()) return root;
  throw lakeFolderErrors.lake_not_a_folder({ lake: root });
}

/**
 * The folder of a lake that must be there already. A folder without commits is none: an answer of no rows would be wrong.
 *
 * @throws SluiceError `lake_missing`, `lake_not_a_folder`
 */
export function existingLake(folder: string): string {
  const root = lakeFolder(folder);
  if (existsSync(join(root, '_log')) || hasTenants(root)) return root;
  throw lakeFolderErrors.lake_missing({ lake: root });
}

/** Lakes that were moved into the folder of a lake of several tenants, which is told so by the next sync. */
const hasTenants = (root: string): boolean =>
  existsSync(root) && readdirSync(root).some((name) => name.startsWith(TENANT_FOLDER));

/**
 * The same for those who ask what runs did: of a lake whose first run failed nothing else is there.
 *
 * @throws SluiceError `lake_missing`, `lake_not_a_folder`
 */
export function rememberedLake(folder: string): string {
  const root = lakeFolder(folder);
  return existsSync(join(root, RUNS_FILE)) ? root : existingLake(folder);
}

/**
 * Opens the lake to write, with scratch space beside the data (files are moved, not copied), and closes it after. Only one
 * process writes a lake: others are told at once, or wait.
 */
export async function withLake<T>(
  io: Io,
  options: LakeOptions & { readonly purpose: LakePurpose },
  use: (lake: Lake) => Promise<T>,
): Promise<T> {
  const root = lakeFolder(options.lake);
  const scratchDir = join(root, '.scratch');
  const lake = await openLake(
    {
      store: fileStore(root),
      tables,
      runtime: systemRuntime,
      scratchDir,
      rawColumn: options.raw ?? false,
      keepRaw: options.keepRaw ?? false,
      mendsLog: options.mendsLog,
      keeping: options.retentionMs === undefined ? {} : { retentionMs: options.retentionMs },
      writer: {
        purpose: options.purpose,
        waitMs: options.waitMs ?? DEFAULT_WAIT_MS[options.purpose],
        // Maintenance ends soon, and a sync beside one must not fail.
        yieldsTo: ['compact', 'repair'],
        onWait: ({ purpose, process: { host, pid } }) =>
          io.err(`Waiting for ${purpose} (process ${pid} on ${host}), which writes ${root}.\n`),
      },
    },
    io.signal,
  );
  try {
    await removeOldScratch(scratchDir);
    return await use(lake);
  } finally {
    await lake.close();
  }
}

/** Earlier versions named their scratch by process; none of them can commit any more. */
async function removeOldScratch(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => /^\d+$/.test(name));
  for (const name of names) await rm(join(folder, name), { recursive: true, force: true });
}
