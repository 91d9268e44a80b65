import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openLake } from '../lake/lake.ts';
import { RUNS_FILE } from '../lake/load/runs.ts';
import { LOG_PREFIX } from '../lake/log/log.ts';
import { TENANT_FOLDER } from '../lake/log/tenants.ts';
import { readLastingUrl } from '../lake/stores/index.ts';
import type { ObjectStore } from '../lake/stores/object-store.ts';
import type { Lake } from '../lake/types.ts';
import { systemRuntime } from '../runtime/runtime.ts';
import { tables } from '../tables/index.generated.ts';
import { copiesFolder, ownTemporaryFolder } from './copies-folder.ts';
import { lakeFolderErrors } from './errors.ts';
import type { Io } from './io.ts';
import type { CommandSettings } from './lake-settings.ts';
import { storeNetwork } from './store-network.ts';

/** A lake that a command works on. */
export interface CommandLake {
  readonly store: ObjectStore;
  /** The folder of this machine that it is, where it is one. */
  readonly folder?: string | undefined;
  /** Whose it is, where the lake that was named holds several tenants. */
  readonly tenantId?: string | undefined;
}

export interface LakeOptions {
  readonly lake: CommandLake;
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
export type LakePurpose = 'sync' | 'refresh' | 'reset' | 'compact' | 'repair' | 'export';

/** A compaction can wait; a sync that overlaps another one is a mistake of whoever started it. */
const DEFAULT_WAIT_MS: Readonly<Record<LakePurpose, number>> = {
  sync: 0,
  refresh: 0,
  reset: 0,
  compact: Number.POSITIVE_INFINITY,
  repair: Number.POSITIVE_INFINITY,
  export: 0,
};

/** Where the lake of a command is, and what its store was told. */
export type LakeAddress = Pick<CommandSettings, 'url'> & Partial<Pick<CommandSettings, 'store' | 'config'>>;

/**
 * The lake at a URL, or the one that will be there.
 *
 * @throws SluiceError `lake_url_unknown`, `lake_url_invalid`, `lake_not_a_folder`, `store_package_missing`,
 * `store_setting_invalid`
 */
export async function lakeAt(io: Io, { url, store: settings, config }: LakeAddress): Promise<CommandLake> {
  const { kind, place } = readLastingUrl(url);
  if (kind.folder) return { store: await kind.open({ place }), folder: kind.folder(place) };
  const network = await storeNetwork(io, config);
  const scratchDir = await copiesFolder();
  io.atEnd?.(() => rm(scratchDir, { recursive: true, force: true }));
  return { store: await kind.open({ place, settings, network, scratchDir, environment: io.env }) };
}

/**
 * A lake that must be there already. A place without commits is none: an answer of no rows would be wrong.
 *
 * @throws SluiceError `lake_missing`
 */
export async function existing(lake: CommandLake, signal?: AbortSignal): Promise<CommandLake> {
  if ((await hasCommits(lake.store, signal)) || (await hasTenants(lake.store, signal))) return lake;
  throw lakeFolderErrors.lake_missing({ lake: lake.store.description });
}

/**
 * The same for those who ask what runs did: of a lake whose first run failed nothing else is there.
 *
 * @throws SluiceError `lake_missing`
 */
export async function remembered(lake: CommandLake, signal?: AbortSignal): Promise<CommandLake> {
  return (await lake.store.size(RUNS_FILE, signal)) === undefined ? existing(lake, signal) : lake;
}

/** Whether anything was ever committed to it. */
export async function hasCommits(store: ObjectStore, signal?: AbortSignal): Promise<boolean> {
  for await (const _ of store.list(LOG_PREFIX, {}, signal)) return true;
  return false;
}

/** Lakes that were moved into the folder of a lake of several tenants, which is told so by the next sync. */
const hasTenants = async (store: ObjectStore, signal?: AbortSignal): Promise<boolean> =>
  (await store.folders(undefined, signal)).some((name) => name.startsWith(TENANT_FOLDER));

/** Where unfinished files go: beside the lake, so that they are moved and not copied, where it is a folder. */
export const scratchOf = ({ folder }: Pick<CommandLake, 'folder'>): string =>
  folder === undefined ? join(ownTemporaryFolder(), 'scratch') : join(folder, '.scratch');

/**
 * Opens the lake to write, with scratch space beside the data (files are moved, not copied), and closes it after. Only one
 * process writes a lake: others are told at once, or wait.
 */
export async function withLake<T>(
  io: Io,
  options: LakeOptions & { readonly purpose: LakePurpose },
  use: (lake: Lake) => Promise<T>,
): Promise<T> {
  const { store } = options.lake;
  const scratchDir = scratchOf(options.lake);
  const lake = await openLake(
    {
      store,
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
        onWait: (holder) => {
          const who = holder ? `${holder.purpose} (process ${holder.pid} on ${holder.host})` : 'another process';
          io.err(`Waiting for ${who}, which writes ${store.description}.\n`);
        },
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
