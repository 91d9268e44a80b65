/** A token of SQL as DuckDB's scanner reads it; comments and blanks are none. */
export interface SqlToken {
  readonly kind: 'word' | 'quoted' | 'text' | 'sign';
  /** Words in lower case; what stands between the quotes; one character of everything else. */
  readonly text: string;
  /** Where it begins. */
  readonly at: number;
}

const BLANK = /\s+/y;
const LINE_COMMENT = /--[^\n\r]*/y;
const WORD = /[\p{L}\p{N}_\u0080-\uffff][\p{L}\p{N}_$\u0080-\uffff]*/uy;
const ESCAPED_TEXT = /e'((?:[^'\\]|''|\\[\s\S])*)'?/iy;
const TEXT = /'((?:[^']|'')*)'?/y;
const QUOTED = /"((?:[^"]|"")*)"?/y;
const DOLLAR_TAG = /\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$/uy;

/** The tokens of a text, https://duckdb.org/docs/stable/sql/dialect/keywords_and_identifiers. Never fails: what is none is a sign. */
export function sqlTokens(sql: string): readonly SqlToken[] {
  const tokens: SqlToken[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(sql) ?? undefined;
  };
  while (at < sql.length) {
    const skipped = take(BLANK) ?? take(LINE_COMMENT);
    if (skipped) {
      at += skipped[0].length;
      continue;
    }
    if (sql.startsWith('/*', at)) {
      at = commentEnd(sql, at);
      continue;
    }
    const token = nextToken(sql, at, take);
    tokens.push({ kind: token.kind, text: token.text, at });
    at += token.length;
  }
  return tokens;
}

function nextToken(
  sql: string,
  at: number,
  take: (pattern: RegExp) => RegExpExecArray | undefined,
): Pick<SqlToken, 'kind' | 'text'> & { readonly length: number } {
  const text = take(ESCAPED_TEXT) ?? take(TEXT);
  if (text) return { kind: 'text', text: text[1]!.replaceAll("''", "'"), length: text[0].length };
  const quoted = take(QUOTED);
  if (quoted) return { kind: 'quoted', text: quoted[1]!.replaceAll('""', '"'), length: quoted[0].length };
  const tag = take(DOLLAR_TAG)?.[0];
  if (tag) {
    const end = sql.indexOf(tag, at + tag.length);
    const inside = sql.slice(at + tag.length, end < 0 ? sql.length : end);
    return { kind: 'text', text: inside, length: Math.min(sql.length - at, inside.length + 2 * tag.length) };
  }
  const word = take(WORD)?.[0];
  if (word) return { kind: 'word', text: word.toLowerCase(), length: word.length };
  return { kind: 'sign', text: sql[at]!, length: 1 };
}

/** Block comments hold block comments. */
function commentEnd(sql: string, from: number): number {
  const edge = /\/\*|\*\//g;
  edge.lastIndex = from;
  let depth = 0;
  for (let found = edge.exec(sql); found; found = edge.exec(sql)) {
    depth += found[0] === '/*' ? 1 : -1;
    if (depth === 0) return edge.lastIndex;
  }
  return sql.length;
}
