import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { isDeepStrictEqual } from 'node:util';
import { createGzip } from 'node:zlib';
import { innerLists, outermostOf, partitionColumns, partitionContext, recordTables } from '../../schema/column.ts';
import { writeError } from '../engine/write-error.ts';
import { lakeErrors } from '../errors.ts';
import type { DataFile } from '../log/commit-record.ts';
import { againLoadId, checkLoadId, rawKey, segmentName } from '../log/names.ts';
import { positionKey } from '../log/partition-key.ts';
import type { LakeCore } from '../tables/core.ts';
import { LandedRows } from '../transform/landed-rows.ts';
import { setAsideOnce } from '../transform/quarantine.ts';
import { type StandingIds, standingIds, standingRows } from '../transform/settle.ts';
import type { Quarantined } from '../transform/slow-path.ts';
import type { SpoolFile } from '../transform/spool.ts';
import type { Transformed } from '../transform/transform.ts';
import { transform } from '../transform/transform.ts';
import type { Load, LoadOptions, PartitionKey, Position, RawPage, TableCounts, Version } from '../types.ts';
import { OpenSegment } from './open-segment.ts';

const DEFAULT_SEGMENT_PAGES = 500;
const DEFAULT_SEGMENT_MS = 10_000;
const PAGE_REASONS: ReadonlySet<Quarantined['reason']> = new Set(['page_unreadable', 'page_without_value']);

/** Starts a load on an opened lake. */
export async function beginLoad(core: LakeCore, asked: LoadOptions): Promise<Load> {
  const options = asked.landsAgain ? { ...asked, loadId: againLoadId(asked.loadId) } : asked;
  checkLoadId(options.loadId);
  await rm(join(core.scratchDir, options.loadId), { recursive: true, force: true });
  return new LakeLoad(core, options);
}

/**
 * Fills one segment while the one before it is transformed and committed. Everything that changes the open segment runs
 * in one line, so a segment is a cut of the order in which things were given.
 */
class LakeLoad implements Load {
  readonly counts: Record<string, TableCounts>;
  readonly unreadable = new Set<PartitionKey>();
  /** Partitions with a page of which nobody knows what is missing: their positions stay. */
  readonly #held = new Set<PartitionKey>();
  readonly #core: LakeCore;
  readonly #options: LoadOptions & { readonly segmentPages: number; readonly segmentMs: number };
  /** Partitions that were read before this load: their pages may repeat what the lake has. */
  readonly #visited: ReadonlySet<PartitionKey>;
  readonly #landed: LandedRows;
  #open: OpenSegment | undefined;
  #segments = 0;
  #line: Promise<unknown> = Promise.resolve();
  #landing: Promise<void> = Promise.resolve();
  #failure: unknown;
  #ended = false;

  constructor(core: LakeCore, options: LoadOptions) {
    this.#core = core;
    const { segmentPages = DEFAULT_SEGMENT_PAGES, segmentMs = DEFAULT_SEGMENT_MS } = options;
    this.#options = { ...options, segmentPages, segmentMs };
    this.#visited = new Set(core.state.positions.keys());
    this.#landed = new LandedRows(core.duck, options.loadId);
    this.counts = Object.fromEntries(core.tables.map(({ name }) => [name, { rows: 0, deletes: 0, quarantined: 0 }]));
  }

  append(page: RawPage): Promise<void> {
    return this.#inLine(async () => {
      this.#tablesOf(page.resource);
      const open = this.#segment();
      await open.append(page, page.readBefore ?? this.#visited.has(positionKey(page.resource, page.partition)));
      await this.#rotateWhenFull();
    });
  }

  advance(resource: string, partition: string, position: Position | null): void {
    this.#check();
    this.#segment().positions.set(positionKey(resource, partition), position);
  }

  replace(
    resource: string,
    partition: string,
    pages: readonly RawPage[],
    options: Parameters<Load['replace']>[3] = {},
  ): Promise<void> {
    return this.#inLine(async () => {
      const keys = partitionContext(outermostOf(this.#tablesOf(resource)));
      const isParted = keys.length > 0;
      if (isParted && partition === '')
        throw lakeErrors.lake_partition_mismatch({ resource, partition, told: '', keys });
      for (const { context } of pages) {
        const told = keys.map((key) => context[key] ?? '').join('/');
        if (!isParted || told === partition) continue;
        throw lakeErrors.lake_partition_mismatch({ resource, partition, told, keys });
      }
      await this.#segment().replace(resource, isParted ? partition : '', pages, options);
      await this.#rotateWhenFull();
    });
  }

  retain(resource: string, partitions: ReadonlySet<string>): Promise<void> {
    return this.#inLine(async () => {
      const isParted = partitionColumns(outermostOf(this.#tablesOf(resource))).length > 0;
      if (isParted) this.#segment().retain(resource, partitions);
      else this.#segment().keep(resource, partitions);
    });
  }

  async standing(resource: string): Promise<ReadonlyMap<string, number>> {
    const tables = recordTables(this.#core.tables, resource);
    if (tables.length === 0) return new Map();
    return this.#core.exclusive(() => standingRows(this.#core.duck, this.#core.stored(outermostOf(tables))));
  }

  async standingIds(resource: string, of: StandingIds): Promise<ReadonlyMap<string, readonly string[]>> {
    const tables = recordTables(this.#core.tables, resource);
    if (tables.length === 0) return new Map();
    return this.#core.exclusive(() => standingIds(this.#core.duck, this.#core.stored(outermostOf(tables)), of));
  }

  commit(): Promise<Version> {
    return this.#inLine(async () => {
      await this.#rotate();
      await this.#landing;
      this.#check();
      return this.#core.state.version;
    });
  }

  async close(): Promise<void> {
    if (this.#ended) return;
    await this.commit();
    await this.#end();
  }

  async abandon(): Promise<void> {
    if (this.#ended) return;
    await this.#line.catch(() => undefined);
    this.#open?.disarm();
    this.#open = undefined;
    await this.#landing;
    await this.#end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (this.#failure === undefined ? this.close() : this.abandon());
  }

  async #end(): Promise<void> {
    this.#ended = true;
    await this.#core.exclusive(() => this.#landed.forget());
    await rm(join(this.#core.scratchDir, this.#options.loadId), { recursive: true, force: true });
  }

  #inLine<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#line.then(() => {
      this.#check();
      return work();
    });
    this.#line = turn.catch(() => undefined);
    return turn;
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#ended) throw lakeErrors.lake_load_closed({ loadId: this.#options.loadId });
  }

  #tablesOf(resource: string) {
    const tables = recordTables(this.#core.tables, resource);
    if (tables.length > 0) return tables;
    const known = [...new Set(this.#core.tables.map((table) => table.resource))];
    throw lakeErrors.lake_unknown_resource({ resource, known });
  }

  #segment(): OpenSegment {
    if (!this.#open) {
      this.#segments += 1;
      const folder = join(this.#core.scratchDir, this.#options.loadId, `pages-${this.#segments}`);
      const overdue = () => {
        this.#inLine(() => this.#rotate()).catch(() => undefined);
      };
      this.#open = new OpenSegment({
        folder,
        innerLists: (resource) => innerLists(this.#tablesOf(resource)),
        overdue,
        afterMs: this.#options.segmentMs,
      });
    }
    return this.#open;
  }

  async #rotateWhenFull(): Promise<void> {
    if (this.#open && this.#open.segment.pages.length >= this.#options.segmentPages) await this.#rotate();
  }

  /** Hands the open segment over. Waits for the one before: at most one is transformed while one is filled. */
  async #rotate(): Promise<void> {
    const open = this.#open;
    if (!open) return;
    open.disarm();
    this.#open = undefined;
    await open.seal();
    await this.#landing;
    this.#check();
    this.#landing = this.#core
      .exclusive(() => this.#land(open))
      .catch((error: unknown) => {
        this.#failure = writeError(error, this.#core.store.description);
      });
  }

  async #land(open: OpenSegment): Promise<void> {
    const core = this.#core;
    const { loadId } = this.#options;
    await core.lease.check();
    await core.catchUp();
    const commit = core.state.version + 1;
    const folder = await core.scratch(`${loadId}/files-${commit}`);
    const landed = await transform({
      duck: core.duck,
      segment: open.segment,
      tables: core.tables,
      commit,
      folder,
      stored: (table) => core.stored(table),
      listings: open.listings(),
      revisited: open.revisited,
      landed: this.#landed,
      only: this.#options.only,
    });
    const name = segmentName(loadId, commit);
    const added: DataFile[] = [];
    for (const { localPath, file } of landed.files) {
      const path = core.newFile(file.table, name);
      await core.store.putFile(path, localPath);
      added.push({ ...file, path });
    }
    const setAside = await setAsideOnce(core.store, landed.quarantined);
    if (core.keepRaw && !this.#options.landsAgain) await this.#keepRaw(open, name, folder);
    for (const { page, reason } of landed.quarantined) {
      const key = positionKey(page.resource, page.partition);
      if (!PAGE_REASONS.has(reason) && reason !== 'record_unreadable') continue;
      this.unreadable.add(key);
      if (PAGE_REASONS.has(reason)) this.#held.add(key);
    }
    const positions = Object.fromEntries(
      [...open.positions].filter(
        ([key, value]) => !this.#held.has(key) && !isDeepStrictEqual(core.state.positions.get(key) ?? null, value),
      ),
    );
    if (added.length > 0 || Object.keys(positions).length > 0) {
      await core.commit({ loadId, added, removed: [], positions, ...this.#newFacts() });
    }
    this.#count(landed, setAside);
    await open.segment.remove();
    await rm(folder, { recursive: true, force: true });
  }

  /** What the lake does not know yet: it is stated in one step with the first rows. */
  #newFacts(): { meta?: Readonly<Record<string, unknown>> } {
    const known = this.#core.state.meta;
    const facts = Object.entries(this.#options.facts ?? {});
    const meta = Object.fromEntries(facts.filter(([name, value]) => !isDeepStrictEqual(known[name], value)));
    return Object.keys(meta).length > 0 ? { meta } : {};
  }

  #count(landed: Transformed, setAside: readonly Quarantined[]): void {
    for (const [table, { rows, deletes }] of Object.entries(landed.counts)) {
      const sum = this.counts[table]!;
      sum.rows += rows;
      sum.deletes += deletes;
    }
    for (const { table } of setAside) this.counts[table]!.quarantined += 1;
  }

  async #keepRaw(open: OpenSegment, name: string, folder: string): Promise<void> {
    const resources = new Set(open.segment.files.map((file) => file.resource));
    for (const resource of resources) {
      if (this.#options.only?.has(resource)) continue;
      const files = open.segment.files.filter((file) => file.resource === resource);
      const packed = join(folder, 'pages.ndjson.gz');
      await pipeline(linesOf(files), createGzip(), createWriteStream(packed));
      await this.#core.store.putFile(rawKey(resource, name), packed);
    }
  }
}

async function* linesOf(files: readonly SpoolFile[]): AsyncGenerator<Buffer> {
  for (const { path } of files) yield* createReadStream(path);
}
