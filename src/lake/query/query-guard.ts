import { queryErrors } from './query-errors.ts';
import { type SqlToken, sqlTokens } from './sql-tokens.ts';

/** What a query was read to be. */
export interface CheckedQuery {
  /** The statement without `EXPLAIN` before it. */
  readonly inner: string;
  /** Everything that may name a table, in lower case. */
  readonly names: ReadonlySet<string>;
  /** It asks what tables there are, or what they look like. */
  readonly asksCatalogue: boolean;
  /** A word that writes stands behind a WITH: the reason to give when DuckDB finds the statement wrong. */
  readonly writes: string | undefined;
}

/** Words that a query begins with. */
const READS: ReadonlySet<string> = new Set([
  ...['select', 'with', 'from', 'values', 'table', 'pivot', 'unpivot', 'pivot_wider', 'pivot_longer'],
  ...['describe', 'desc', 'show', 'summarize'],
]);
const CATALOGUE_READS: ReadonlySet<string> = new Set(['describe', 'desc', 'show']);
const EXPLAIN_OPTIONS: ReadonlySet<string> = new Set(['analyze', 'format']);
const WRITES: ReadonlySet<string> = new Set(['insert', 'update', 'delete', 'merge', 'copy', 'create', 'drop', 'alter']);

/** Functions of tables that look at nothing but their arguments and the names of columns and tables. */
const TABLE_FUNCTIONS: ReadonlySet<string> = new Set([
  ...['unnest', 'range', 'generate_series', 'repeat', 'repeat_row', 'summary', 'histogram', 'histogram_values'],
  ...['json_each', 'json_tree', 'icu_calendar_names', 'pg_timezone_names', 'pragma_collations', 'pragma_show'],
  ...['pragma_table_info', 'pragma_version', 'duckdb_columns', 'duckdb_functions', 'duckdb_keywords', 'duckdb_tables'],
  ...['duckdb_types', 'duckdb_schemas'],
]);
/** Other names that change something or tell of the machine: the text of a view, or a plan, says where the files lie. */
const OTHER_NAMES: ReadonlySet<string> = new Set([
  ...['write_log', 'nextval', 'getenv', 'current_setting', 'pg_settings', 'duckdb_logs', 'duckdb_settings'],
  ...['duckdb_views', 'pg_views', 'pg_get_viewdef', 'sqlite_master', 'sqlite_schema', 'json_serialize_plan'],
]);
const CATALOGUES = /^(information_schema|pg_catalog|sqlite_(master|schema)|pg_\w+|duckdb_\w+|pragma_\w+)$/;

/**
 * Reads what kind of statement a text is, before DuckDB sees it. Unknown kinds are refused.
 *
 * @param tableFunctions - the names of all table functions there are; those that are not known to be harmless are refused
 * @throws SluiceError `query_not_read_only`, `query_outside_lake`
 */
export function checkQuery(sql: string, tableFunctions: ReadonlySet<string>): CheckedQuery {
  const tokens = sqlTokens(sql);
  const statements = tokens.length === 0 ? 0 : statementsOf(tokens);
  if (statements === 0) throw queryErrors.query_not_read_only({ problem: 'No statement was given.' });
  if (statements > 1) throw queryErrors.query_not_read_only({ problem: `${statements} statements were given.` });
  const first = firstOfStatement(tokens);
  const begin = tokens[first]!;
  const kind = leading(tokens, first);
  if (!READS.has(kind)) {
    throw queryErrors.query_not_read_only({ problem: `${kind === '' ? 'This' : kind.toUpperCase()} is not a query.` });
  }
  for (const [place, { kind: sort, text }] of tokens.entries()) {
    if (sort !== 'word' && sort !== 'quoted') continue;
    const name = text.toLowerCase();
    const called = isSign(tokens[place + 1], '(');
    const isViews = name === 'views' && isOf(tokens, place, 'information_schema');
    const refused =
      isViews || OTHER_NAMES.has(name) || (called && tableFunctions.has(name) && !TABLE_FUNCTIONS.has(name));
    if (refused) throw queryErrors.query_outside_lake({ problem: `${name} is not available in queries.` });
  }
  const names = new Set(tokens.filter((token) => token.kind !== 'sign').map(({ text }) => text.toLowerCase()));
  return {
    inner: sql.slice(begin.at),
    names,
    asksCatalogue: CATALOGUE_READS.has(kind) || [...names].some((name) => CATALOGUES.test(name)),
    writes: kind === 'with' ? outermost(tokens.slice(first)).find((word) => WRITES.has(word)) : undefined,
  };
}

const isSign = (token: SqlToken | undefined, text: string): boolean => token?.kind === 'sign' && token.text === text;
const isWord = (token: SqlToken | undefined, text: string): boolean => token?.kind === 'word' && token.text === text;

/** Whether a name is written as one of a schema: `schema.name`. */
function isOf(tokens: readonly SqlToken[], place: number, schema: string): boolean {
  const owner = tokens[place - 2];
  return isSign(tokens[place - 1], '.') && owner?.kind !== 'text' && owner?.text.toLowerCase() === schema;
}

function statementsOf(tokens: readonly SqlToken[]): number {
  let count = 0;
  let open = false;
  for (const token of tokens) {
    const ends = isSign(token, ';');
    if (!ends && !open) count += 1;
    open = !ends;
  }
  return count;
}

/** Place of the first token behind `EXPLAIN`, `ANALYZE` and options in brackets. */
function firstOfStatement(tokens: readonly SqlToken[]): number {
  let at = tokens.findIndex((token) => !isSign(token, ';'));
  if (!isWord(tokens[at], 'explain')) return at;
  at += 1;
  while (isWord(tokens[at], 'analyze') || isWord(tokens[at], 'analyse') || isWord(tokens[at], 'verbose')) at += 1;
  if (isSign(tokens[at], '(') && EXPLAIN_OPTIONS.has(tokens[at + 1]?.text ?? '')) {
    at = tokens.findIndex((token, place) => place > at && isSign(token, ')')) + 1;
  }
  if (at === 0 || at >= tokens.length)
    throw queryErrors.query_not_read_only({ problem: 'There is nothing to explain.' });
  return at;
}

/** The word that a statement begins with, brackets passed over. */
function leading(tokens: readonly SqlToken[], from: number): string {
  let at = from;
  while (isSign(tokens[at], '(')) at += 1;
  const token = tokens[at];
  return token?.kind === 'word' ? token.text : '';
}

function outermost(tokens: readonly SqlToken[]): readonly string[] {
  let depth = 0;
  const words: string[] = [];
  for (const token of tokens) {
    if (isSign(token, '(')) depth += 1;
    else if (isSign(token, ')')) depth -= 1;
    else if (depth === 0 && token.kind === 'word') words.push(token.text);
  }
  return words;
}
