/** Columns a character takes on a terminal: 0 for combining marks, 2 for wide scripts and emoji, else 1. */
function charWidth(char: string): number {
  if (/\p{Mark}|\u200d|\ufe0f/u.test(char)) return 0;
  return /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60]|\p{Extended_Pictographic}/u.test(
    char,
  )
    ? 2
    : 1;
}

export function textWidth(text: string): number {
  let width = 0;
  for (const char of text) width += charWidth(char);
  return width;
}

/** Cuts text to a width, with an ellipsis; control characters become spaces. */
export function clip(text: string, width: number): string {
  const clean = text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
  if (textWidth(clean) <= width) return clean;
  let out = '';
  let used = 0;
  for (const char of clean) {
    used += charWidth(char);
    if (used > width - 1) break;
    out += char;
  }
  return `${out}…`;
}

const pad = (text: string, width: number, right: boolean) => {
  const space = ' '.repeat(Math.max(0, width - textWidth(text)));
  return right ? space + text : text + space;
};

/** Text in lines of at most `width` columns, broken at spaces; a word that is longer is cut in pieces. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of clip(text, Number.POSITIVE_INFINITY).split(' ')) {
    let rest = word;
    if (line !== '' && textWidth(line) + 1 + textWidth(rest) > width) {
      lines.push(line);
      line = '';
    }
    for (; line === '' && textWidth(rest) > width; rest = rest.slice(lines.at(-1)!.length))
      lines.push(head(rest, width));
    line = line === '' ? rest : `${line} ${rest}`;
  }
  return [...lines, line];
}

/** As much of the beginning as fits, at least one character. */
function head(text: string, width: number): string {
  let out = '';
  for (const char of text) {
    if (out !== '' && textWidth(out + char) > width) break;
    out += char;
  }
  return out;
}

/**
 * A table as text: aligned columns, numbers to the right, no line wider than `columns`.
 *
 * @param options.columns - width of the terminal
 * @param options.wrap - what does not fit goes on in the next line; default: it is cut, and a row is one line
 */
export function renderTable(
  header: readonly string[],
  rows: readonly (readonly unknown[])[],
  options: { columns: number; wrap?: boolean },
): string {
  const cells = rows.map((row) => row.map(formatCell));
  const right = header.map((_, index) => rows.length > 0 && rows.every((row) => isNumeric(row[index])));
  const widths = fitWidths(
    header.map((name, index) => Math.max(textWidth(name), ...cells.map((row) => textWidth(row[index]!)))),
    header.map(textWidth),
    options.columns,
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, index) => pad(cell, widths[index]!, right[index]!))
      .join('  ')
      .trimEnd();
  const lines = (row: readonly string[]) => {
    const parts = row.map((cell, index) => (options.wrap ? wrap(cell, widths[index]!) : [clip(cell, widths[index]!)]));
    const height = Math.max(...parts.map(({ length }) => length));
    return Array.from({ length: height }, (_, at) => line(parts.map((part) => part[at] ?? '')));
  };
  return [...lines(header), widths.map((width) => '─'.repeat(width)).join('  '), ...cells.flatMap(lines)].join('\n');
}

/**
 * Rows as a person can read them: a table, or one line for each value when a line does not hold the names of all columns.
 *
 * @param options.columns - width of the terminal
 * @param options.before - how many rows of the same answer stand above
 */
export function renderRows(
  header: readonly string[],
  rows: readonly (readonly unknown[])[],
  options: { columns: number; before?: number | undefined },
): string {
  const namesWidth = header.reduce((sum, name) => sum + textWidth(name) + 2, -2);
  if (rows.length === 0 || namesWidth <= options.columns) return renderTable(header, rows, options);
  const width = Math.max(...header.map(textWidth));
  const record = (row: readonly unknown[], index: number) => [
    `── ${(options.before ?? 0) + index + 1} ──`,
    ...header.map((name, at) => clip(`${pad(name, width, false)}  ${formatCell(row[at])}`, options.columns).trimEnd()),
  ];
  return rows.flatMap(record).join('\n');
}

/** No column gets narrower, whatever its name. */
const MIN_WIDTH = 6;

/** Narrows the widest columns first until the line fits; those narrower than their names at last. */
function fitWidths(wanted: readonly number[], names: readonly number[], columns: number): number[] {
  const widths = [...wanted];
  const gaps = 2 * (widths.length - 1);
  const widestAbove = (least: (index: number) => number) =>
    widths.reduce((best, width, index) => (width > least(index) && width > (widths[best] ?? 0) ? index : best), -1);
  while (widths.reduce((sum, width) => sum + width, gaps) > columns) {
    const above = widestAbove((index) => Math.max(names[index]!, MIN_WIDTH));
    const widest = above < 0 ? widestAbove(() => MIN_WIDTH) : above;
    if (widest < 0) break;
    widths[widest] = widths[widest]! - 1;
  }
  return widths;
}

const isNumeric = (value: unknown) => value === null || typeof value === 'number' || typeof value === 'bigint';

/** One value as a person reads it. */
export function formatCell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return shortNumber(value);
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'object') return JSON.stringify(value);
  return String(value);
}

/** At most three decimals; below one, three digits that say something: a small number is not nothing. */
function shortNumber(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return String(Number(Math.abs(value) < 1 ? value.toPrecision(3) : value.toFixed(3)));
}

/** A bar of eighths for `value` out of `max`, at most `width` columns. */
export function bar(value: number, max: number, width: number): string {
  const eighths = max > 0 ? Math.round((value / max) * width * 8) : 0;
  const rest = eighths % 8;
  return '█'.repeat(Math.floor(eighths / 8)) + (rest > 0 ? '▏▎▍▌▋▊▉'[rest - 1] : '');
}

export const count = (value: number | bigint): string => value.toLocaleString('en-US');

/** A duration as a person says it: `420 ms`, `12.3 s`, `4 min 10 s`, `2 h 5 min`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 100_000) return `${(ms / 1000).toFixed(1)} s`;
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return `${minutes} min ${Math.round((ms % 60_000) / 1000)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
