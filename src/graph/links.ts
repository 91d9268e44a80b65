import { type Outermost, outermost } from './outermost.ts';

/** The links of one page, still as the service wrote them. */
export interface PageLinks {
  readonly nextLink?: string | undefined;
  readonly deltaLink?: string | undefined;
  readonly replyLinks: readonly string[];
}

const NEXT = Buffer.from('"@odata.nextLink":"');
const DELTA = Buffer.from('"@odata.deltaLink":"');
const REPLIES = Buffer.from('"replies@odata.nextLink"');
const VALUE = Buffer.from('"value":');
const LIST = Buffer.from('"value":[');
const EDGE_BYTES = 8192;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const BLANKS: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);
const BRACKETS = [0x5b, 0x5d, 0x7b];

/**
 * Finds the links in the bytes of a page. They stand before or after the `value` array, so the edges are searched
 * first; only a hit that certainly belongs to the top level is believed. Without one the page is parsed, because a
 * listing must not end for the sake of a blank. Of a page that is no JSON the brackets tell.
 *
 * @throws SyntaxError when the page had to be parsed, is no JSON, and its brackets tell nothing either
 */
export function findLinks(page: Buffer, options: { readonly replies?: boolean } = {}): PageLinks {
  const replyLinks = options.replies ? findReplyLinks(page) : [];
  const nextLink = atTheEdge(page, NEXT);
  const deltaLink = atTheEdge(page, DELTA);
  if (nextLink !== undefined || deltaLink !== undefined) return links(nextLink, deltaLink, replyLinks);
  const member = membersOf(page);
  return links(text(member('@odata.nextLink')), text(member('@odata.deltaLink')), replyLinks);
}

/**
 * True for a list: an object whose `value` is an array.
 *
 * @throws SyntaxError when the page had to be parsed, is no JSON, and its brackets tell nothing either
 */
export function hasValue(page: Buffer): boolean {
  if (page.subarray(0, EDGE_BYTES).includes(LIST)) return true;
  return Array.isArray(membersOf(page)('value'));
}

/** The members at the top level, by name. */
function membersOf(page: Buffer): (name: string) => unknown {
  try {
    const parsed = JSON.parse(page.toString('utf8')) as Record<string, unknown>;
    return (name) => parsed[name];
  } catch (error) {
    const found = outermost(page);
    if (found === undefined) throw error;
    return (name) => unreadMember(found, name);
  }
}

function unreadMember({ texts, hasList }: Outermost, name: string): unknown {
  if (name === 'value') return hasList ? [] : undefined;
  const written = texts.get(name);
  return written === undefined ? undefined : (JSON.parse(`"${written}"`) as unknown);
}

function links(nextLink: string | undefined, deltaLink: string | undefined, replyLinks: readonly string[]): PageLinks {
  return { nextLink: nextLink || undefined, deltaLink: deltaLink || undefined, replyLinks };
}

const text = (value: unknown) => (typeof value === 'string' ? value : undefined);

/** A hit before any array or nested object began, or after the last one ended. */
function atTheEdge(page: Buffer, pattern: Buffer): string | undefined {
  const head = page.subarray(0, EDGE_BYTES);
  const first = head.indexOf(pattern);
  if (first > 0) {
    const value = head.indexOf(VALUE);
    const isTopLevel = (value < 0 || first < value) && !hasBracket(withoutStrings(head.subarray(1, first)));
    if (isTopLevel) return capture(page, first + pattern.length)?.text;
  }
  const tailStart = Math.max(0, page.length - EDGE_BYTES);
  const last = page.subarray(tailStart).lastIndexOf(pattern);
  if (last < 0) return undefined;
  const captured = capture(page, tailStart + last + pattern.length);
  if (!captured) return undefined;
  // What follows at the top level is members without arrays or objects, and one closing brace.
  const rest = withoutStrings(page.subarray(captured.end));
  return hasBracket(rest) || rest.indexOf('}') !== rest.lastIndexOf('}') ? undefined : captured.text;
}

const withoutStrings = (bytes: Buffer) => bytes.toString('latin1').replace(/"(?:[^"\\]|\\.)*"/g, '');
const hasBracket = (rest: string) => BRACKETS.some((code) => rest.includes(String.fromCharCode(code)));

/** The JSON string that begins at `start`, up to its first unescaped quote. */
function capture(page: Buffer, start: number): { text: string; end: number } | undefined {
  for (let end = page.indexOf(QUOTE, start); end >= 0; end = page.indexOf(QUOTE, end + 1)) {
    let backslashes = 0;
    while (page[end - 1 - backslashes] === BACKSLASH) backslashes++;
    if (backslashes % 2 === 1) continue;
    return { text: JSON.parse(`"${page.toString('utf8', start, end)}"`) as string, end: end + 1 };
  }
  return undefined;
}

function findReplyLinks(page: Buffer): string[] {
  const found: string[] = [];
  for (let at = page.indexOf(REPLIES); at >= 0; at = page.indexOf(REPLIES, at + REPLIES.length)) {
    const start = valueStart(page, at + REPLIES.length);
    const captured = start === undefined ? undefined : capture(page, start);
    if (captured) found.push(captured.text);
  }
  return found;
}

/** Where the text of a member begins, behind the end of its name: some gateways write blanks around the colon. */
function valueStart(page: Buffer, nameEnd: number): number | undefined {
  const colon = skipBlanks(page, nameEnd);
  const quote = skipBlanks(page, colon + 1);
  return page[colon] === COLON && page[quote] === QUOTE ? quote + 1 : undefined;
}

function skipBlanks(page: Buffer, from: number): number {
  let at = from;
  while (BLANKS.has(page[at]!)) at += 1;
  return at;
}
