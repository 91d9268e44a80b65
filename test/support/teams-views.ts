import { markdownText } from '../../src/cards/markdown/markdown.ts';

/**
 * How the text of a card reads on the two kinds of Teams clients: an oracle of the tests, written from the published
 * facts and public reports alone, so that a wrong belief of the product is not mirrored in it.
 *
 * @see https://spec.commonmark.org/0.31.2/#indented-code-blocks
 * @see https://github.com/microsoft/AdaptiveCards/issues/5590
 */

type Part = Readonly<Record<string, unknown>>;
type View = (markdown: string) => string;

/** Teams on the web: CommonMark. A paragraph that begins with four blanks or a tab is code, and shows its escapes. */
const web: View = (markdown) =>
  markdown
    .split(/\n{2,}/)
    .map((paragraph) => (/^(?: {4}|\t)/.test(paragraph) ? paragraph : markdownText(paragraph)))
    .join('\n');

/** Teams on Android: a backslash goes only before these five; entities are escaped once more, so they show. */
const android: View = (markdown) => markdown.replace(/\\([*_[\])])/g, '$1').replace(/\n{2,}/g, '\n');

/** Teams on iOS, where no other markup is in the text: a backslash goes only before these two. */
const ios: View = (markdown) => markdown.replace(/\\([*_])/g, '$1').replace(/\n{2,}/g, '\n');

export const teamsViews = { web, android, ios } as const;

/** The text that a card's body shows in a view. Text runs and code are no Markdown in any of them. */
export function shownText(card: unknown, view: View): string {
  return blocks(card, view).join('\n');
}

function blocks(part: unknown, view: View): string[] {
  if (Array.isArray(part)) return part.flatMap((one) => blocks(one, view));
  if (typeof part !== 'object' || part === null) return [];
  const { type, text, codeSnippet, inlines, body, items } = part as Part;
  if (type === 'TextBlock') return [view(String(text))];
  if (type === 'CodeBlock') return [String(codeSnippet)];
  if (type === 'RichTextBlock') return [runs(inlines)];
  return [...blocks(body, view), ...blocks(items, view)];
}

const runs = (inlines: unknown) =>
  (Array.isArray(inlines) ? inlines : [])
    .map((run: unknown) => (typeof run === 'string' ? run : String((run as Part)['text'])))
    .join('');

/** Leading blanks of a line are layout. */
export const sameLines = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
