import { existsSync, statSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { SluiceError } from '../errors/sluice-error.ts';
import { openLake } from '../lake/lake.ts';
import { fileStore } from '../lake/stores/file.ts';
import type { Lake } from '../lake/types.ts';
import { systemRuntime } from '../runtime/runtime.ts';
import { tables } from '../tables/index.generated.ts';

export interface LakeOptions {
  /** Folder of the lake. */
  readonly lake: string;
  readonly raw?: boolean;
  readonly keepRaw?: boolean;
}

/**
 * The folder that a lake is in, or will be in.
 *
 * @throws SluiceError `lake_not_a_folder`
 */
export function lakeFolder(folder: string): string {
  const root = resolve(folder);
  if (!existsSync(root) || statSync(root).isDirectory()) return root;
  throw new SluiceError({
    code: 'lake_not_a_folder',
    recovery: 'user_action',
    surface: 'lake',
    message: `${root} is a file; a lake is a folder.`,
    hint: 'Name another one with --lake.',
  });
}

/**
 * The folder of a lake that must be there already. A folder without commits is none: an answer of no rows would be wrong.
 *
 * @throws SluiceError `lake_missing`, `lake_not_a_folder`
 */
export function existingLake(folder: string): string {
  const root = lakeFolder(folder);
  if (existsSync(join(root, '_log'))) return root;
  throw new SluiceError({
    code: 'lake_missing',
    recovery: 'user_action',
    surface: 'lake',
    message: `There is no lake at ${root}.`,
    hint: 'Make one with `sluice sync`, or name another folder with --lake.',
  });
}

/** Opens the lake to write, with scratch space beside the data (files are moved, not copied), and closes it after. */
export async function withLake<T>(options: LakeOptions, use: (lake: Lake) => Promise<T>): Promise<T> {
  const root = lakeFolder(options.lake);
  const scratchDir = await makeScratch(root);
  try {
    const lake = await openLake({
      store: fileStore(root),
      tables,
      runtime: systemRuntime,
      scratchDir,
      rawColumn: options.raw ?? false,
      keepRaw: options.keepRaw ?? false,
    });
    try {
      return await use(lake);
    } finally {
      await lake.close();
    }
  } finally {
    await rm(scratchDir, { recursive: true, force: true });
  }
}

/** A folder named after this process; those of processes that died are removed. */
async function makeScratch(root: string): Promise<string> {
  const folder = join(root, '.scratch');
  const mine = join(folder, String(process.pid));
  try {
    await mkdir(mine, { recursive: true });
    const others = (await readdir(folder)).filter((name) => name !== String(process.pid) && !isAlive(Number(name)));
    await Promise.all(others.map((name) => rm(join(folder, name), { recursive: true, force: true })));
    return mine;
  } catch (cause) {
    throw new SluiceError({
      code: 'lake_unwritable',
      recovery: 'user_action',
      surface: 'lake',
      message: `The lake ${root} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}.`,
      hint: 'Check the folder and its rights, or give another one with --lake.',
      cause,
    });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
