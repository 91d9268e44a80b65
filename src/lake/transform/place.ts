import type { TableShape } from '../../schema/column.ts';
import { innerPaths } from '../../schema/column.ts';

/**
 * Where a record stands in its page. `outer`: its place among the page's own records, from 1. `inner`: 0 for those; for a
 * record inside of one, its number among all of those at its depth, mixed with which path of records it is on.
 */
export interface RecordPlace {
  readonly outer: number;
  readonly inner: number;
}

/** Records of a page, and records inside of one record: so many have a place of their own. */
export const MOST_PLACES = 2 ** 20;

/** The number in which a place travels, `_row`: page, record, record inside. It orders what arrived. */
export const placeSql = (page: string, outer: string, inner: string): string =>
  `(${page}::BIGINT << 40) | (${outer}::BIGINT << 20) | ${inner}::BIGINT`;

/** The page of such a number. */
export const pageOfPlaceSql = (row: string): string => `(${row} >> 40)`;

/**
 * `inner` of a record.
 *
 * @param ordinal - its number, from 1, among the records on its path inside of one record of the page
 */
export function innerPlace(tables: readonly TableShape[], path: readonly string[], ordinal: number): number {
  const { paths, at } = pathAt(tables, path);
  return ordinal * paths + at;
}

/** The same as SQL. */
export function innerPlaceSql(tables: readonly TableShape[], path: readonly string[], ordinal: string): string {
  const { paths, at } = pathAt(tables, path);
  return paths === 1 ? ordinal : `${ordinal} * ${paths} + ${at}`;
}

function pathAt(tables: readonly TableShape[], path: readonly string[]): { paths: number; at: number } {
  const all = innerPaths(tables).map((steps) => steps.join('.'));
  return { paths: all.length, at: all.indexOf(path.join('.')) };
}
