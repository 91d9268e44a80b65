import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { recordTables, type TableShape } from '../../schema/column.ts';
import { lakeErrors } from '../errors.ts';
import type { CommitRecord } from '../log/commit-record.ts';
import { surveyLog } from '../log/log-survey.ts';
import { bringsKeptPages, rawFolder, rawKey, segmentName } from '../log/names.ts';
import { isPartitionOf } from '../log/partition-key.ts';
import type { ObjectStore } from '../stores/object-store.ts';
import { parseEnvelope } from '../transform/spool.ts';
import type { KeptPages, PartitionKey } from '../types.ts';

/**
 * The kept pages of a resource, when every load kept those that it read. Undefined: some are missing, or the log does not
 * say all that came.
 */
export async function keptPages(
  { store, tables }: { readonly store: ObjectStore; readonly tables: readonly TableShape[] },
  resource: string,
  signal?: AbortSignal,
): Promise<KeptPages | undefined> {
  const present = new Set<string>();
  for await (const { key } of store.list(rawFolder(resource), {}, signal)) present.add(key);
  if (present.size === 0) return undefined;
  const { state, newest, commits } = await surveyLog(store, signal);
  if (state.version !== newest || commits.size !== newest) return undefined;
  const loads = loadsOf([...commits.values()], resource, recordTables(tables, resource));
  const keys: string[] = [];
  for (const { rows, positions } of loads) {
    const keyOf = (version: number, loadId: string) => rawKey(resource, segmentName(loadId, version));
    if (!rows.every(({ version, loadId }) => present.has(keyOf(version, loadId)))) return undefined;
    const found = [...rows, ...positions]
      .map(({ version, loadId }) => keyOf(version, loadId))
      .filter((key) => present.has(key));
    // A load that brought no row was asked for pages all the same: a table of that time may have taken none of theirs.
    if (found.length === 0) return undefined;
    keys.push(...found);
  }
  const ordered = keys.sort((a, b) => versionOf(a) - versionOf(b));
  return {
    files: ordered.length,
    async *pages(inner) {
      for (const key of ordered) {
        for await (const line of linesOf(store, key)) {
          inner?.throwIfAborted();
          const page = line && parseEnvelope(line);
          if (!page) throw lakeErrors.kept_pages_corrupt({ file: key });
          yield page;
        }
      }
    },
  };
}

type Loaded = Pick<CommitRecord, 'version'> & { readonly loadId: string };

interface LoadCommits {
  /** Commits that brought rows of the resource. */
  readonly rows: Loaded[];
  /** Commits that only moved its positions. */
  readonly positions: Loaded[];
}

/** What each load that read pages from the service committed of a resource. */
function loadsOf(
  commits: readonly CommitRecord[],
  resource: string,
  tables: readonly TableShape[],
): readonly LoadCommits[] {
  const names = new Set(tables.map(({ name }) => name));
  const loads = new Map<string, LoadCommits>();
  for (const { version, loadId, added, positions } of commits) {
    if (loadId === undefined || bringsKeptPages(loadId)) continue;
    const bringsRows = added.some(({ kind, table }) => kind === 'changes' && names.has(table));
    const movesPositions = (Object.keys(positions) as PartitionKey[]).some((key) => isPartitionOf(key, resource));
    if (!bringsRows && !movesPositions) continue;
    const load = loads.get(loadId) ?? { rows: [], positions: [] };
    loads.set(loadId, load);
    (bringsRows ? load.rows : load.positions).push({ version, loadId });
  }
  return [...loads.values()];
}

/** The commit in the name of a file of kept pages. */
const versionOf = (key: string): number => Number(/-(\d{10})\.ndjson\.gz$/.exec(key)?.[1]);

/** Lines of a packed file; undefined where it cannot be read on. */
export async function* linesOf(store: ObjectStore, key: string): AsyncGenerator<Buffer | undefined> {
  let rest: Buffer = Buffer.alloc(0);
  const packed = createReadStream(await store.localPath(key));
  const bytes = createGunzip();
  packed.on('error', (error) => bytes.destroy(error)).pipe(bytes);
  try {
    for await (const chunk of bytes) {
      rest = Buffer.concat([rest, chunk as Buffer]);
      for (let end = rest.indexOf(0x0a); end >= 0; end = rest.indexOf(0x0a)) {
        yield rest.subarray(0, end);
        rest = rest.subarray(end + 1);
      }
    }
    if (rest.length > 0) yield rest;
  } catch {
    yield undefined;
  } finally {
    await store.letGo([key]);
  }
}
