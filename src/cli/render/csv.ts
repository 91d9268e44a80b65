import { formatCell } from './table.ts';

/**
 * One line of CSV (RFC 4180, https://www.rfc-editor.org/rfc/rfc4180). A text that a spreadsheet would run as a formula
 * gets a leading apostrophe.
 */
export function csvLine(row: readonly unknown[]): string {
  return `${row.map(csvCell).join(',')}\r\n`;
}

function csvCell(value: unknown): string {
  // A file for other programs: a number is written whole.
  const text = typeof value === 'number' ? String(value) : formatCell(value);
  const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
