import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { Layout } from '../config/sections/attendance.ts';
import { type Duck, openDuck } from '../lake/engine/duck.ts';
import type { LakeReader } from '../lake/query/query.ts';
import { openReader } from '../lake/query/query.ts';
import type { ObjectStore } from '../lake/stores/object-store.ts';
import { makeOwnFolder } from '../lake/stores/private-files.ts';
import type { Lake, Version } from '../lake/types.ts';
import { instant } from '../strategies/position.ts';
import { tables } from '../tables/index.generated.ts';
import { accountRows } from './account-rows.ts';
import { calendarsRead } from './calendars-read.ts';
import { type DocumentWindow, eventsOnly, type Row, withAttendance } from './documents.ts';
import { pathsOfOriginal, pathsOfRun } from './layouts.ts';
import { type AccountState, type Manifest, readManifest, writeManifest } from './manifest.ts';
import { originalTables } from './original-tables.ts';
import { writeTextParquet } from './text-parquet.ts';

export interface PublishOptions {
  readonly lake: Pick<Lake, 'positions' | 'version'>;
  /** That the lake is in. */
  readonly store: ObjectStore;
  /** Where documents go. */
  readonly to: ObjectStore;
  readonly layout: Layout;
  /** Names of accounts by the ids of their users; those of others are their ids. */
  readonly names: ReadonlyMap<string, string>;
  /** Only these users; undefined: all whose calendars were read. */
  readonly users: readonly string[] | undefined;
  readonly nowMs: number;
  readonly scratchDir: string;
}

/** As the window of a calendar: what came late to the end of the one before. */
const OVERLAP_MS = 300_000;

type Pending = NonNullable<AccountState['pending']>;

/**
 * Writes the documents of every account whose calendar was read further than its documents go, from the rows of the lake.
 * What is to be written is written down first, and that it is whole last, for all accounts in one step: a run that was
 * killed in between is repaired by the next one, which writes the same files again.
 *
 * @returns how many accounts have new documents
 * @throws SluiceError `manifest_unreadable`
 */
export async function publishDocuments(options: PublishOptions, signal?: AbortSignal): Promise<number> {
  const { to, store, scratchDir } = options;
  const before = await readManifest(to, signal);
  const unfinished = withDocuments(before, ({ pending }) => pending);
  const folder = await makeOwnFolder(scratchDir, `sluice-documents-${randomUUID()}`);
  const duck = await openDuck({ scratchDir: folder });
  try {
    await using reader = await openReader({ store, tables, scratchDir: folder });
    const writer = { ...options, reader, duck, folder };
    let manifest = before;
    for (const [id, state] of unfinished) manifest = settled(manifest, id, await write(writer, id, state, signal));
    const due = duePerAccount(options, manifest);
    if (due.size === 0 && unfinished.length === 0) return 0;
    manifest = { ...manifest, accounts: { ...manifest.accounts, ...Object.fromEntries(due) } };
    await writeManifest(to, manifest, signal);
    for (const [id, state] of due) manifest = settled(manifest, id, await write(writer, id, state, signal));
    await writeManifest(to, manifest, signal);
    return new Set([...unfinished.map(([id]) => id), ...due.keys()]).size;
  } finally {
    duck.close();
    await rm(folder, { recursive: true, force: true });
  }
}

const withDocuments = ({ accounts }: Manifest, isWanted: (state: AccountState) => unknown) =>
  Object.entries(accounts).filter(([, state]) => isWanted(state));

const settled = (manifest: Manifest, id: string, state: AccountState): Manifest => ({
  ...manifest,
  accounts: { ...manifest.accounts, [id]: state },
});

/** Accounts with the window that is to be written next. */
function duePerAccount(
  { lake, users, names, layout, nowMs }: PublishOptions,
  { accounts }: Manifest,
): ReadonlyMap<string, AccountState> {
  const due = new Map<string, AccountState>();
  for (const { id, throughMs, sinceMs } of calendarsRead(lake.positions())) {
    if (users !== undefined && !users.includes(id)) continue;
    const state = accounts[id];
    if (state && Date.parse(state.through) >= throughMs) continue;
    const name = names.get(id) ?? state?.name ?? id;
    const pending = nextWindow({ state, layout, sinceMs, throughMs, version: lake.version, nowMs });
    const none = { name, through: instant(sinceMs), version: 0, documents: [] };
    due.set(id, { ...(state ?? none), name, pending });
  }
  return due;
}

/** What comes after the documents there are; in the original layout all of the day, whose files are written over. */
export function nextWindow(facts: {
  readonly state: AccountState | undefined;
  readonly layout: Layout;
  readonly sinceMs: number;
  readonly throughMs: number;
  readonly version: Version;
  readonly nowMs: number;
}): Pending {
  const { state, layout, sinceMs, throughMs, version, nowMs } = facts;
  const end = { to: instant(throughMs), version, fetched: instant(nowMs) };
  if (state === undefined) return { from: instant(sinceMs), ...end };
  const isSameDay = layout === 'original' && state.day?.to.slice(0, 10) === end.to.slice(0, 10);
  if (isSameDay && state.day) {
    const { from, version: after } = state.day;
    return after === 0 ? { from, ...end } : { from, after, ...end };
  }
  return { from: instant(Date.parse(state.through) - OVERLAP_MS), after: state.version, ...end };
}

type Writer = PublishOptions & { readonly reader: LakeReader; readonly duck: Duck; readonly folder: string };

/** Writes the documents of a window that was written down. @returns what is known of the account then */
async function write(
  { reader, to, layout, duck, folder }: Writer,
  userId: string,
  { pending, ...state }: AccountState,
  signal: AbortSignal | undefined,
): Promise<AccountState> {
  const { from, to: end, version, after, fetched } = pending!;
  const [fromMs, toMs] = [Date.parse(from), Date.parse(end)];
  const rows = await accountRows(reader, { userId, fromMs, toMs, after }, signal);
  const window: DocumentWindow = { user: state.name, fromMs, toMs, fetchedMs: Date.parse(fetched) };
  const paths = (layout === 'original' ? pathsOfOriginal : pathsOfRun)({ name: state.name, fromMs, toMs });
  const final = withAttendance(window, rows);
  for (const table of originalTables.filter(({ name }) => paths.tables[name])) {
    const { columns } = table;
    const file = await writeTextParquet(duck, { columns, rows: table.rows(final), folder }, signal);
    await to.putFile(paths.tables[table.name]!, file, signal);
  }
  await to.put(paths.eventsOnly, jsonOf(eventsOnly(window, rows)), signal);
  await to.put(paths.final, jsonOf(final), signal);
  const documents = [paths.eventsOnly, paths.final, ...Object.values(paths.tables)];
  // Where the day began stays: a later run of the day begins there again.
  const day = { from, to: end, version: after ?? 0 };
  return { ...state, through: end, version, documents, day };
}

/** As the original job wrote it: UTF-8, two blanks for each level. */
const jsonOf = (document: Row): Uint8Array => Buffer.from(JSON.stringify(document, undefined, 2));
