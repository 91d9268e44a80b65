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

/** True when some record of the page cannot be read. */
export function isDamaged(page: Pick<Page, 'bytes'>): boolean {
  try {
    const { value } = JSON.parse(Buffer.from(page.bytes).toString('utf8')) as { value?: unknown };
    return !Array.isArray(value);
  } catch {
    return true;
  }
}

/** What Graph lists has an id and a type or a name; what stands inside a record has less. */
function hasId(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return 'id' in value && Object.keys(value).length >= 3;
}
