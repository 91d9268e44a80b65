import { join } from 'node:path';
import type { TableShape } from '../../schema/column.ts';
import { contextNames, recordShape } from '../../schema/json-shape.ts';
import { recordReader } from '../../schema/row.ts';
import { literal } from '../../schema/sql.ts';
import type { Duck } from '../engine/duck.ts';
import type { PlacedRecord, Quarantined } from './slow-path.ts';
import { readPage, writeRecords } from './slow-path.ts';
import type { Segment, SpooledPage, SpoolFile } from './spool.ts';
import { DEFAULT_LINE_BYTES, type Staging } from './staging.ts';
import type { Survey } from './survey.ts';
import { surveyRecords } from './survey.ts';

/**
 * Fills `records` from the pages of one resource. Pages that DuckDB cannot read go through JavaScript; what has no rows,
 * no key or a value that is none comes back as quarantined.
 */
export async function stageRecords(options: {
  duck: Duck;
  segment: Segment;
  resource: string;
  staging: Staging;
  tables: readonly TableShape[];
  folder: string;
}): Promise<{ quarantined: readonly Quarantined[]; survey: Survey }> {
  const { duck, segment, resource, staging, tables, folder } = options;
  const pages = segment.pages.filter((page) => page.resource === resource);
  const files = segment.files.filter((file) => file.resource === resource);
  await createRecords(duck, staging, pages, files);
  let survey = await surveyRecords(duck, staging, tables);
  const quarantined: Quarantined[] = [];
  const slow = new Map<number, readonly PlacedRecord[]>();
  for (const page of pages.filter(({ n }) => !survey.pages.has(n))) {
    const { records, lost } = readPage(await segment.read(page), page, staging.tables);
    for (const one of lost) quarantined.push({ page, table: staging.root.name, ...one });
    if (records.length > 0) slow.set(page.n, records);
  }
  for (const table of slow.size > 0 ? staging.tables : []) {
    const path = join(folder, `${table.name}.slow.ndjson`);
    if ((await writeRecords(path, table, slow)) === 0) continue;
    await duck.run(`INSERT INTO records BY NAME ${staging.parseSlow(table)}`, [path]);
  }
  if (slow.size > 0) survey = await surveyRecords(duck, staging, tables);
  for (const table of staging.tables) {
    if (survey.odd.get(table) === 0) continue;
    quarantined.push(...(await oddRecords(duck, segment, staging, table, pages)));
  }
  return { quarantined, survey };
}

/**
 * Whether no page of a resource has a record, told without DuckDB: that is most of what a run reads where nothing
 * changed, and staging costs as much for no row as for a thousand.
 */
export async function holdsNothing(
  segment: Segment,
  resource: string,
  tables: readonly TableShape[],
): Promise<boolean> {
  const pages = segment.pages.filter((page) => page.resource === resource);
  if (!pages.every(({ looksEmpty }) => looksEmpty)) return false;
  for (const page of pages) {
    const { records, lost } = readPage(await segment.read(page), page, tables);
    if (records.length + lost.length > 0) return false;
  }
  return true;
}

async function createRecords(
  duck: Duck,
  staging: Staging,
  pages: readonly SpooledPage[],
  files: readonly SpoolFile[],
): Promise<void> {
  const longest = pages.reduce((bytes, page) => Math.max(bytes, page.lineLength), DEFAULT_LINE_BYTES);
  const lines = (isNested: boolean) => {
    const paths = files.filter(({ nested }) => nested === isNested).map(({ path }) => literal(path));
    if (paths.length === 0) return undefined;
    return `read_ndjson_objects([${paths.join(', ')}], ignore_errors = true, hive_partitioning = false, maximum_object_size = ${longest})`;
  };
  const flat = lines(false);
  const nested = lines(true);
  const isNested = nested !== undefined;
  // Pages with records inside records are read twice: they are kept parsed.
  if (isNested) await duck.run(`CREATE OR REPLACE TEMP TABLE pages AS ${parsedPages(staging, true, nested)}`);
  const parsed = [
    ...(flat !== undefined || !isNested ? [parsedPages(staging, isNested, flat ?? NO_LINES)] : []),
    ...(isNested ? ['FROM pages'] : []),
  ];
  const select = staging.parse(parsed.join(' UNION ALL '), isNested ? 'FROM pages' : undefined);
  await duck.run(`CREATE OR REPLACE TEMP TABLE records AS ${select}`);
  if (isNested) await duck.run('DROP TABLE pages');
}

const NO_LINES = '(SELECT NULL::JSON AS json WHERE false)';

/** SELECT of pages as structures: one line, one row. */
function parsedPages(staging: Staging, nested: boolean, lines: string): string {
  const shape = {
    n: 'INTEGER',
    ctx: Object.fromEntries(
      [...contextNames(staging.tables), 'since', 'until', 'fetchedAt'].map((key) => [key, 'VARCHAR']),
    ),
    page: { value: [recordShape(staging.tables, [], nested)] },
  };
  const raw = staging.tables.some((table) => '_raw' in table.columns);
  return `SELECT p.n AS n, p.ctx AS ctx, p.page.value AS value, raw FROM (
    SELECT from_json(json, ${literal(JSON.stringify(shape))}) AS p,
      ${raw ? `from_json(json, '{"page":{"value":["JSON"]}}').page.value` : 'NULL::VARCHAR[]'} AS raw FROM ${lines})`;
}

/** Odd records are read again in JavaScript, so that quarantine keeps them as they came. */
async function oddRecords(
  duck: Duck,
  segment: Segment,
  staging: Staging,
  table: TableShape,
  pages: readonly SpooledPage[],
): Promise<Quarantined[]> {
  const places = await duck.rows(
    `SELECT n, outer_at::INTEGER AS outer_at, inner_at::INTEGER AS inner_at, ${staging.oddity(table)} AS reason
     FROM records WHERE ${staging.isOdd(table)}`,
  );
  const reader = recordReader(table);
  const found: Quarantined[] = [];
  const records = new Map<number, readonly PlacedRecord[]>();
  for (const { n, outer_at, inner_at, reason } of places) {
    const page = pages.find((candidate) => candidate.n === n)!;
    const all = records.get(page.n) ?? readPage(await segment.read(page), page, staging.tables).records;
    records.set(page.n, all);
    const placed = all.find(({ outer, inner }) => outer === outer_at && inner === inner_at);
    if (reason === 'suspect' && !(placed && reader.hasWrongShape(placed))) continue;
    found.push({
      page,
      table: table.name,
      reason: reason === 'key_missing' ? reason : 'value_malformed',
      bytes: Buffer.from(JSON.stringify(placed?.record ?? null)),
    });
  }
  return found;
}
