/** What a terminal obeys instead of showing it: C0 (ESC, BEL, …) but tab and line ends, DEL, and C1. */
const CODES = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;
/** What turns the direction of the text around it: https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters */
const TURNS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

const shown = (code: string): string => `\\u${code.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Foreign text with its terminal codes as `\u001b`: in JSON it means the same. */
export const withoutCodes = (text: string): string => text.replace(CODES, shown);

/** The same for a person's eyes: nothing stands elsewhere than it seems to. */
export const forTerminal = (text: string): string => withoutCodes(text).replace(TURNS, shown);

/** Clears the last lines that were drawn. */
export const clearLines = (lines: number): string => `\r\u001b[${lines}A\u001b[J`;
const OWN = /^\r\u001b\[\d+A\u001b\[J$/;

/** What is written to a stream: our own codes come alone, every other text is escaped. */
export function written(text: string, isTerminal: boolean): string {
  if (isTerminal && OWN.test(text)) return text;
  return isTerminal ? forTerminal(text) : withoutCodes(text);
}

/** Columns of the first of these streams that is a terminal: results may go to a file while progress is drawn on one. */
export const widthOf = (...streams: readonly { readonly columns?: number | undefined }[]): number =>
  streams.find(({ columns }) => columns)?.columns ?? 120;
