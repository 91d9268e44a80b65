import type { TableShape } from '../../schema/column.ts';
import { innerLists } from '../../schema/column.ts';
import { recordShape, wherePaths } from '../../schema/json-shape.ts';
import type { Json } from '../../schema/row.ts';

/** What can be had of a page that is no JSON as a whole. */
export interface Salvage {
  /** Records of `value` that are whole, in order. */
  readonly records: readonly SalvagedRecord[];
  /** Stretches of `value` that hold no whole record, as received. */
  readonly lost: readonly Uint8Array[];
  /** The list has its closing bracket: nothing of it is missing beyond what is in `lost`. */
  readonly complete: boolean;
}

export interface SalvagedRecord {
  readonly value: Json;
  readonly bytes: Uint8Array;
}

/** Tells a record of a resource from an object inside one. */
export type RecordTest = (value: Json) => boolean;

/** How often a page is gone through at most, in its own length: what hostile bytes may cost. */
const WORK_SHARE = 64;

/**
 * Splits the list `value` of a malformed page into records by balancing brackets over its bytes, without a parse of the
 * whole. A record with a raw control character or bytes that are no UTF-8 is lost alone. Where quotes do not balance,
 * the next record is the next object that is whole JSON and passes `isRecord`.
 *
 * @returns undefined where no list `value` begins
 */
export function salvageRecords(page: Uint8Array, isRecord: RecordTest): Salvage | undefined {
  const bytes = Buffer.from(page.buffer, page.byteOffset, page.byteLength);
  const start = listStart(bytes);
  if (start === undefined) return undefined;
  const records: SalvagedRecord[] = [];
  const lost: Uint8Array[] = [];
  const work = { left: bytes.length * WORK_SHARE };
  let at = skip(bytes, start, SEPARATORS);
  while (at < bytes.length && bytes[at] !== CLOSE_LIST) {
    const end = elementEnd(bytes, at, work);
    const value = end === undefined ? undefined : parsed(bytes.subarray(at, end));
    if (end !== undefined && value !== undefined) {
      records.push({ value, bytes: bytes.subarray(at, end) });
      at = skip(bytes, end, SEPARATORS);
      continue;
    }
    const limit = end ?? listEnd(bytes, at);
    for (const part of partsOf(bytes, { from: at, limit, work, isRecord })) {
      if (part.value === undefined) lost.push(part.bytes);
      else records.push({ value: part.value, bytes: part.bytes });
    }
    at = skip(bytes, limit, SEPARATORS);
  }
  return { records, lost, complete: bytes[at] === CLOSE_LIST };
}

/**
 * Most of an object's members, and three at least, are those that the tables of a resource read, and it says itself which
 * table it belongs to. What stands inside records (an attachment, a mention) shares an `id` with them, not more.
 */
export function recordTest(tables: readonly TableShape[]): RecordTest {
  const known = new Set([...Object.keys(recordShape(tables, [], false) as object), ...innerLists(tables)]);
  const telling = tables.flatMap(wherePaths).filter((path) => !path.startsWith('$') && !path.includes('.'));
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    const names = Object.keys(value).filter((name) => !name.includes('@'));
    const shared = names.filter((name) => known.has(name)).length;
    return shared >= 3 && shared * 2 >= names.length && telling.every((name) => name in value);
  };
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const COMMA = 0x2c;
const COLON = 0x3a;
const BLANKS = new Set([0x20, 0x09, 0x0a, 0x0d]);
const SEPARATORS = new Set([...BLANKS, COMMA]);
/** What stands before an object of a list. */
const STARTS = new Set([COMMA, OPEN_LIST]);

/** Annotations and brackets that close a page after its list. */
const PAGE_END = /\]\s*(?:,\s*"@[^"]*"\s*:\s*(?:"[^"]*"|[\w.+-]+)\s*)*\}\s*$/;

function skip(bytes: Buffer, from: number, which: ReadonlySet<number>): number {
  let at = from;
  while (at < bytes.length && which.has(bytes[at]!)) at += 1;
  return at;
}

/** The place of the last byte before `from` that is no blank. */
function lastBefore(bytes: Buffer, from: number): number {
  let at = from - 1;
  while (at >= 0 && BLANKS.has(bytes[at]!)) at -= 1;
  return at;
}

/** Where the first element of the page's own `value` may stand; where that cannot be told, of the first `value` that is a list. */
function listStart(bytes: Buffer): number | undefined {
  const found: number[] = [];
  const name = '"value"';
  for (let at = bytes.indexOf(name); at >= 0; at = bytes.indexOf(name, at + name.length)) {
    const colon = skip(bytes, at + name.length, BLANKS);
    const bracket = skip(bytes, colon + 1, BLANKS);
    if (bytes[colon] !== COLON || bytes[bracket] !== OPEN_LIST) continue;
    if (depthAt(bytes, at) === 1) return bracket + 1;
    found.push(bracket + 1);
    break;
  }
  return found[0];
}

/** How many brackets are open before a place. */
function depthAt(bytes: Buffer, place: number): number {
  let depth = 0;
  for (let at = 0; at < place; at += 1) {
    const byte = bytes[at]!;
    if (byte === QUOTE) at = stringEnd(bytes, at) - 1;
    else if (byte === OPEN_OBJECT || byte === OPEN_LIST) depth += 1;
    else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) depth -= 1;
  }
  return depth;
}

/** After the closing quote of the text that begins at `from`. */
function stringEnd(bytes: Buffer, from: number): number {
  let at = from + 1;
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at + 1;
}

/** After the element that begins at `from`, where brackets balance and a separator or the list's end follows. */
function elementEnd(bytes: Buffer, from: number, work: { left: number }): number | undefined {
  const open: number[] = [];
  let at = from;
  while (at < bytes.length && work.left > 0) {
    const before = at;
    const byte = bytes[at]!;
    if (open.length === 0 && at > from && (byte === COMMA || byte === CLOSE_LIST)) return at;
    if (byte === QUOTE) at = stringEnd(bytes, at);
    else {
      if (byte === OPEN_OBJECT || byte === OPEN_LIST) open.push(byte === OPEN_OBJECT ? CLOSE_OBJECT : CLOSE_LIST);
      else if ((byte === CLOSE_OBJECT || byte === CLOSE_LIST) && open.pop() !== byte) return undefined;
      at += 1;
    }
    work.left -= at - before;
  }
  return undefined;
}

/** The end of the page's list when its elements cannot be told apart: before the annotations that close the page. */
function listEnd(bytes: Buffer, from: number): number {
  const tail = Math.max(from, bytes.length - 16_384);
  const end = PAGE_END.exec(bytes.toString('latin1', tail));
  return end ? tail + end.index : bytes.length;
}

/** A stretch that is no JSON, cut at the objects of lists that are whole JSON and records. */
function partsOf(
  bytes: Buffer,
  stretch: { from: number; limit: number; work: { left: number }; isRecord: RecordTest },
): { bytes: Uint8Array; value?: Json }[] {
  const { from, limit, work, isRecord } = stretch;
  const parts: { bytes: Uint8Array; value?: Json }[] = [];
  let rest = from;
  const lose = (end: number) => {
    const piece = bytes.subarray(rest, end);
    if (skip(piece, 0, SEPARATORS) < piece.length) parts.push({ bytes: trimmed(piece) });
  };
  let at = bytes.indexOf(OPEN_OBJECT, from + 1);
  while (at >= 0 && at < limit) {
    const end = STARTS.has(bytes[lastBefore(bytes, at)]!) ? elementEnd(bytes, at, work) : undefined;
    const value = end === undefined || end > limit ? undefined : parsed(bytes.subarray(at, end));
    if (end !== undefined && value !== undefined && isRecord(value)) {
      lose(at);
      parts.push({ bytes: bytes.subarray(at, end), value });
      rest = end;
    }
    at = bytes.indexOf(OPEN_OBJECT, Math.max(rest, at + 1));
  }
  lose(limit);
  return parts;
}

/** Undefined: no JSON. The parser's own error quotes the text and goes no further. */
function parsed(bytes: Uint8Array): Json | undefined {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Json;
  } catch {
    return undefined;
  }
}

/** Without the separator that follows a stretch. */
function trimmed(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && SEPARATORS.has(bytes[end - 1]!)) end -= 1;
  return bytes.subarray(0, end);
}
