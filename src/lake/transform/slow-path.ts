import { writeFile } from 'node:fs/promises';
import type { TableShape } from '../../schema/column.ts';
import { innerPaths } from '../../schema/column.ts';
import type { Json, RecordInput } from '../../schema/row.ts';
import { recordReader } from '../../schema/row.ts';
import { innerPlace, type RecordPlace } from './place.ts';
import { recordTest, salvageRecords } from './salvage.ts';
import type { SpooledPage } from './spool.ts';

/**
 * Bytes that gave no row, or a row with NULL where a value could not be read, and why. They are kept in
 * `<lake>/quarantine`.
 */
export interface Quarantined {
  readonly page: SpooledPage;
  readonly table: string;
  readonly reason: 'page_unreadable' | 'page_without_value' | 'record_unreadable' | 'key_missing' | 'value_malformed';
  readonly bytes: Uint8Array;
}

/** A record of a page read in JavaScript. */
export type PlacedRecord = RecordInput & RecordPlace;

/** What a page read in JavaScript comes to. */
export interface ReadPage {
  readonly records: readonly PlacedRecord[];
  readonly lost: readonly Pick<Quarantined, 'reason' | 'bytes'>[];
}

/**
 * Reads a page that DuckDB could not: as UTF-8 and JSON, lone surrogates replaced by U+FFFD. Of a page that is no JSON
 * every record that is JSON is read, and the rest is lost. `page_…` are reasons for which nobody knows what is missing.
 */
export function readPage(bytes: Uint8Array, page: SpooledPage, tables: readonly TableShape[]): ReadPage {
  const body = parsed(bytes);
  if (body !== undefined) {
    const value = member(body, 'value');
    if (!Array.isArray(value)) return { records: [], lost: [{ reason: 'page_without_value', bytes }] };
    return { records: placed(value as Json[], page, tables), lost: [] };
  }
  const salvage = salvageRecords(bytes, recordTest(tables));
  const isHopeless = !salvage || (!salvage.complete && salvage.records.length + salvage.lost.length < 2);
  if (isHopeless) return { records: [], lost: [{ reason: 'page_unreadable', bytes }] };
  const values = salvage.records.map((record) => parsed(record.bytes)!);
  const reason = salvage.complete ? 'record_unreadable' : 'page_unreadable';
  const lost = salvage.lost.map((piece) => ({ reason, bytes: piece }) as const);
  return {
    records: placed(values, page, tables),
    lost: salvage.complete || lost.length > 0 ? lost : [{ reason, bytes }],
  };
}

/** Undefined: no JSON. The parser's own error quotes the text and goes no further. */
function parsed(bytes: Uint8Array): Json | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return JSON.parse(text, (_, value) => (typeof value === 'string' ? wellFormed(value) : value)) as Json;
  } catch {
    return undefined;
  }
}

function placed(value: readonly Json[], page: SpooledPage, tables: readonly TableShape[]): readonly PlacedRecord[] {
  const context = page.context as unknown as Record<string, Json>;
  return value.flatMap((record, at): PlacedRecord[] => {
    const outer = at + 1;
    const own = { record, steps: [], parents: [], context, outer, inner: 0 };
    const inside = innerPaths(tables).flatMap((steps) =>
      recordsInside(record, steps).map((found, place) => ({
        ...found,
        ...{ steps, context, outer, inner: innerPlace(tables, steps, place + 1) },
      })),
    );
    return [own, ...inside];
  });
}

/** The records on a path inside of a record, in order, each with those around it. */
function recordsInside(
  record: Json,
  [list, ...rest]: readonly string[],
  around: readonly Json[] = [],
): readonly Pick<RecordInput, 'record' | 'parents'>[] {
  if (list === undefined) return [{ record, parents: around }];
  const inside = member(record, list);
  return Array.isArray(inside) ? inside.flatMap((one: Json) => recordsInside(one, rest, [record, ...around])) : [];
}

/** One line per record that concerns `table`, for DuckDB to cast and add to those of the fast path. Answers how many. */
export async function writeRecords(
  path: string,
  table: TableShape,
  pages: ReadonlyMap<number, readonly PlacedRecord[]>,
): Promise<number> {
  const reader = recordReader(table);
  const lines: string[] = [];
  for (const [n, records] of pages) {
    for (const input of records) {
      const { outer, inner } = input;
      const mark = member(input.record, '@removed');
      const removed = mark === null ? null : (member(mark, 'reason') ?? '');
      const belongs = reader.belongs(input);
      if (!belongs && removed === null) continue;
      const misshapen = reader.hasWrongShape(input);
      const { fetchedAt: at, since, until } = input.context;
      lines.push(
        JSON.stringify({ n, outer, inner, removed, belongs, misshapen, at, since, until, row: reader.row(input) }),
      );
    }
  }
  await writeFile(path, lines.join('\n'));
  return lines.length;
}

function member(value: Json, key: string): Json {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? ((value as { readonly [key: string]: Json })[key] ?? null) : null;
}

/** A JSON text may hold half of a surrogate pair; UTF-8 cannot. */
const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, '\uFFFD');
