import { type Token, Tokenizer, TokenizerMode } from 'parse5';
import { ALLOWED_TAGS, allowedHref, DROPPED_WITH_CONTENT } from './allow-list.ts';
import { escapeAttribute, escapeText } from './escape.ts';
import { withoutUnsafeCharacters } from './unsafe-characters.ts';

/** Open elements at most: deeper tags are dropped and their text stays, which bounds the work per tag. */
const MAX_DEPTH = 64;

const BLOCKS: ReadonlySet<string> = new Set(['p', 'ul', 'ol', 'li']);
const LISTS: ReadonlySet<string> = new Set(['ul', 'ol']);

/** Tags after which a browser reads raw text up to the matching end tag. Source: https://html.spec.whatwg.org/#parsing-html-fragments */
const RAW_TEXT: Readonly<Record<string, Tokenizer['state']>> = {
  script: TokenizerMode.SCRIPT_DATA,
  style: TokenizerMode.RAWTEXT,
  xmp: TokenizerMode.RAWTEXT,
  iframe: TokenizerMode.RAWTEXT,
  noembed: TokenizerMode.RAWTEXT,
  noframes: TokenizerMode.RAWTEXT,
  textarea: TokenizerMode.RCDATA,
  title: TokenizerMode.RCDATA,
  plaintext: TokenizerMode.PLAINTEXT,
};

/**
 * Writes the allowed part of a token stream as well-nested HTML. It balances tags itself instead of using parse5's tree
 * builder: that one scans all open elements at every tag, so a megabyte of `<div>` takes it quadratic time. The output
 * keeps the nesting rules a browser would enforce (no `p` around a block, no `a` in an `a`, `li` only in a list), so
 * that reading it again changes nothing.
 */
class AllowListWriter {
  readonly #out: string[] = [];
  readonly #open: string[] = [];
  #skipping: { tag: string; depth: number } | undefined;

  text(text: string): void {
    if (!this.#skipping) this.#out.push(escapeText(withoutUnsafeCharacters(text)));
  }

  start(tag: string, attributes: readonly Token.Attribute[], selfClosing: boolean): void {
    if (this.#skipping) {
      if (tag === this.#skipping.tag) this.#skipping.depth++;
    } else if (DROPPED_WITH_CONTENT.has(tag)) {
      const empty = selfClosing && (tag === 'svg' || tag === 'math');
      if (!empty) this.#skipping = { tag, depth: 1 };
    } else if (tag === 'br') {
      this.#out.push('<br>');
    } else if (ALLOWED_TAGS.has(tag)) {
      this.#startAllowed(tag, attributes);
    }
  }

  end(tag: string): void {
    if (this.#skipping) {
      if (tag === this.#skipping.tag && --this.#skipping.depth === 0) this.#skipping = undefined;
    } else if (tag === 'br') {
      this.#out.push('<br>');
    } else {
      const index = this.#open.lastIndexOf(tag);
      const borders = tag === 'li' ? LISTS : BLOCKS.has(tag) ? undefined : BLOCKS;
      if (index >= 0 && !this.#open.slice(index + 1).some((inner) => borders?.has(inner))) this.#closeTo(index);
    }
  }

  finish(): string {
    this.#closeTo(0);
    return this.#out.join('');
  }

  #startAllowed(tag: string, attributes: readonly Token.Attribute[]): void {
    const rendered = tag === 'a' ? linkAttributes(attributes) : '';
    if (rendered === undefined) return;
    if (tag === 'a') this.#closeFrom('a');
    if (tag === 'li') {
      const list = this.#open.findLastIndex((open) => LISTS.has(open));
      if (list < 0) return;
      const item = this.#open.indexOf('li', list);
      if (item >= 0) this.#closeTo(item);
    }
    if (BLOCKS.has(tag)) this.#closeFrom('p');
    if (this.#open.length >= MAX_DEPTH) return;
    this.#open.push(tag);
    this.#out.push(`<${tag}${rendered}>`);
  }

  #closeFrom(tag: string): void {
    const index = this.#open.indexOf(tag);
    if (index >= 0) this.#closeTo(index);
  }

  #closeTo(index: number): void {
    while (this.#open.length > index) this.#out.push(`</${this.#open.pop()!}>`);
  }
}

/** The attributes of a link, or undefined when it has no allowed target: then it is no link. */
function linkAttributes(attributes: readonly Token.Attribute[]): string | undefined {
  const value = (name: string) => attributes.find((attribute) => attribute.name === name)?.value;
  const href = allowedHref(value('href') ?? '');
  if (href === undefined) return undefined;
  const title = value('title');
  const rendered = ` href="${escapeAttribute(href)}"`;
  return title === undefined ? rendered : `${rendered} title="${escapeAttribute(withoutUnsafeCharacters(title))}"`;
}

/** The allowed part of an HTML source. Idempotent, linear in the length of the source, never throws. */
export function sanitise(source: string): string {
  const writer = new AllowListWriter();
  const text = (token: Token.CharacterToken) => writer.text(token.chars);
  const nothing = () => undefined;
  const tokenizer = new Tokenizer(
    { sourceCodeLocationInfo: false },
    {
      onCharacter: text,
      onWhitespaceCharacter: text,
      onNullCharacter: nothing,
      onComment: nothing,
      onDoctype: nothing,
      onEof: nothing,
      onStartTag: (token) => {
        writer.start(token.tagName, token.attrs, token.selfClosing);
        tokenizer.state = RAW_TEXT[token.tagName] ?? tokenizer.state;
      },
      onEndTag: (token) => writer.end(token.tagName),
    },
  );
  tokenizer.write(source, true);
  return writer.finish();
}
