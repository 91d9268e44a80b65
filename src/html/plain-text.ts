import { escapeText } from './escape.ts';
import { Html } from './html.ts';
import { brokenMarkdown } from './markdown-escape.ts';
import { isBlank, unsafeCharacters, withoutUnsafeCharacters } from './unsafe-characters.ts';

/**
 * Text as a person typed it: `<`, `*` and `&` mean themselves. It is escaped for where it goes, never sanitised:
 * sanitising eats text (`x<y` is no tag).
 */
export class PlainText {
  readonly #text: string;
  /** Control and direction characters of the source that are not shown; a terminal's colours count whole. */
  readonly removedCharacters: number;

  /** @param text - kept as it is, but for control and bidirectional characters and terminal sequences, which are removed */
  constructor(text: string) {
    this.#text = withoutUnsafeCharacters(text);
    this.removedCharacters = unsafeCharacters(text);
  }

  /** True when a reader would see nothing. */
  get isBlank(): boolean {
    return isBlank(this.#text);
  }

  toString(): string {
    return this.#text;
  }

  /** The same text for an HTML message: line ends become `<br>`. */
  toHtml(): Html {
    return Html.sanitise(escapeText(this.#text).replaceAll('\n', '<br>'));
  }

  /**
   * The same text for a place among Markdown, where no element of its own can stand. A line end becomes a blank line,
   * which is what Teams shows as a line break outside lists. Prefer `plainBlocks`: it needs no escape at all.
   *
   * Source: https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-format
   */
  toMarkdown(): string {
    return this.#text.split('\n').map(brokenMarkdown).join('\n\n');
  }
}
