import { formatCell } from './table.ts';
import { withoutCodes } from './terminal.ts';

/**
 * One line of CSV (RFC 4180, https://www.rfc-editor.org/rfc/rfc4180): every text as it is, but that codes which a
 * terminal obeys stand as `\u001b`.
 *
 * @param options.excel - a text that a spreadsheet would run as a formula gets a leading apostrophe
 */
export function csvLine(row: readonly unknown[], options: { readonly excel?: boolean | undefined } = {}): string {
  return `${row.map((value) => csvCell(value, options.excel ?? false)).join(',')}\r\n`;
}

/**
 * What begins a formula: the four signs, in their full width too, also behind what a spreadsheet passes over at the
 * beginning of a cell; and the controls that shift the text into the next cell.
 *
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
const FORMULA = /^(?:[\p{White_Space}\p{Cc}\p{Cf}]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n])/u;

function csvCell(value: unknown, excel: boolean): string {
  // A file for other programs: a number is written whole.
  const text = typeof value === 'number' ? String(value) : formatCell(value);
  const shown = withoutCodes(text);
  const safe = excel && typeof value === 'string' && FORMULA.test(text) ? `'${shown}` : shown;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
