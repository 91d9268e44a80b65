import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StatementType } from '@duckdb/node-api';
import { SluiceError } from '../errors/sluice-error.ts';
import type { TableShape } from '../schema/column.ts';
import { identifier, identifiers } from '../schema/sql.ts';
import type { Duck } from './duck.ts';
import { openDuck } from './duck.ts';
import type { LakeState } from './log.ts';
import { catchUp, readState } from './log.ts';
import type { ObjectStore } from './object-store.ts';
import type { TableFiles } from './relations.ts';
import { changeRows, currentRows, explodedChanges, explodedRows, storedTables, tableFiles } from './relations.ts';
import { queryValue } from './values.ts';

/** How often a query starts anew because maintenance removed a file under it. */
const ATTEMPTS = 3;

/** The answer to a query. Values are JSON: timestamps in ISO 8601, 64-bit numbers as numbers where they are exact. */
export interface QueryResult {
  readonly columns: readonly string[];
  /** DuckDB's names of the types. */
  readonly types: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

export interface ReaderOptions {
  readonly store: ObjectStore;
  readonly tables: readonly TableShape[];
  /** Folder DuckDB may spill to. Default: one in the system's folder for temporary files. */
  readonly scratchDir?: string;
}

/** Reads a lake, also while it is written: every query sees the newest commit, whole. */
export interface LakeReader extends AsyncDisposable {
  /**
   * Runs one SELECT. Views: every table with its current rows, `<table>_changes` with every change that is kept
   * (`_op` is `upsert` or `delete`; `_commit` the version it came with, at least).
   *
   * @throws SluiceError `query_not_read_only`, `query_failed`
   */
  query(sql: string, signal?: AbortSignal): Promise<QueryResult>;
  close(): Promise<void>;
}

/** @throws SluiceError `lake_format_newer`, `lake_commit_corrupt` */
export async function openReader(options: ReaderOptions): Promise<LakeReader> {
  let state = await readState(options.store);
  const duck = await openDuck({ scratchDir: options.scratchDir ?? join(tmpdir(), 'sluice-query') });
  let shown: LakeState | undefined;
  const close = async () => duck.close();

  const refresh = async () => {
    state = await catchUp(options.store, state);
    if (state !== shown) await createViews(duck, options.store, storedTables(options.tables, state), state);
    shown = state;
  };
  return {
    async query(sql, signal) {
      for (let attempt = 1; ; attempt += 1) {
        await refresh();
        const before = state.version;
        try {
          return await select(duck, sql, signal);
        } catch (error) {
          signal?.throwIfAborted();
          const moved = (await catchUp(options.store, state)).version > before;
          if (!moved || attempt === ATTEMPTS || !/no files found|could not open|cannot open/i.test(String(error)))
            throw error;
        }
      }
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Opens a lake, runs one query, closes it. */
export async function queryLake(
  options: ReaderOptions & { readonly sql: string; readonly signal?: AbortSignal },
): Promise<QueryResult> {
  await using reader = await openReader(options);
  return await reader.query(options.sql, options.signal);
}

async function createViews(duck: Duck, store: ObjectStore, tables: readonly TableShape[], state: LakeState) {
  const files = new Map<string, TableFiles>();
  for (const table of tables) {
    files.set(table.name, await tableFiles(state, table.name, (path) => store.localPath(path)));
  }
  const current = (table: TableShape) => currentRows(table, files.get(table.name)!);
  const changes = (table: TableShape) => changeRows(table, files.get(table.name)!);
  for (const table of tables) {
    const exploded = table.explode !== undefined;
    const rows = exploded ? explodedRows(table, tables, current) : current(table);
    const history = exploded ? explodedChanges(table, tables, changes) : changes(table);
    const columns = identifiers(Object.keys(table.columns));
    await duck.run(`CREATE OR REPLACE TEMP VIEW ${identifier(table.name)} AS SELECT ${columns} FROM (${rows})`);
    await duck.run(
      `CREATE OR REPLACE TEMP VIEW ${identifier(`${table.name}_changes`)} AS SELECT ${columns}, _op, _version, _commit FROM (${history})`,
    );
  }
}

const COMMENTS = /--[^\n]*|\/\*[\s\S]*?\*\//g;
const WRITES = /^\s*(insert|update|delete|merge|truncate|drop|alter)\b/i;
const READ_ONLY: readonly StatementType[] = [StatementType.SELECT, StatementType.EXPLAIN];

async function select(duck: Duck, sql: string, signal: AbortSignal | undefined): Promise<QueryResult> {
  const refused = (message: string) =>
    new SluiceError({
      code: 'query_not_read_only',
      recovery: 'user_action',
      surface: 'lake',
      message,
      hint: 'Give one SELECT, WITH, DESCRIBE, SHOW or EXPLAIN.',
    });
  const bare = sql.replace(COMMENTS, '');
  if (/^[\s;]*$/.test(bare)) throw refused('No statement was given.');
  try {
    const statements = await duck.connection.extractStatements(sql);
    if (statements.count !== 1) throw refused(`${statements.count} statements were given.`);
    const statement = await statements.prepare(0);
    if (!READ_ONLY.includes(statement.statementType)) {
      throw refused(`A statement of type ${StatementType[statement.statementType]} is not a query.`);
    }
    const reader = await duck.interruptible(() => statement.runAndReadAll(), signal);
    return {
      columns: reader.deduplicatedColumnNames(),
      types: reader.columnTypes().map(String),
      rows: reader.convertRows(queryValue),
    };
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof SluiceError) throw error;
    // The tables are views: DuckDB refuses to write to them before it says what kind of statement it is.
    const writes = WRITES.exec(bare)?.[1];
    if (writes) throw refused(`${writes.toUpperCase()} is not a query.`);
    throw new SluiceError({
      code: 'query_failed',
      recovery: 'user_action',
      surface: 'lake',
      message: error instanceof Error ? error.message : String(error),
      hint: '`sluice tables` lists tables and columns.',
      cause: error,
    });
  }
}
