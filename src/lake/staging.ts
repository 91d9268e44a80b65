import { join } from 'node:path';
import type { TableShape } from '../schema/column.ts';
import { recordShape, textShape } from '../schema/json-shape.ts';
import { projection } from '../schema/projection.ts';
import { duckdbType, identifier, identifiers, literal } from '../schema/sql.ts';
import type { Duck } from './duck.ts';
import { changeDefinitions } from './relations.ts';
import type { PlacedRecord, Quarantined } from './slow-path.ts';
import { readPage, writeRows } from './slow-path.ts';
import type { Segment, SpooledPage } from './spool.ts';

/** DuckDB's default for `maximum_object_size`; longer lines need it raised. */
const DEFAULT_LINE_BYTES = 16 * 1024 * 1024;
const CONTEXT = ['team_id', 'channel_id', 'message_id', 'user_id', 'fetchedAt'];

/** The temporary table that holds the rows of `table` while a segment is worked on. */
export const staged = (table: TableShape): string => identifier(`rows_${table.name}`);

/** Key of a record's place in its segment: page, place in the page, place in the list inside. */
const rowNumber = '(n::BIGINT << 40) | (outer_at::BIGINT << 20) | inner_at::BIGINT';

/**
 * Parses the pages of one resource once and stages the rows of each of its record tables. Pages that DuckDB cannot read
 * go through JavaScript; what has no rows or no key comes back as quarantined.
 */
export async function stageRows(options: {
  duck: Duck;
  segment: Segment;
  resource: string;
  tables: readonly TableShape[];
  /** Number of the commit that will hold the rows. */
  commit: number;
  folder: string;
}): Promise<Quarantined[]> {
  const { duck, segment, resource, tables, commit, folder } = options;
  const pages = segment.pages.filter((page) => page.resource === resource);
  const file = segment.files.get(resource);
  if (!file) return stageNothing(duck, tables);
  await parsePages(duck, file.path, pages, tables);
  const parsed = new Set((await duck.rows('SELECT n FROM pages')).map((row) => Number(row['n'])));
  const quarantined: Quarantined[] = [];
  const slow = await readSlowly(
    segment,
    pages.filter((page) => !parsed.has(page.n)),
    innerLists(tables),
    quarantined,
  );
  for (const table of tables) {
    const cursor = table.cursor === undefined ? 'NULL::TIMESTAMPTZ' : identifier(table.cursor);
    const names = identifiers(Object.keys(table.columns));
    await createStaged(duck, table);
    const rows = recordSources(table).map(({ source, nested }) => {
      const { columns, where } = projection(table, nested);
      return `SELECT ${columns}, ${rowNumber} AS _row FROM (${source}) WHERE m."@removed" IS NULL AND ${where}`;
    });
    const insert = `INSERT INTO ${staged(table)} BY NAME SELECT ${names}, 'upsert' AS _op, ${cursor} AS _version, ${commit} AS _commit, _row`;
    await duck.run(`${insert} FROM (${rows.join(' UNION ALL ')})`);
    const path = join(folder, `${table.name}.slow.ndjson`);
    if (slow.size > 0 && (await writeRows(path, table, slow)) > 0)
      await duck.run(`${insert} FROM (${slowRows(table)})`, [path]);
    quarantined.push(...(await takeKeyless(duck, segment, table, pages)));
  }
  return quarantined;
}

async function stageNothing(duck: Duck, tables: readonly TableShape[]): Promise<[]> {
  for (const table of tables) await createStaged(duck, table);
  return [];
}

const createStaged = (duck: Duck, table: TableShape) =>
  duck.run(`CREATE OR REPLACE TEMP TABLE ${staged(table)} (${changeDefinitions(table)})`);

async function parsePages(duck: Duck, path: string, pages: readonly SpooledPage[], tables: readonly TableShape[]) {
  const record = recordShape(tables) as Record<string, unknown>;
  const inner = Object.fromEntries(innerLists(tables).map((list) => [list, [record]]));
  const shape = {
    n: 'INTEGER',
    ctx: Object.fromEntries(CONTEXT.map((key) => [key, 'VARCHAR'])),
    page: { value: [{ ...record, ...inner }] },
  };
  const longest = pages.reduce((bytes, page) => Math.max(bytes, page.lineLength), DEFAULT_LINE_BYTES);
  const raw = tables.some((table) => '_raw' in table.columns);
  await duck.run(
    `CREATE OR REPLACE TEMP TABLE pages AS SELECT p.n AS n, p.ctx AS ctx, p.page.value AS value, raw
     FROM (SELECT from_json(json, ${literal(JSON.stringify(shape))}) AS p,
             ${raw ? `from_json(json, '{"page":{"value":["JSON"]}}').page.value` : 'NULL::VARCHAR[]'} AS raw
           FROM read_ndjson_objects($1::VARCHAR, ignore_errors = true, maximum_object_size = ${longest}))
     WHERE p.page.value IS NOT NULL`,
    [path],
  );
}

/** `replies` of `value.replies`. */
function innerLists(tables: readonly TableShape[]): readonly string[] {
  const paths = new Set(tables.flatMap((table) => table.records ?? ['value']));
  return [...paths].filter((path) => path !== 'value').map((path) => path.slice('value.'.length));
}

/** SELECTs that put every record in scope as the projection needs it. */
export function recordSources(table: TableShape): readonly { source: string; nested: boolean }[] {
  const outer = `SELECT n, ctx, unnest(value) AS m, unnest(raw) AS raw, generate_subscripts(value, 1) AS outer_at, 0 AS inner_at FROM pages`;
  return (table.records ?? ['value']).map((path) => {
    if (path === 'value') return { source: outer, nested: false };
    const list = path.slice('value.'.length);
    const inside = `m.${identifier(list)}`;
    const raws = `from_json(raw, ${literal(JSON.stringify({ [list]: ['JSON'] }))}).${identifier(list)}`;
    const source = `SELECT n, ctx, m AS parent, outer_at, unnest(${inside}) AS m, unnest(${raws}) AS raw,
      generate_subscripts(${inside}, 1) AS inner_at FROM (${outer}) WHERE len(${inside}) > 0`;
    return { source, nested: true };
  });
}

async function readSlowly(
  segment: Segment,
  pages: readonly SpooledPage[],
  lists: readonly string[],
  quarantined: Quarantined[],
): Promise<Map<number, PlacedRecord[]>> {
  const slow = new Map<number, PlacedRecord[]>();
  for (const page of pages) {
    const bytes = await segment.read(page);
    const records = readPage(bytes, page, lists);
    if (typeof records === 'string') quarantined.push({ page, reason: records, bytes });
    else slow.set(page.n, records);
  }
  return slow;
}

/** Rows that JavaScript made, cast like those of the fast path. */
function slowRows(table: TableShape): string {
  const row = Object.fromEntries(Object.entries(table.columns).map(([name, { type }]) => [name, textShape(type)]));
  const shape = literal(JSON.stringify({ n: 'INTEGER', outer: 'INTEGER', inner: 'INTEGER', row }));
  const columns = Object.entries(table.columns).map(
    ([name, { type }]) => `TRY_CAST(s.row.${identifier(name)} AS ${duckdbType(type)}) AS ${identifier(name)}`,
  );
  const places = 's.n AS n, s.outer AS outer_at, s.inner AS inner_at';
  return `SELECT * EXCLUDE (n, outer_at, inner_at), ${rowNumber} AS _row FROM (
    SELECT ${columns.join(', ')}, ${places} FROM (SELECT from_json(json, ${shape}) AS s
      FROM read_ndjson_objects($1::VARCHAR, maximum_object_size = ${4 * DEFAULT_LINE_BYTES})))`;
}

/** Takes rows without a whole key out; their records go to quarantine. */
async function takeKeyless(
  duck: Duck,
  segment: Segment,
  table: TableShape,
  pages: readonly SpooledPage[],
): Promise<Quarantined[]> {
  const keyless = table.primaryKey.map((name) => `${identifier(name)} IS NULL`).join(' OR ');
  const places = await duck.rows(
    `SELECT (_row >> 40)::INTEGER AS n, ((_row >> 20) & 1048575)::INTEGER AS outer_at, (_row & 1048575)::INTEGER AS inner_at
     FROM ${staged(table)} WHERE ${keyless}`,
  );
  if (places.length === 0) return [];
  await duck.run(`DELETE FROM ${staged(table)} WHERE ${keyless}`);
  const found: Quarantined[] = [];
  for (const place of places) {
    const page = pages.find(({ n }) => n === place['n'])!;
    const records = readPage(await segment.read(page), page, innerLists([table]));
    const record =
      typeof records === 'string'
        ? undefined
        : records.find(({ outer, inner }) => outer === place['outer_at'] && inner === place['inner_at'])?.record;
    found.push({ page, reason: 'key_missing', bytes: Buffer.from(JSON.stringify(record ?? null)) });
  }
  return found;
}
