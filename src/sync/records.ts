import { isUtf8 } from 'node:buffer';
import type { Page } from '../graph/types.ts';
import { salvageRecords } from '../lake/salvage.ts';

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

/**
 * What a page holds beside its records: stretches of its list that are no JSON, which the lake sets aside. None of a
 * page whose list has no end: nobody knows what is missing, and the lake holds its partition's position.
 */
export function lostOn({ bytes }: Pick<Page, 'bytes'>): readonly Uint8Array[] {
  if (isJson(bytes)) return [];
  const salvage = salvageRecords(bytes, hasId);
  return salvage?.complete ? salvage.lost : [];
}

function isJson(bytes: Uint8Array): boolean {
  if (!isUtf8(bytes)) return false;
  try {
    JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
    return true;
  } catch {
    return false;
  }
}

/** What Graph lists has an id and a type or a name; what stands inside a record has less. */
function hasId(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return 'id' in value && Object.keys(value).length >= 3;
}
