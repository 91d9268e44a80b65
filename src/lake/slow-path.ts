import { writeFile } from 'node:fs/promises';
import type { TableShape } from '../schema/column.ts';
import type { Json, RecordInput } from '../schema/row.ts';
import { recordReader } from '../schema/row.ts';
import type { SpooledPage } from './spool.ts';

/** Place of a record in a page: `inner` is 0 for the page's own records, else the place (from 1) in the list inside one. */
export interface RecordPlace {
  readonly outer: number;
  readonly inner: number;
}

/**
 * Bytes that gave no row, or a row with NULL where a value could not be read, and why. They are kept in
 * `<lake>/quarantine`.
 */
export interface Quarantined {
  readonly page: SpooledPage;
  readonly table: string;
  readonly reason: 'page_unreadable' | 'page_without_value' | 'key_missing' | 'value_malformed';
  readonly bytes: Uint8Array;
}

/** A record of a page read in JavaScript. */
export type PlacedRecord = RecordInput & RecordPlace;

/**
 * Reads a page that DuckDB could not: as UTF-8 and JSON, lone surrogates replaced by U+FFFD. Answers its records, or
 * why it has none.
 */
export function readPage(
  bytes: Uint8Array,
  page: SpooledPage,
  lists: readonly string[],
): PlacedRecord[] | Quarantined['reason'] {
  let body: Json;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    body = JSON.parse(text, (_, value) => (typeof value === 'string' ? wellFormed(value) : value));
  } catch {
    return 'page_unreadable';
  }
  const value = member(body, 'value');
  if (!Array.isArray(value)) return 'page_without_value';
  const context = page.context as unknown as Record<string, Json>;
  return (value as Json[]).flatMap((record, at): PlacedRecord[] => {
    const outer = at + 1;
    const found: PlacedRecord[] = [{ record, parent: null, context, outer, inner: 0 }];
    for (const list of lists) {
      const nested = member(record, list);
      if (!Array.isArray(nested)) continue;
      nested.forEach((inside: Json, place) => {
        found.push({ record: inside, parent: record, context, outer, inner: place + 1 });
      });
    }
    return found;
  });
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
      if (belongs || removed !== null)
        lines.push(
          JSON.stringify({ n, outer, inner, removed, belongs, at: input.context['fetchedAt'], row: reader.row(input) }),
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
