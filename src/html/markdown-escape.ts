/**
 * Teams reads Markdown with three parsers. Web and desktop read CommonMark. Android takes a backslash away only before
 * `* _ [ ] )`, decodes no entity, and looks for a list item after every `)` and every number that begins a line. iOS
 * does the same when it has found markup; without any it shows the source, less the backslash before `*` and `_`.
 *
 * Sources: https://spec.commonmark.org/0.31.2/,
 * https://github.com/microsoft/Teams-AdaptiveCards-Mobile/tree/main/source/shared/cpp/ObjectModel (MarkDownBlockParser),
 * https://github.com/microsoft/Teams-AdaptiveCards-Mobile/pull/83
 */

/** What one of the parsers would take for markup, and no escape that all of them take away would hide. */
const MARKUP = new RegExp(
  [
    '[`<~\\[\\]\\n\\t]',
    '\\\\(?:[!-/:-@[-`{-~]|$)',
    '&#?\\w+;',
    '^\\s|\\s\\s|\\s$',
    '^(?:#{1,6}(?:\\s|$)|>|-{3,}$|\\d{1,9}[.)](?:\\s|$))',
    '(?:^|\\))[-+\\d]*[-+](?:\\s|$)',
  ].join('|'),
);

/** `*` always, `_` unless it stands within a word: the two that every parser lets escape. */
const EMPHASIS = /\*|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu;

/** One line as Markdown that every parser of Teams shows as the line, to the character; undefined when there is none. */
export function literalMarkdown(line: string): string | undefined {
  return MARKUP.test(line) ? undefined : line.replace(EMPHASIS, '\\$&');
}

/** Breaks markup without being seen: it ends a tag, an entity, a list marker before it has begun. */
const BREAK = '\u200b';

/**
 * One line for a place that takes nothing but Markdown. Where the parsers agree on no escape, an invisible character
 * breaks the markup, so that all show the line. Only a backtick shows its escape on phones.
 */
export function brokenMarkdown(line: string): string {
  const literal = literalMarkdown(line);
  if (literal !== undefined) return literal;
  return line
    .replace(/\\(?=[!-/:-@[-`{-~]|$)/g, `\\${BREAK}`)
    .replace(/&(?=#?\w+;)/g, `&${BREAK}`)
    .replace(/<|\](?=[([:])|~|(?:^|[[\])])[-+\d]*[-+](?=\s|$)/g, `$&${BREAK}`)
    .replace(/^(\s*)(?=#|>|-{3,}\s*$)/, `$1${BREAK}`)
    .replace(/^(\s*)(\d{1,9}[.)]|[-+])(?=\s|$)/, `$1$2${BREAK}`)
    .replace(/^\s+|(?<=\s)\s+/g, (blanks) => solidBlanks(blanks))
    .replace(EMPHASIS, '\\$&')
    .replaceAll('`', '\\`');
}

/** Blanks of a tab: what a reader of logs expects. */
const TAB_WIDTH = 4;

/** Blanks that stay where markup drops them: tabs become four. */
export function solidBlanks(blanks: string): string {
  return blanks.replaceAll('\t', '\u00a0'.repeat(TAB_WIDTH)).replaceAll(' ', '\u00a0');
}
