import { join } from 'node:path';
import type { TableShape } from '../../schema/column.ts';
import { recordTables } from '../../schema/column.ts';
import type { Condition } from '../../schema/condition.ts';
import { literal } from '../../schema/sql.ts';
import type { Duck } from '../engine/duck.ts';
import { PARQUET } from '../engine/duck.ts';
import { lakeErrors } from '../errors.ts';
import { keysOfFiles } from '../log/key-spans.ts';
import type { DataFile } from '../log/log.ts';
import { cursorOf, rawOf, shapeOf } from '../log/log.ts';
import { measureFile } from '../tables/files.ts';
import type { StoredTable } from '../tables/relations.ts';
import type { TableCounts } from '../types.ts';
import type { LandedRows } from './landed-rows.ts';
import type { Listing } from './settle.ts';
import { diffListing, dropKnown, dropSettled, keepLatest, materialise, stageRemovals } from './settle.ts';
import type { Quarantined } from './slow-path.ts';
import type { Segment } from './spool.ts';
import { holdsNothing, stageRecords } from './stage.ts';
import { Staging } from './staging.ts';
import type { RowFacts, Survey } from './survey.ts';
import { surveyRows } from './survey.ts';

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
  readonly stored: (table: TableShape) => StoredTable;
  /** Per snapshot resource: what its pages list. */
  readonly listings: ReadonlyMap<string, Listing>;
  /** Resources with pages of partitions that were read before: unchanged rows are looked for. */
  readonly revisited: ReadonlySet<string>;
  /** What the load has landed before this segment. */
  readonly landed: LandedRows;
  /** By resource: only records that meet a condition become rows. */
  readonly only?: ReadonlyMap<string, Condition> | undefined;
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

const NOTHING: Transformed = { files: [], counts: {}, quarantined: [] };

async function transformResource(options: TransformOptions, resource: string): Promise<Transformed> {
  const { duck, folder, segment, tables } = options;
  const staging = new Staging(recordTables(tables, resource), options.commit, options.only?.get(resource));
  const isListed = options.listings.has(resource);
  if (!isListed && (await holdsNothing(segment, resource, staging.tables))) return NOTHING;
  const { quarantined, survey } = await stageRecords({ duck, segment, resource, staging, tables, folder });
  const files: StagedFile[] = [];
  const counts: Record<string, TableCounts> = {};
  for (const table of staging.tables) {
    const { relation, facts } = await settle(options, { resource, staging, table, quarantined, survey });
    if (facts.rows > 0) files.push(await writeFile(duck, table, relation, facts, folder));
    if (facts.rows > 0 && !isListed) await options.landed.add(table, relation);
    counts[table.name] = {
      rows: facts.rows,
      deletes: facts.deletes,
      quarantined: quarantined.filter((one) => one.table === table.name).length,
    };
    for (const [name, elements] of Object.entries(facts.elements)) {
      counts[name] ??= { rows: 0, deletes: 0, quarantined: 0 };
      counts[name].rows += elements;
    }
    await dropSettled(duck, table);
  }
  await duck.run('DROP TABLE records');
  return { files, counts, quarantined };
}

/**
 * The relation that holds the change rows of a table. First loads take the rows as they are, but for those that they
 * read before; later ones compare.
 */
async function settle(
  options: TransformOptions,
  staged: {
    readonly resource: string;
    readonly staging: Staging;
    readonly table: TableShape;
    readonly quarantined: readonly Quarantined[];
    readonly survey: Survey;
  },
): Promise<{ relation: string; facts: RowFacts }> {
  const { duck } = options;
  const { resource, staging, table, quarantined, survey } = staged;
  const listing = options.listings.get(resource);
  const revisited = options.revisited.has(resource);
  const repeats = survey.repeating.has(table);
  const rows = `(${staging.rows(table)})`;
  const readAgain = listing || revisited ? undefined : await options.landed.among(table, rows);
  if (!listing && !revisited && !repeats && !readAgain && survey.removals === 0) {
    return { relation: rows, facts: survey.facts.get(table)! };
  }
  const stored = options.stored(table);
  const relation = await materialise(duck, staging, table);
  if (listing) {
    const lost = quarantined.filter(({ reason }) => reason !== 'value_malformed');
    const unsure = [...new Set([...listing.unsure, ...lost.map(({ page }) => page.partition)])];
    await diffListing(duck, stored, { ...listing, unsure }, staging.commit);
  } else {
    if (survey.removals > 0) await stageRemovals(duck, staging, stored);
    if (revisited || repeats || readAgain) await keepLatest(duck, table);
    if (revisited) await dropKnown(duck, stored);
    else if (readAgain) await dropKnown(duck, stored, readAgain);
  }
  return { relation, facts: await surveyRows(duck, relation, table, options.tables) };
}

async function writeFile(
  duck: Duck,
  table: TableShape,
  relation: string,
  facts: RowFacts,
  folder: string,
): Promise<StagedFile> {
  const { rows, deletes, latestMs } = facts;
  const localPath = join(folder, `${table.name}.parquet`);
  const [copied] = await duck.rows(`COPY (FROM ${relation}) TO ${literal(localPath)} (${PARQUET})`);
  if (Number(copied?.['Count']) !== rows) {
    throw lakeErrors.lake_count_mismatch({ table: table.name, expected: rows, written: Number(copied?.['Count']) });
  }
  const measured = await measureFile(localPath);
  // Files with deletes are looked into again and again: a change may be older than a delete.
  const keys = deletes > 0 ? await keysOfFiles(duck, table, [{ localPath }]) : undefined;
  return {
    localPath,
    file: {
      kind: 'changes',
      table: table.name,
      rows,
      deletes,
      ...measured,
      ...rawOf(table),
      ...shapeOf(table),
      ...cursorOf(latestMs),
      ...keys?.get(localPath),
    },
  };
}
