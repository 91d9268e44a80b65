import { isUtf8 } from 'node:buffer';
import type { Page } from '../graph/types.ts';
import { salvageRecords } from '../lake/transform/salvage.ts';

/**
 * The records of a page. Of a page that is no JSON as a whole, those that are: the lake names the others. Never throws
 * and never quotes.
 */
export function records<T>(page: Pick<Page, 'bytes'>): readonly T[] {
  try {
    const { value } = JSON.parse(Buffer.from(page.bytes).toString('utf8')) as { value?: unknown };
    return Array.isArray(value) ? (value as T[]) : [];
  } catch {
    return (salvageRecords(page.bytes, hasId)?.records ?? []).map(({ value }) => value as T);
  }
}

/** True when some record of the page cannot be read. */
export function isDamaged(page: Pick<Page, 'bytes'>): boolean {
  const body = outline(page.bytes) as { readonly value?: unknown } | null | undefined;
  return !Array.isArray(body?.value);
}

/**
 * What a page holds beside its records: stretches of its list that are no JSON, which the lake sets aside. None of a
 * page whose list has no end: nobody knows what is missing, and the lake holds its partition's position.
 */
export function lostOn({ bytes }: Pick<Page, 'bytes'>): readonly Uint8Array[] {
  if (outline(bytes) !== undefined) return [];
  const salvage = salvageRecords(bytes, hasId);
  return salvage?.complete ? salvage.lost : [];
}

/**
 * Undefined: no JSON. The parser's own error quotes the text and goes no further. What is said of UTF-8 holds of its bytes
 * one by one, since all that structures JSON is ASCII: texts come out wrong and nobody reads them, at half the cost.
 */
function outline(bytes: Uint8Array): unknown {
  if (!isUtf8(bytes)) return undefined;
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1'));
  } catch {
    return undefined;
  }
}

/** What Graph lists has an id and a type or a name; what stands inside a record has less. */
function hasId(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return 'id' in value && Object.keys(value).length >= 3;
}
