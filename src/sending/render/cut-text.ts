import { isLogText } from '../../cards/index.ts';

/** Names of labels and annotations whose value is the output of a program, however it is written. */
const LOG_NAME = /^(?:.*[._-])?(?:logs?|output|stdout|stderr|tail|trace(?:back)?|stack(?:_?trace)?)$/i;

/** What is left of a text, and how many characters are not. */
interface Cut {
  readonly text: string;
  readonly missing: number;
}

/** The beginning of a text, of a log its end, which says what happened; and how much is missing. Never half a character. */
function cut(text: string, length: number, name: string): Cut {
  if (text.length <= length) return { text, missing: 0 };
  if (LOG_NAME.test(name) || isLogText(text)) {
    const kept = text.slice(-length).replace(/^[\udc00-\udfff]/, '');
    const missing = text.length - kept.length;
    return { text: `(${missing} characters before this) …${kept}`, missing };
  }
  const kept = text.slice(0, length).replace(/[\ud800-\udbff]$/, '');
  const missing = text.length - kept.length;
  return { text: `${kept}… (${missing} more characters)`, missing };
}

/** A text of at most that length. For what is said elsewhere in full: what it cuts is not counted. */
export const cutText = (text: string, length: number): string => cut(text, length, '').text;

/** Cuts the texts of one card and counts what is missing of them. */
export class TextCuts {
  #missing = 0;

  /** Characters that were cut so far. */
  get missing(): number {
    return this.#missing;
  }

  /** @param name - of the label or annotation that it is the value of */
  cut(text: string, length: number, name = ''): string {
    const { text: shown, missing } = cut(text, length, name);
    this.#missing += missing;
    return shown;
  }
}
