import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { TableShape } from '../schema/column.ts';
import { recordTables, sourcesOf } from '../schema/column.ts';
import { identifier, literal } from '../schema/sql.ts';
import type { Duck } from './duck.ts';
import { countMismatch } from './errors.ts';
import type { DataFile } from './log.ts';
import { cursorOf } from './log.ts';
import type { TableFiles } from './relations.ts';
import type { Listing } from './settle.ts';
import { diffListing, dropKnown, stageRemovals } from './settle.ts';
import type { Quarantined } from './slow-path.ts';
import type { Segment } from './spool.ts';
import { staged, stageRows } from './staging.ts';
import type { TableCounts } from './types.ts';

/** A finished Parquet file in the scratch folder, and what the log will say of it. */
export interface StagedFile {
  readonly localPath: string;
  readonly file: Omit<DataFile, 'path'>;
}

/** What a segment comes to. */
export interface Transformed {
  readonly files: readonly StagedFile[];
  readonly counts: Readonly<Record<string, TableCounts>>;
  readonly quarantined: readonly Quarantined[];
}

export interface TransformOptions {
  readonly duck: Duck;
  readonly segment: Segment;
  readonly tables: readonly TableShape[];
  readonly commit: number;
  /** Scratch folder for the results. */
  readonly folder: string;
  readonly filesOf: (table: string) => Promise<TableFiles>;
  /** Per snapshot resource: what its pages list. */
  readonly listings: ReadonlyMap<string, Omit<Listing, 'unsure'>>;
  /** Resources with pages of partitions that were read before: unchanged rows are looked for. */
  readonly revisited: ReadonlySet<string>;
}

/** Turns a segment into Parquet files, one per table that has changes. Nothing outside the scratch folder is touched. */
export async function transform(options: TransformOptions): Promise<Transformed> {
  const resources = new Set([...options.segment.files.keys(), ...options.listings.keys()]);
  const parts: Transformed[] = [];
  for (const resource of resources) parts.push(await transformResource(options, resource));
  return {
    files: parts.flatMap((part) => part.files),
    counts: Object.assign({}, ...parts.map((part) => part.counts)) as Transformed['counts'],
    quarantined: parts.flatMap((part) => part.quarantined),
  };
}

async function transformResource(options: TransformOptions, resource: string): Promise<Transformed> {
  const { duck, commit, folder } = options;
  const tables = recordTables(options.tables, resource);
  const quarantined = await stageRows({ duck, segment: options.segment, resource, tables, commit, folder });
  const listing = options.listings.get(resource);
  const files: StagedFile[] = [];
  const counts: Record<string, TableCounts> = {};
  for (const table of tables) {
    const stored = await options.filesOf(table.name);
    if (listing) {
      const unsure = [...new Set(quarantined.map(({ page }) => page.partition))];
      await diffListing(duck, table, stored, { ...listing, unsure }, commit);
    } else {
      await stageRemovals(duck, table, stored, commit);
      if (options.revisited.has(resource)) await dropKnown(duck, table, stored);
    }
    const written = await writeFile(duck, table, folder);
    if (written) files.push(written);
    counts[table.name] = { rows: written?.file.rows ?? 0, deletes: written?.file.deletes ?? 0, quarantined: 0 };
  }
  if (tables[0]) counts[tables[0].name]!.quarantined = quarantined.length;
  await countElements(options, resource, counts);
  for (const table of tables) await duck.run(`DROP TABLE ${staged(table)}`);
  await duck.run('DROP TABLE IF EXISTS pages');
  return { files, counts, quarantined };
}

async function writeFile(duck: Duck, table: TableShape, folder: string): Promise<StagedFile | undefined> {
  const [facts] = await duck.rows(
    `SELECT count(*)::INTEGER AS n, (count(*) FILTER (_op = 'delete'))::INTEGER AS deletes,
       epoch_ms(max(_version) FILTER (isfinite(_version)))::DOUBLE AS latest FROM ${staged(table)}`,
  );
  const rows = Number(facts?.['n']);
  if (rows === 0) return undefined;
  const localPath = join(folder, `${table.name}.parquet`);
  const [copied] = await duck.rows(`COPY ${staged(table)} TO ${literal(localPath)} (FORMAT parquet, COMPRESSION zstd)`);
  if (Number(copied?.['Count']) !== rows) {
    throw countMismatch(table.name, rows, Number(copied?.['Count']));
  }
  return {
    localPath,
    file: {
      kind: 'changes',
      table: table.name,
      rows,
      deletes: Number(facts?.['deletes']),
      bytes: (await stat(localPath)).size,
      ...cursorOf(facts?.['latest']),
    },
  };
}

/** An exploded table has a row for every element of the changed records. */
async function countElements(options: TransformOptions, resource: string, counts: Record<string, TableCounts>) {
  const exploded = options.tables.filter((table) => table.resource === resource && table.explode !== undefined);
  for (const table of exploded) {
    let rows = 0;
    for (const source of sourcesOf(table, options.tables)) {
      const [sum] = await options.duck.rows(
        `SELECT coalesce(sum(len(${identifier(table.explode!)})), 0)::INTEGER AS n FROM ${staged(source)}`,
      );
      rows += Number(sum?.['n']);
    }
    counts[table.name] = { rows, deletes: 0, quarantined: 0 };
  }
}
