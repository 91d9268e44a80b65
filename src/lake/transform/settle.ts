import type { TableShape } from '../../schema/column.ts';
import { partitionColumns } from '../../schema/column.ts';
import { identifier, identifiers, literal } from '../../schema/sql.ts';
import type { Duck } from '../engine/duck.ts';
import type { Span } from '../log/key-spans.ts';
import { clusterColumn, spansOf } from '../log/key-spans.ts';
import { mayHold } from '../tables/contested.ts';
import type { StoredTable, TableFiles } from '../tables/relations.ts';
import {
  changeDefinitions,
  currentRows,
  foundFiles,
  isEmpty,
  latestRows,
  scan,
  someFiles,
  standingFiles,
  winners,
} from '../tables/relations.ts';
import type { Stretch } from '../types.ts';
import { pageOfPlaceSql } from './place.ts';
import type { Staging } from './staging.ts';

/** Which partitions of a snapshot resource a segment lists completely, and which may stay. */
export interface Listing {
  /** Partitions with a complete listing in this segment. */
  readonly replaced: readonly string[];
  /** Of these, those with a record that could not be read, or whose listing is not believed: nothing is deleted there. */
  readonly unsure: readonly string[];
  /** Of these, those whose listing is complete for stretches of time alone. */
  readonly within: ReadonlyMap<string, readonly Stretch[]>;
  /** When set: rows of every other partition are deleted. */
  readonly retained?: readonly string[] | undefined;
  /** When set: all rows are one partition, and those with other keys are deleted. */
  readonly kept?: readonly string[] | undefined;
  /** Pages of listings that a later listing of the same partition supersedes. */
  readonly superseded: readonly number[];
}

const same = (columns: readonly string[], left: string, right: string): string =>
  columns.map((name) => `${left}.${identifier(name)} IS NOT DISTINCT FROM ${right}.${identifier(name)}`).join(' AND ');

const sameKey = (table: TableShape, left: string, right: string): string =>
  table.primaryKey.map((name) => `${left}.${identifier(name)} = ${right}.${identifier(name)}`).join(' AND ');

/** The temporary table of a table's change rows while they are settled. */
const settled = (table: TableShape): string => identifier(`rows_${table.name}`);

/** Makes the staged rows of a table changeable. Answers the relation that holds them. */
export async function materialise(duck: Duck, staging: Staging, table: TableShape): Promise<string> {
  await duck.run(`CREATE OR REPLACE TEMP TABLE ${settled(table)} (${changeDefinitions(table)})`);
  await duck.run(`INSERT INTO ${settled(table)} BY NAME ${staging.rows(table)}`);
  return settled(table);
}

export async function dropSettled(duck: Duck, table: TableShape): Promise<void> {
  await duck.run(`DROP TABLE IF EXISTS ${settled(table)}`);
}

/** Keeps the latest row of each key. */
export async function keepLatest(duck: Duck, table: TableShape): Promise<void> {
  const rows = settled(table);
  await duck.run(`DELETE FROM ${rows} WHERE (_commit, _row) NOT IN (${winners(table, rows)})`);
}

/**
 * Turns `@removed` records (reason `deleted`) into delete rows. What such a record does not say of the key is looked up;
 * where all say the whole key, no file is.
 */
export async function stageRemovals(duck: Duck, staging: Staging, stored: StoredTable): Promise<void> {
  const { table } = stored;
  const names = identifiers(table.primaryKey);
  const keys = table.primaryKey.map(identifier);
  const whole = keys.map((name) => `r.${name} IS NOT NULL`).join(' AND ');
  const fits = keys.map((name) => `(r.${name} IS NULL OR r.${name} = k.${name})`).join(' AND ');
  const known = keys.map((name) => `k.${name}`).join(', ');
  const aliased = table.primaryKey.map((name) => `${staging.alias(table, name)} AS ${identifier(name)}`).join(', ');
  const here = staging.belongs(table);
  const removals = `SELECT ${aliased}, removed_at, _row, ${here} AS here FROM records
    WHERE removed = 'deleted' AND ${here} IS NOT NULL`;
  const candidates = await filesOfPartial(duck, stored, `(SELECT * FROM (${removals}) r WHERE NOT (${whole}))`);
  const files = await foundFiles({ ...stored, files: candidates });
  await duck.run(`INSERT INTO ${settled(table)} BY NAME
    WITH removals AS (${removals}),
      known AS (SELECT ${names} FROM (${currentRows(table, files, { columns: table.primaryKey })}) UNION SELECT ${names} FROM ${settled(table)}),
      deletes AS (
        SELECT ${names}, removed_at, _row FROM removals r WHERE here AND ${whole}
        UNION ALL
        SELECT ${known}, r.removed_at, r._row FROM removals r JOIN known k ON ${fits} WHERE NOT (${whole}))
    SELECT ${names}, 'delete' AS _op, removed_at AS _version, ${staging.commit} AS _commit, max(_row) AS _row
    FROM deletes GROUP BY ALL`);
}

const NO_FILES: TableFiles = { base: [], newer: [], older: [] };

/** The files in which a row may stand that one of these removals means, whose keys are not whole. */
async function filesOfPartial(duck: Duck, { table, files }: StoredTable, partial: string): Promise<TableFiles> {
  const column = clusterColumn(table);
  const unsaid = column === undefined ? 'true' : `${identifier(column)} IS NULL`;
  const [found] = await duck.rows(
    `SELECT count(*)::INTEGER AS n, (count(*) FILTER (${unsaid}))::INTEGER AS unsaid FROM ${partial}`,
  );
  if (Number(found!['n']) === 0) return NO_FILES;
  const standing = standingFiles(files);
  return Number(found!['unsaid']) > 0 ? standing : filesHolding(table, standing, await spansOf(duck, table, partial));
}

/** The files in which a key of these spans may stand. */
function filesHolding(table: TableShape, files: TableFiles, spans: readonly Span[] | undefined): TableFiles {
  const { base, newer, older } = files;
  return {
    base: mayHold(table, base, spans),
    newer: mayHold(table, newer, spans),
    older: mayHold(table, older, spans),
  };
}

/**
 * Drops staged rows that say nothing new: an older version than the lake has, or the same version with the same
 * content. Only rows of the staged versions and later are looked at, in files where a staged key can stand, and only those
 * that may be equal are read whole, so the cost follows the changes, not the tenant.
 *
 * @param among - relation of the rows that may be known; default: all
 */
export async function dropKnown(duck: Duck, stored: StoredTable, among: string = settled(stored.table)): Promise<void> {
  const { table } = stored;
  const rows = settled(table);
  const [least] = await duck.rows(
    `SELECT epoch_ms(min(_version) FILTER (isfinite(_version)))::DOUBLE AS at FROM ${among}`,
  );
  if (typeof least?.['at'] !== 'number') return;
  const from = new Date(Math.floor(least['at'])).toISOString();
  const near = someFiles(standingFiles(stored.files), ({ maxCursor = '' }) => maxCursor >= from);
  const holding = filesHolding(table, near, await spansOf(duck, table, among));
  const candidates = await foundFiles({ ...stored, files: holding });
  const recent = `_version >= TIMESTAMPTZ '${from}'`;
  const key = identifiers(table.primaryKey);
  await duck.run(`CREATE OR REPLACE TEMP TABLE known AS
    SELECT ${key}, _op, _version, _commit, _row FROM (${latestRows(table, candidates, { where: recent, columns: table.primaryKey })})
    SEMI JOIN ${among} USING (${key})`);
  await duck.run(`DELETE FROM ${rows} WHERE (_commit, _row) IN (
    SELECT (n._commit, n._row) FROM ${rows} n JOIN known k ON ${sameKey(table, 'n', 'k')}
    WHERE k._version > n._version OR (n._op = 'delete' AND k._op = 'delete'))`);
  const commits = await duck.rows(`SELECT DISTINCT k._commit AS n FROM ${rows} n JOIN known k
    ON ${sameKey(table, 'n', 'k')} WHERE k._version = n._version AND k._op = n._op`);
  if (commits.length === 0) return;
  const whole = scan(table, [...candidates.base, ...candidates.newer], {
    where: `${recent} AND _commit IN (${commits.map(({ n }) => String(n)).join(', ')})`,
  });
  await duck.run(`DELETE FROM ${rows} WHERE (_commit, _row) IN (
    SELECT (n._commit, n._row) FROM ${rows} n
    JOIN (SELECT * FROM (${whole}) SEMI JOIN known USING (_commit, _row)) k ON ${sameKey(table, 'n', 'k')}
    WHERE k._version = n._version AND k._op = n._op AND ${same(Object.keys(table.columns), 'n', 'k')})`);
}

const partitionKey = (columns: readonly string[]): string =>
  columns.length > 0 ? `concat_ws('/', ${identifiers(columns)})` : "''";

/** How many rows each partition of a snapshot table has now. */
export async function standingRows(duck: Duck, stored: StoredTable): Promise<ReadonlyMap<string, number>> {
  const { table } = stored;
  if (isEmpty(stored.files)) return new Map();
  const files = await foundFiles({ ...stored, files: standingFiles(stored.files) });
  const current = currentRows(table, files, { columns: table.primaryKey });
  const rows = await duck.rows(
    `SELECT ${partitionKey(partitionColumns(table))} AS key, count(*)::INTEGER AS n FROM (${current}) GROUP BY ALL`,
  );
  return new Map(rows.map(({ key, n }) => [String(key), Number(n)]));
}

/** The ids of the rows that each partition of a snapshot table has now, and their order. */
export interface StandingIds {
  /** Only rows with these values, or none. */
  readonly where: Readonly<Record<string, string>>;
  /** The column whose least value comes first. */
  readonly eldestBy: string;
}

export async function standingIds(
  duck: Duck,
  stored: StoredTable,
  { where, eldestBy }: StandingIds,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const { table } = stored;
  if (isEmpty(stored.files)) return new Map();
  const files = await foundFiles({ ...stored, files: standingFiles(stored.files) });
  const columns = partitionColumns(table);
  const id = table.primaryKey.find((name) => !columns.includes(name))!;
  const conditions = Object.entries(where).map(
    ([name, value]) => `coalesce(${identifier(name)}, ${literal(value)}) = ${literal(value)}`,
  );
  const read = new Set([...table.primaryKey, ...Object.keys(where), eldestBy]);
  const current = currentRows(table, files, { columns: [...read] });
  const rows = await duck.rows(
    `SELECT ${partitionKey(columns)} AS key, ${identifier(id)} AS id FROM (${current})
      WHERE ${['true', ...conditions].join(' AND ')} ORDER BY ${identifier(eldestBy)} NULLS LAST, 2`,
  );
  const found = new Map<string, string[]>();
  for (const { key, id } of rows) found.set(String(key), [...(found.get(String(key)) ?? []), String(id)]);
  return found;
}

/** Compares complete listings with the rows that stand: what is the same goes, what is no longer listed becomes a delete. */
export async function diffListing(duck: Duck, stored: StoredTable, listing: Listing, commit: number): Promise<void> {
  const { table } = stored;
  const files = await foundFiles({ ...stored, files: standingFiles(stored.files) });
  const rows = settled(table);
  if (listing.superseded.length > 0) {
    await duck.run(`DELETE FROM ${rows} WHERE ${pageOfPlaceSql('_row')} IN (${listing.superseded.join(', ')})`);
  }
  await keepLatest(duck, table);
  const partition = partitionKey(partitionColumns(table));
  await duck.run(`CREATE OR REPLACE TEMP TABLE standing (${changeDefinitions(table)}, partition_key VARCHAR)`);
  const { retained, kept, replaced, unsure } = listing;
  const key = partitionKey(table.primaryKey);
  const touched = [
    `partition_key IN (${list(1)})`,
    ...(retained ? [`partition_key NOT IN (${list(2)})`] : []),
    ...(kept ? [`${key} NOT IN (${list(retained ? 3 : 2)})`] : []),
  ].join(' OR ');
  const lists = [replaced, ...(retained ? [retained] : []), ...(kept ? [kept] : [])];
  await duck.run(
    `INSERT INTO standing BY NAME SELECT * FROM (SELECT *, ${partition} AS partition_key FROM (${currentRows(table, files)}))
     WHERE ${touched}`,
    lists.map((values) => JSON.stringify(values)),
  );
  const names = identifiers(table.primaryKey);
  await duck.run(
    `INSERT INTO ${rows} BY NAME
     SELECT ${names}, 'delete' AS _op, ${commit} AS _commit, -row_number() OVER () AS _row
     FROM (SELECT * FROM standing ANTI JOIN ${rows} USING (${names}))
     WHERE (partition_key NOT IN (${list(1)})${untouchedSql(table, listing)})${kept ? ` OR ${key} NOT IN (${list(2)})` : ''}`,
    [unsure, ...(kept ? [kept] : [])].map((values) => JSON.stringify(values)),
  );
  await duck.run(`DELETE FROM ${rows} WHERE (_commit, _row) IN (
    SELECT (n._commit, n._row) FROM ${rows} n JOIN standing k ON ${sameKey(table, 'n', 'k')}
    WHERE n._op = 'upsert' AND ${same(Object.keys(table.columns), 'n', 'k')})`);
}

/** Rows that none of their partition's stretches touches stay. One that says no time does. */
function untouchedSql({ lasts }: TableShape, { within }: Listing): string {
  if (lasts === undefined || within.size === 0) return '';
  const [from, to] = lasts.map(identifier);
  const elsewhere = `partition_key NOT IN (${[...within.keys()].map(literal).join(', ')})`;
  const stretches = [...within].flatMap(([partition, some]) =>
    some.map((one) => `(${literal(partition)}, TIMESTAMPTZ ${literal(one.from)}, TIMESTAMPTZ ${literal(one.to)})`),
  );
  if (stretches.length === 0) return ` AND ${elsewhere}`;
  return ` AND (${elsewhere} OR EXISTS (SELECT 1 FROM (VALUES ${stretches.join(', ')}) w(partition_name, begins, ends)
    WHERE w.partition_name = partition_key AND ${from} < w.ends AND greatest(${to}, ${from} + INTERVAL 1 MICROSECOND) > w.begins))`;
}

/** A bound list of texts. It travels as JSON: a bound list must know its type even when it is empty. */
const list = (parameter: number): string => `SELECT unnest(from_json($${parameter}::VARCHAR, '["VARCHAR"]'))`;
