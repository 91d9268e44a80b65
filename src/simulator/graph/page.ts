import { createHash } from 'node:crypto';
import { json, type TwinAnswer } from '../protocol/exchange.ts';
import { GraphRefusal, refusals } from '../protocol/graph-refusal.ts';
import { plainPath } from '../protocol/odata-path.ts';
import type { GraphCall } from './call.ts';

/** Content type of every Graph answer. */
export const graphContentType =
  'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8';

interface TokenFacts {
  /** The query of the first call. */
  readonly query: string;
  readonly position: string;
  /** Which page of its list it leads to, from 1. */
  readonly page: number;
}

const encode = ({ query, position, page }: TokenFacts) =>
  Buffer.from(JSON.stringify([query, position, page])).toString('base64url');

/** Reads a `$skiptoken` or `$deltatoken` that the twin gave out. */
export function readToken(token: string): TokenFacts {
  try {
    const [query, position, page] = JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as unknown[];
    if (typeof query === 'string' && typeof position === 'string' && typeof page === 'number') {
      return { query, position, page };
    }
  } catch {
    // Not one of ours: refused below.
  }
  throw new GraphRefusal(refusals.badRequest('Invalid skip token.'));
}

/** A token carries the query of the first call; an empty delta token starts over. */
export function firstQuery(query: URLSearchParams): Pick<GraphCall, 'query' | 'position' | 'page'> {
  const token = query.get('$skiptoken') ?? query.get('$deltatoken');
  if (token === null || token === '') return { query, position: undefined, page: 1 };
  const carried = readToken(token);
  return { query: new URLSearchParams(carried.query), position: carried.position, page: carried.page };
}

/** A link that carries the whole query inside its token, in the path form Graph answers with. */
export function link(
  call: Pick<GraphCall, 'root' | 'query' | 'page' | 'behaviour'>,
  path: string,
  token: '$skiptoken' | '$deltatoken',
  position: string,
): string {
  const page = token === '$skiptoken' ? call.page + 1 : 1;
  const carried = `${token}=${encode({ query: call.query.toString(), position, page })}`;
  if (call.behaviour.form === 'regular') return `${call.root}${path}?${carried}`;
  return `${call.root}${plainIds(path)}?${keptQuery(call.query, path)}${carried}`;
}

/** `/teams('t')/channels('19%3Ax%40y')` as `/teams/t/channels/19:x@y`. */
const plainIds = (path: string): string => decodeURIComponent(plainPath(path));

/** Links of getAllMessages repeat the options of the first call. */
function keptQuery(query: URLSearchParams, path: string): string {
  if (!path.endsWith('/getallMessages')) return '';
  return [...query].map(([name, value]) => `${name}=${encodeURIComponent(value)}&`).join('');
}

/** Rows this page may hold: as asked, a few short at times (by the seed, the place and the rows that remain), or as a fault says. */
export function rowsOfPage(call: GraphCall, size: number, remaining: number): number {
  if (call.pageLimit !== undefined) return Math.min(call.pageLimit, size);
  const { shortPages, seed } = call.behaviour;
  if (shortPages <= 0 || remaining <= size || size < 2) return size;
  const place = Object.values(call.ids).join(' ');
  const digest = createHash('sha1').update(`${seed} ${place} ${remaining}`).digest();
  if (digest.readUInt32BE(0) / 0x1_0000_0000 >= shortPages) return size;
  return Math.max(1, size - 1 - (digest[4]! % Math.max(1, Math.floor(size / 5))));
}

/** A slice of rows and where the next one starts. */
export function slice<T>(call: GraphCall, rows: readonly T[], size: number): { rows: T[]; next: number | undefined } {
  const start = call.position === undefined ? 0 : Number(call.position);
  const end = start + rowsOfPage(call, size, rows.length - start);
  return { rows: rows.slice(start, end), next: end < rows.length ? end : undefined };
}

/** A page of small records, paged by position. */
export function recordPage(
  call: GraphCall,
  page: {
    readonly context: string;
    readonly path: string;
    readonly size: number;
    readonly count?: boolean | undefined;
  },
  records: readonly Readonly<Record<string, unknown>>[],
): TwinAnswer {
  const { rows, next } = slice(call, records, page.size);
  return json(
    200,
    {
      '@odata.context': context(call, page.context),
      '@odata.count': page.count && call.position === undefined ? records.length : undefined,
      '@odata.nextLink': next === undefined ? undefined : link(call, page.path, '$skiptoken', String(next)),
      value: rows,
    },
    { 'content-type': graphContentType },
  );
}

export const context = (call: Pick<GraphCall, 'root'>, entity: string) => `${call.root}/$metadata#${entity}`;

/** One record by itself. */
export function entity(call: GraphCall, type: string, record: Readonly<Record<string, unknown>>): TwinAnswer {
  return json(200, { '@odata.context': context(call, type), ...record }, { 'content-type': graphContentType });
}

const comma = Buffer.from(',');
const end = Buffer.from(']}');

/** A page of messages that are bytes already. `@odata.count` is the length of this page, as a string: as really seen. */
export function messagePage(
  head: {
    readonly context: string;
    readonly nextLink?: string | undefined;
    readonly deltaLink?: string | undefined;
    readonly counted?: boolean | undefined;
  },
  rows: readonly Uint8Array[],
): TwinAnswer {
  const start = JSON.stringify({
    '@odata.context': head.context,
    '@odata.count': head.counted ? String(rows.length) : undefined,
    '@odata.nextLink': head.nextLink,
    '@odata.deltaLink': head.deltaLink,
  });
  const parts: Uint8Array[] = [Buffer.from(`${start.slice(0, -1)},"value":[`)];
  for (const [index, row] of rows.entries()) {
    if (index > 0) parts.push(comma);
    parts.push(row);
  }
  parts.push(end);
  return { status: 200, headers: { 'content-type': graphContentType }, body: Buffer.concat(parts) };
}
