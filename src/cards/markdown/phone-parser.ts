/** What the phones' parser makes of a text. Texts are HTML-escaped, as that parser works. */
export type PhoneToken =
  | { readonly is: 'text'; readonly text: string; readonly bold: boolean; readonly italic: boolean }
  | { readonly is: 'break' }
  | { readonly is: 'link'; readonly label: readonly PhoneToken[]; readonly target: string }
  | { readonly is: 'item'; readonly tokens: readonly PhoneToken[] };

/** A run of `*` or `_` that may open or close emphasis, until it is known whether it does. */
interface Delimiter {
  readonly is: 'delimiter';
  readonly character: string;
  unused: number;
  readonly opens: boolean;
  readonly closes: boolean;
}

type Piece = PhoneToken | Delimiter;

/** The parser's own classes of what stood before: anything beyond ASCII counts as a letter. */
type Before = 'start' | 'space' | 'letter' | 'punctuation' | 'escape';

const isSpace = (character: string) => /^[ \t\n\v\f\r]$/.test(character);
const isLetter = (character: string) => /^[A-Za-z0-9]$|[^\u0000-\u007f]/.test(character);
const ENDS = '[])\n\r';
const ESCAPES: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '"': '&quot;', '&': '&amp;' };

/** Brackets within brackets at most: the parser itself recurses for each. */
const MAX_NESTING = 20;

/**
 * The Markdown parser that both phone clients of Teams share, rule by rule: blocks begin anywhere after a bracket, a
 * line end or digits; lists take `- `, `+ ` and `* `, numbers are text; a backslash is taken away before `* _ [ ] )`.
 *
 * Source: https://github.com/microsoft/Teams-AdaptiveCards-Mobile/blob/main/source/shared/cpp/ObjectModel/MarkDownBlockParser.cpp
 */
export function parsePhone(text: string): readonly PhoneToken[] {
  const source = text.replace(/[<>"&]/g, (character) => ESCAPES[character]!);
  return new PhoneParser(source).all();
}

class PhoneParser {
  readonly #source: string;
  #at = 0;
  #nesting = 0;

  constructor(source: string) {
    this.#source = source;
  }

  all(): readonly PhoneToken[] {
    const pieces: Piece[] = [];
    while (this.#at < this.#source.length) pieces.push(...this.#block());
    return matched(pieces);
  }

  #peek(): string {
    return this.#source[this.#at] ?? '';
  }

  #block(): Piece[] {
    const character = this.#peek();
    if (character === '[') return this.#link();
    if (character === '\n' || character === '\r') return [this.#taken({ is: 'break' })];
    if (character === ']' || character === ')') return [this.#taken(textOf(character))];
    if (/[-+*]/.test(character)) return this.#list(character);
    const digits = /^\d+/.exec(this.#source.slice(this.#at, this.#at + 64))?.[0];
    if (digits === undefined) return this.#text();
    this.#at += digits.length;
    return [textOf(digits)];
  }

  #taken<T>(piece: T): T {
    this.#at++;
    return piece;
  }

  #list(character: string): Piece[] {
    if (this.#source[this.#at + 1] !== ' ') return character === '*' ? this.#text() : [this.#taken(textOf(character))];
    this.#at++;
    while (this.#peek() === ' ') this.#at++;
    const pieces = this.#block();
    while (this.#at < this.#source.length && !this.#endsItem()) pieces.push(...this.#block());
    return [{ is: 'item', tokens: matched(pieces) }];
  }

  /** A line end followed by another, by a list marker, or by a number with a dot; it goes with the item. */
  #endsItem(): boolean {
    const rest = this.#source.slice(this.#at, this.#at + 64);
    const end = /^[\n\r](?:[\n\r]+|(?=[-+*] )|(?=\d+\.))/.exec(rest)?.[0];
    if (end === undefined) return false;
    this.#at += end.length;
    return true;
  }

  #link(): Piece[] {
    this.#at++;
    const label: Piece[] = [];
    while (this.#nesting < MAX_NESTING && this.#peek() !== '' && this.#peek() !== ']') {
      this.#nesting++;
      label.push(...this.#block());
      this.#nesting--;
    }
    if (this.#peek() !== ']') return [textOf('['), ...label];
    this.#at++;
    if (this.#peek() !== '(') return [textOf('['), ...label, textOf(']')];
    this.#at++;
    const target = this.#target();
    if (target === undefined) return [textOf('['), ...label, textOf('](')];
    return [{ is: 'link', label: matched(label), target }];
  }

  /** The address up to the bracket that closes it, brackets within it balanced. */
  #target(): string | undefined {
    if (this.#peek() === '' || isSpace(this.#peek())) return undefined;
    let depth = 1;
    let end = this.#at;
    for (; end < this.#source.length && depth > 0; end++) depth += BRACKETS[this.#source[end]!] ?? 0;
    if (depth > 0) return undefined;
    const target = this.#source.slice(this.#at, end - 1);
    this.#at = end;
    return target;
  }

  /** Text and emphasis up to a character that begins a block. */
  #text(): Piece[] {
    const pieces: Piece[] = [];
    let token = '';
    let before: Before = 'start';
    while (this.#at < this.#source.length) {
      const character = this.#peek();
      const ends = ENDS.includes(character);
      if (ends && before !== 'escape') break;
      if ((character === '*' || character === '_') && before !== 'escape') {
        if (token !== '') pieces.push(textOf(token));
        token = '';
        if (this.#at > 0) before = classOf(this.#source[this.#at - 1]!, before);
        pieces.push(this.#run(character, before));
        if (this.#peek() === '\\') this.#at++;
        if (this.#peek() === '' || ENDS.includes(this.#peek())) break;
        before = classOf(this.#peek(), before);
        token += this.#peek();
        this.#at++;
        continue;
      }
      if (before === 'escape' && (ends || character === '*' || character === '_')) token = token.slice(0, -1);
      before = classOf(character, before);
      token += character;
      this.#at++;
    }
    if (token !== '') pieces.push(textOf(token));
    return pieces;
  }

  #run(character: string, before: Before): Piece {
    const start = this.#at;
    while (this.#peek() === character) this.#at++;
    const after = this.#peek();
    const count = this.#at - start;
    const inWord = before === 'letter' && character === '_';
    const closes = closesEmphasis(character, before, after, inWord);
    const opens = after !== '' && !isSpace(after) && !(before === 'letter' && !isLetter(after)) && !inWord;
    if (!closes && !opens) return textOf(character.repeat(count));
    return { is: 'delimiter', character, unused: count, opens, closes };
  }
}

const BRACKETS: Readonly<Record<string, number | undefined>> = { '(': 1, ')': -1 };

function closesEmphasis(character: string, before: Before, after: string, inWord: boolean): boolean {
  if (before === 'space') return false;
  if (after === '' || isSpace(after)) return before === 'punctuation' || inWord || character === '*';
  if (!isLetter(after)) return true;
  return before !== 'start' && before !== 'punctuation' && !inWord;
}

function classOf(character: string, before: Before): Before {
  if (isLetter(character)) return 'letter';
  if (isSpace(character)) return 'space';
  if (character === '\\') return 'escape';
  return /[\u0000-\u001f\u007f]/.test(character) ? before : 'punctuation';
}

const textOf = (text: string) => ({ is: 'text', text, bold: false, italic: false }) as const;

/** Pairs runs that open with runs that close, the nearest first; what finds no partner is text. */
function matched(pieces: readonly Piece[]): readonly PhoneToken[] {
  const looks = pieces.map(() => ({ bold: 0, italic: 0 }));
  const open: number[] = [];
  for (const [index, piece] of pieces.entries()) {
    if (piece.is !== 'delimiter') continue;
    while (piece.closes && piece.unused > 0) {
      const partner = open.findLastIndex((at) => fits(pieces[at] as Delimiter, piece));
      if (partner < 0) break;
      const at = open[partner]!;
      const opener = pieces[at] as Delimiter;
      const used = Math.min(opener.unused, piece.unused);
      for (let inner = at + 1; inner < index; inner++) {
        if (used % 2 === 1) looks[inner]!.italic++;
        if (used > 1) looks[inner]!.bold++;
      }
      opener.unused -= used;
      piece.unused -= used;
      open.length = opener.unused > 0 ? partner + 1 : partner;
    }
    if (piece.opens && piece.unused > 0) open.push(index);
  }
  return pieces.flatMap((piece, index): PhoneToken[] => {
    const { bold, italic } = looks[index]!;
    const look = { bold: bold > 0, italic: italic > 0 };
    if (piece.is === 'delimiter')
      return piece.unused > 0 ? [{ ...textOf(piece.character.repeat(piece.unused)), ...look }] : [];
    return [
      piece.is === 'text' ? { ...piece, bold: piece.bold || look.bold, italic: piece.italic || look.italic } : piece,
    ];
  });
}

/** Runs that may both open and close do not pair when their lengths add up to a multiple of three. */
function fits(opener: Delimiter, closer: Delimiter): boolean {
  if (opener.character !== closer.character) return false;
  const both = (opener.opens && opener.closes) || (closer.opens && closer.closes);
  return !(both && (opener.unused + closer.unused) % 3 === 0);
}
