import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { TableShape } from '../schema/column.ts';
import { recordTables, sourcesOf } from '../schema/column.ts';
import { identifier, literal } from '../schema/sql.ts';
import type { Duck } from './duck.ts';
import { PARQUET } from './duck.ts';
import { countMismatch } from './errors.ts';
import type { DataFile } from './log.ts';
import { cursorOf } from './log.ts';
import type { TableFiles } from './relations.ts';
import type { Listing } from './settle.ts';
import { diffListing, dropKnown, dropSettled, materialise, stageRemovals } from './settle.ts';
import type { Quarantined } from './slow-path.ts';
import type { Segment } from './spool.ts';
import { Staging, stageRecords } from './staging.ts';
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
  const resources = new Set([...options.segment.files.map(({ resource }) => resource), ...options.listings.keys()]);
  const parts: Transformed[] = [];
  for (const resource of resources) parts.push(await transformResource(options, resource));
  return {
    files: parts.flatMap((part) => part.files),
    counts: Object.assign({}, ...parts.map((part) => part.counts)) as Transformed['counts'],
    quarantined: parts.flatMap((part) => part.quarantined),
  };
}

async function transformResource(options: TransformOptions, resource: string): Promise<Transformed> {
  const { duck, folder } = options;
  const staging = new Staging(recordTables(options.tables, resource), options.commit);
  const quarantined = await stageRecords({ duck, segment: options.segment, resource, staging, folder });
  const files: StagedFile[] = [];
  const counts: Record<string, TableCounts> = {};
  for (const table of staging.tables) {
    const relation = await settle(options, resource, staging, table, quarantined);
    const written = await writeFile(duck, table, relation, folder);
    if (written) files.push(written);
    counts[table.name] = {
      rows: written?.file.rows ?? 0,
      deletes: written?.file.deletes ?? 0,
      quarantined: quarantined.filter((one) => one.table === table.name).length,
    };
    await countElements(options, table, relation, counts);
    await dropSettled(duck, table);
  }
  await duck.run('DROP TABLE records');
  return { files, counts, quarantined };
}

/** The relation that holds the change rows of a table. First loads take the rows as they are; later ones compare. */
async function settle(
  options: TransformOptions,
  resource: string,
  staging: Staging,
  table: TableShape,
  quarantined: readonly Quarantined[],
): Promise<string> {
  const { duck } = options;
  const listing = options.listings.get(resource);
  const revisited = options.revisited.has(resource);
  const [removals] = await duck.rows("SELECT count(*)::INTEGER AS n FROM records WHERE removed = 'deleted'");
  const removes = removals?.['n'] !== 0;
  if (!listing && !revisited && !removes) return `(${staging.rows(table)})`;
  const stored = await options.filesOf(table.name);
  const relation = await materialise(duck, staging, table);
  if (listing) {
    const unsure = [...new Set(quarantined.map(({ page }) => page.partition))];
    await diffListing(duck, table, stored, { ...listing, unsure }, staging.commit);
    return relation;
  }
  if (removes) await stageRemovals(duck, staging, table, stored);
  if (revisited) await dropKnown(duck, table, stored);
  return relation;
}

async function writeFile(
  duck: Duck,
  table: TableShape,
  relation: string,
  folder: string,
): Promise<StagedFile | undefined> {
  const [facts] = await duck.rows(
    `SELECT count(*)::INTEGER AS n, (count(*) FILTER (_op = 'delete'))::INTEGER AS deletes,
       epoch_ms(max(_version) FILTER (isfinite(_version)))::DOUBLE AS latest FROM ${relation}`,
  );
  const rows = Number(facts?.['n']);
  if (rows === 0) return undefined;
  const localPath = join(folder, `${table.name}.parquet`);
  const [copied] = await duck.rows(`COPY (FROM ${relation}) TO ${literal(localPath)} (${PARQUET})`);
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
async function countElements(
  options: TransformOptions,
  source: TableShape,
  relation: string,
  counts: Record<string, TableCounts>,
): Promise<void> {
  const exploded = options.tables.filter(
    (table) => table.explode !== undefined && sourcesOf(table, options.tables).includes(source),
  );
  if (exploded.length === 0) return;
  const sums = exploded.map(
    ({ name, explode }) => `coalesce(sum(len(${identifier(explode!)})), 0)::INTEGER AS ${identifier(name)}`,
  );
  const [found] = await options.duck.rows(`SELECT ${sums.join(', ')} FROM ${relation}`);
  for (const { name } of exploded) {
    counts[name] ??= { rows: 0, deletes: 0, quarantined: 0 };
    counts[name].rows += Number(found?.[name]);
  }
}
