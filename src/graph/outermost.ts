/** What stands at the top level of a page that is no JSON, as far as its brackets and texts tell. */
export interface Outermost {
  /** Members that are texts, still as they are written between their quotes. */
  readonly texts: ReadonlyMap<string, string>;
  /** It has a list called `value`. */
  readonly hasList: boolean;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const OPEN_OBJECT = 0x7b;
/** What closes what. */
const CLOSING: ReadonlyMap<number, number> = new Map([
  [0x5d, OPEN_LIST],
  [0x7d, OPEN_OBJECT],
]);
const BLANKS: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);

/**
 * A raw control character, a byte that is no UTF-8, a stray word: most of what makes a page no JSON leaves its brackets and
 * quotes as they were. Then its links can be told, and whether it is the last page.
 *
 * @returns undefined: the brackets do not close one object, as in a page that was cut
 */
export function outermost(page: Buffer): Outermost | undefined {
  const texts = new Map<string, string>();
  const open: number[] = [];
  let hasList = false;
  let name: string | undefined;
  for (let at = 0; at < page.length; at += 1) {
    const byte = page[at]!;
    if (byte === QUOTE) {
      const end = closingQuote(page, at);
      if (end === undefined) return undefined;
      if (open.length === 1) {
        const text = page.toString('latin1', at + 1, end);
        if (page[skipBlanks(page, end + 1)] === COLON) name = text;
        else if (name !== undefined) name = void texts.set(name, text);
      }
      at = end;
    } else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      if (open.length === 0 && at > 0) return undefined;
      if (open.length === 1) {
        hasList ||= byte === OPEN_LIST && name === 'value';
        name = undefined;
      }
      open.push(byte);
    } else if (CLOSING.has(byte) && open.pop() !== CLOSING.get(byte)) return undefined;
  }
  return open.length === 0 ? { texts, hasList } : undefined;
}

/** Where the text that begins at `from` ends; undefined: nowhere. */
function closingQuote(page: Buffer, from: number): number | undefined {
  for (let at = from + 1; at < page.length; at += 1) {
    if (page[at] === BACKSLASH) at += 1;
    else if (page[at] === QUOTE) return at;
  }
  return undefined;
}

function skipBlanks(page: Buffer, from: number): number {
  let at = from;
  while (BLANKS.has(page[at]!)) at += 1;
  return at;
}
