import { tmpdir } from 'node:os';
import type { DuckDBConnection, DuckDBPreparedStatement, Json } from '@duckdb/node-api';
import { StatementType } from '@duckdb/node-api';
import type { TableShape } from '../../schema/column.ts';
import { identifier } from '../../schema/sql.ts';
import type { ViewShape } from '../../schema/view.ts';
import { checkMemory, type Memory, systemMemory } from '../engine/memory.ts';
import { checkOpenFiles } from '../engine/open-files.ts';
import { lakeErrors } from '../errors.ts';
import { inTurn } from '../in-turn.ts';
import { caughtUp, type Holding, heldLakes, readHolding, versionsOf } from '../log/holding.ts';
import { tenantUseErrors } from '../log/tenant-errors.ts';
import type { ObjectStore } from '../stores/object-store.ts';
import type { Version } from '../types.ts';
import { queryErrors } from './query-errors.ts';
import { explained } from './query-failure.ts';
import { type CheckedQuery, checkQuery } from './query-guard.ts';
import { type Asked, openSnapshot, type Snapshot } from './snapshot.ts';
import { queryValue } from './values.ts';

/** How often a query starts anew because maintenance removed a file under it. */
const ATTEMPTS = 3;

/** Names and types of an answer's columns. */
export interface QueryColumns {
  readonly columns: readonly string[];
  /** DuckDB's names of the types. */
  readonly types: readonly string[];
}

/** Values are JSON: timestamps in ISO 8601, 64-bit numbers as numbers where they are exact. */
export type QueryRow = readonly Json[];

/** The answer to a query. */
export interface QueryResult extends QueryColumns {
  readonly rows: readonly QueryRow[];
}

/** The answer to a query, rows as they are found. */
export interface QueryStream extends QueryColumns {
  readonly batches: AsyncIterable<readonly QueryRow[]>;
}

export interface ReaderOptions {
  readonly store: ObjectStore;
  readonly tables: readonly TableShape[];
  /** Views over them that queries may name as well. Default: none. */
  readonly views?: readonly ViewShape[] | undefined;
  /** Folder in which DuckDB may spill, in folders of its own. Default: the system's folder for temporary files. */
  readonly scratchDir?: string | undefined;
  /** What this process may use. Default: what the system says. */
  readonly memory?: Memory | undefined;
}

/**
 * Reads a lake, also while it is written: every query sees the newest commit, whole. A query reads the lake's tables and
 * nothing else: no other file, no network, no setting; it cannot write.
 */
export interface LakeReader extends AsyncDisposable {
  /**
   * Runs one SELECT. Views: every table with its current rows, `<table>_changes` with every change that is kept
   * (`_op` is `upsert` or `delete`; `_commit` the version it came with, at least). Of a lake that holds several tenants
   * a view has the rows of all, with `tenant_id` as its first column.
   *
   * @throws SluiceError `query_not_read_only`, `query_outside_lake`, `query_failed`, `lake_file_missing`, `lake_file_corrupt`
   */
  query(sql: string, signal?: AbortSignal): Promise<QueryResult>;
  /** The same without holding all rows at a time. The answer ends with `use`. */
  stream<T>(sql: string, use: (answer: QueryStream) => Promise<T>, signal?: AbortSignal): Promise<T>;
  /**
   * Every version and delete of a table that came after a version, in order, and the version to go on from. A change that
   * comes while they are read may be given again by the next call. Versions are those of one tenant's lake: of a lake
   * that holds several, read each in its own (`tenantLakes`).
   *
   * @throws SluiceError `changes_expired` when changes after that version are not all kept any more, `unknown_table`,
   * `tenant_needed`
   */
  changes(table: string, after: Version, signal?: AbortSignal): Promise<QueryResult & { readonly version: Version }>;
  /** A query that runs goes on to its end; another one is refused. */
  close(): Promise<void>;
}

/** @throws SluiceError `lake_format_newer`, `lake_commit_corrupt`, `lake_tenant_folder` */
export async function openReader(options: ReaderOptions): Promise<LakeReader> {
  const { store, tables, views } = options;
  let holding = await readHolding(store);
  await checkOpenFiles();
  checkMemory(options.memory ?? (await systemMemory()));
  const { scratchDir = tmpdir() } = options;
  let latest: Lent | undefined;
  let tableFunctions: ReadonlySet<string> | undefined;
  let isClosed = false;
  // One at a time catches up and opens: it sees what the one before it opened, and versions never go back.
  const turn = inTurn();
  const catchUp = async () => {
    holding = await caughtUp(store, holding);
    return versionsOf(holding);
  };
  const lend = (sql: string, signal: AbortSignal | undefined) =>
    turn(async () => {
      signal?.throwIfAborted();
      if (isClosed) throw queryErrors.lake_reader_closed({ lake: store.description });
      const version = await catchUp();
      const kept = latest?.version === version ? latest : undefined;
      if (kept?.snapshot.reaches(askedBy(sql, kept.snapshot.tableFunctions))) return kept.borrow();
      const asks = (tableFunctions: ReadonlySet<string>): Asked => {
        const asked = askedBy(sql, tableFunctions);
        if (!kept || asked === 'all') return asked;
        // Whoever asks for one table after the other would open as many.
        return store.isLocal ? 'all' : new Set([...asked, ...kept.snapshot.reached]);
      };
      const lakes = heldLakes(store, holding);
      const opened = new Lent(
        await openSnapshot({ lakes, tables, views, asks, tableFunctions, scratchDir }, signal),
        version,
      );
      ({ tableFunctions } = opened.snapshot);
      const before = latest;
      latest = opened;
      await before?.release();
      return opened.borrow();
    });
  const moved = async (than: string) => versionsOf(await caughtUp(store, holding)) !== than;

  async function stream<T>(sql: string, use: (answer: QueryStream) => Promise<T>, signal?: AbortSignal): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      const lent = await lend(sql, signal);
      const progress = { given: false };
      try {
        return await ask({ snapshot: lent.snapshot, sql, progress, use }, signal);
      } catch (error) {
        signal?.throwIfAborted();
        const isAgain = attempt < ATTEMPTS && !progress.given && isFileError(error);
        if (!isAgain || !(await moved(lent.version))) throw error;
      } finally {
        await lent.release();
      }
    }
  }
  const close = () =>
    turn(async () => {
      isClosed = true;
      await latest?.release();
      latest = undefined;
    });
  const query = (sql: string, signal?: AbortSignal) =>
    stream(
      sql,
      async ({ columns, types, batches }) => {
        const rows: QueryRow[] = [];
        for await (const batch of batches) for (const row of batch) rows.push(row);
        return { columns, types, rows };
      },
      signal,
    );
  return {
    stream,
    query,
    async changes(table, after, signal) {
      const names = tables.map(({ name }) => name);
      if (!names.includes(table)) throw lakeErrors.unknown_table({ field: 'table', value: table, valid: names });
      await turn(catchUp);
      if (holding.isOfSeveral) throw tenantUseErrors.tenant_needed({ what: 'changes', tenantIds: tenantsOf(holding) });
      const { version } = holding.lakes[0]!.state;
      const changes = identifier(`${table}_changes`);
      const found = await query(`SELECT * FROM ${changes} WHERE _commit > ${Number(after)} ORDER BY _commit`, signal);
      // Asked after the query: what was dropped before it or during it is missing in it.
      const { feedFrom } = holding.lakes[0]!.state;
      if (after < feedFrom) throw lakeErrors.changes_expired({ table, after, least: feedFrom });
      return { ...found, version };
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Opens a lake, runs one query, closes it. */
export async function queryLake(
  options: ReaderOptions & { readonly sql: string; readonly signal?: AbortSignal | undefined },
): Promise<QueryResult> {
  await using reader = await openReader(options);
  return await reader.query(options.sql, options.signal);
}

const tenantsOf = ({ lakes }: Holding): readonly string[] => lakes.flatMap(({ tenant }) => tenant?.tenantId ?? []);
const isFileError = (error: unknown): boolean =>
  lakeErrors.lake_file_missing.is(error) || lakeErrors.lake_file_corrupt.is(error);

/** A snapshot that is closed when its last user is done. */
class Lent {
  readonly snapshot: Snapshot;
  readonly version: string;
  #users = 1;

  constructor(snapshot: Snapshot, version: string) {
    this.snapshot = snapshot;
    this.version = version;
  }

  borrow(): this {
    this.#users += 1;
    return this;
  }

  async release(): Promise<void> {
    this.#users -= 1;
    if (this.#users === 0) await this.snapshot.close();
  }
}

/** @throws SluiceError `query_not_read_only`, `query_outside_lake` */
function askedBy(sql: string, tableFunctions: ReadonlySet<string>): Asked {
  const { asksCatalogue, names } = checkQuery(sql, tableFunctions);
  return asksCatalogue ? 'all' : names;
}

async function ask<T>(
  question: {
    readonly snapshot: Snapshot;
    readonly sql: string;
    /** Whether rows were given away: then the query cannot begin anew. */
    readonly progress: { given: boolean };
    readonly use: (answer: QueryStream) => Promise<T>;
  },
  signal: AbortSignal | undefined,
): Promise<T> {
  const { snapshot, sql, progress, use } = question;
  const checked = checkQuery(sql, snapshot.tableFunctions);
  await snapshot.show(askedBy(sql, snapshot.tableFunctions), signal);
  signal?.throwIfAborted();
  const connection = await snapshot.connect();
  const interrupt = () => connection.interrupt();
  signal?.addEventListener('abort', interrupt, { once: true });
  const failed = async (error: unknown) => {
    signal?.throwIfAborted();
    return await explained(error, { snapshot, checked });
  };
  async function* guarded(rows: AsyncIterable<QueryRow[]>): AsyncGenerator<QueryRow[]> {
    try {
      for await (const batch of rows) {
        progress.given = true;
        yield batch;
      }
    } catch (error) {
      throw await failed(error);
    }
  }
  try {
    const result = await (await prepared(connection, sql, checked)).stream().catch(async (error: unknown) => {
      throw await failed(error);
    });
    return await use({
      columns: result.deduplicatedColumnNames(),
      types: result.columnTypes().map(String),
      batches: guarded(result.yieldConvertedRows(queryValue) as AsyncIterable<QueryRow[]>),
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', interrupt);
    connection.closeSync();
  }

  async function prepared(
    on: DuckDBConnection,
    text: string,
    { inner }: CheckedQuery,
  ): Promise<DuckDBPreparedStatement> {
    try {
      const statements = await on.extractStatements(text);
      // PIVOT without a list of values is made of several: the last is the query, those before it name the values.
      for (let at = 0; at < statements.count - 1; at += 1) {
        const statement = await statements.prepare(at);
        if (statement.statementType !== StatementType.CREATE)
          throw queryErrors.query_not_read_only({ problem: 'This is not a query.' });
        await statement.run();
      }
      const statement = await statements.prepare(statements.count - 1);
      if (statement.statementType === StatementType.EXPLAIN) {
        const looked = (await (await on.extractStatements(inner)).prepare(0)).statementType;
        if (looked !== StatementType.SELECT)
          throw queryErrors.query_not_read_only({ problem: `${StatementType[looked]} is not a query.` });
      } else if (statement.statementType !== StatementType.SELECT) {
        throw queryErrors.query_not_read_only({ problem: `${StatementType[statement.statementType]} is not a query.` });
      }
      return statement;
    } catch (error) {
      throw await failed(error);
    }
  }
}
