/** How the texts begin that a pattern can match: with `text`, or, if `whole`, they are `text` and nothing more. */
export interface Literal {
  readonly text: string;
  readonly whole: boolean;
}

/** What a pattern can say beside the characters that stand for themselves. */
const special = /[\\.+*?()[\]{}|^$]/u;

/** What makes the character before it optional, or any number of it. */
const quantifiers = ['*', '?', '{', '+'];

/** Where `|` may stand inside something else, or for itself. */
const nesting = /[\\([]/u;

/** Flags: `a(?i)*` means `a*`. */
const flags = '(?';

/**
 * The literals of which one begins every text that a pattern matches, or nothing when it may begin with anything:
 * `db-\d+` begins with `db-`, `warning|critical` is one of two. Nothing is said of
 * a pattern with flags, or with alternatives beside groups, sets or escapes.
 *
 * @param source - a pattern of RE2's syntax that compiles
 */
export function patternLiterals(source: string): readonly Literal[] | undefined {
  if (source.includes(flags) || (source.includes('|') && nesting.test(source))) return undefined;
  const literals = source.split('|').map(literalOf);
  return literals.every(({ text }) => text !== '') ? literals : undefined;
}

function literalOf(alternative: string): Literal {
  const end = alternative.search(special);
  if (end < 0) return { text: alternative, whole: true };
  const certain = Array.from(alternative.slice(0, end));
  if (quantifiers.includes(alternative[end]!)) certain.pop();
  return { text: certain.join(''), whole: false };
}
