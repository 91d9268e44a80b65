import { escapeText } from './escape.ts';
import { Html } from './html.ts';
import { withoutUnsafeCharacters } from './unsafe-characters.ts';

/**
 * Text as a person typed it: `<`, `*` and `&` mean themselves. It is escaped for where it goes, never sanitised:
 * sanitising eats text (`x<y` is no tag).
 */
export class PlainText {
  readonly #text: string;

  /** @param text - kept as it is, but for control and bidirectional characters, which are removed */
  constructor(text: string) {
    this.#text = withoutUnsafeCharacters(text);
  }

  toString(): string {
    return this.#text;
  }

  /** The same text for an HTML message: line ends become `<br>`. */
  toHtml(): Html {
    return Html.sanitise(escapeText(this.#text).replaceAll('\n', '<br>'));
  }

  /**
   * The same text for a field that Teams reads as Markdown. A line end becomes a blank line, which is what Teams shows
   * as a line break outside lists.
   *
   * Source: https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-format
   */
  toMarkdown(): string {
    return this.#text.split('\n').map(escapeMarkdownLine).join('\n\n');
  }
}

function escapeMarkdownLine(line: string): string {
  return line
    .replace(/[\\_*[\]()#~`]/g, '\\$&')
    .replace(/&(?=#?\w+;)/g, '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/^(\s*)([-+])/, '$1\\$2')
    .replace(/^(\s*\d+)\./, '$1\\.');
}
