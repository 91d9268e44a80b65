import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type Driver,
  Kysely,
  PostgresDialect,
  type Dialect as SqlDialect,
  SqliteDialect,
  SqliteDriver,
  type Transaction,
} from 'kysely';
import SqliteFile from 'libsql';
import pg from 'pg';
import { localPath } from '../runtime/local-path.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { outboxErrors, outboxUrlErrors } from './errors.ts';
import { makePrivate } from './private-file.ts';
import type { Dialect, OutboxTables } from './schema.ts';

/** What every part of the outbox works on. */
export interface Store {
  readonly db: Kysely<OutboxTables>;
  readonly dialect: Dialect;
  readonly runtime: Runtime;
}

/**
 * `full`: what was committed survives a power failure. `normal`: it survives a crash of the process, about sixty times
 * faster per transaction; a power failure may undo the last ones.
 *
 * Source: https://www.sqlite.org/pragma.html#pragma_synchronous
 */
export type Synchronous = 'full' | 'normal';

const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? error.code : undefined);

/** Busy by a writer, or by the first opener after a crash, who repairs the file: `SQLITE_BUSY_RECOVERY`. */
const isBusy = (error: unknown) => String(codeOf(error)).startsWith('SQLITE_BUSY');

const lockWaitMs = 5_000;
const lockPollMs = 10;
/** A refusal after so long is a new one. */
const forgetRefusalMs = 2_000;

/**
 * Takes the write lock at `begin`, so that writers queue for it instead of failing in the middle. The wait is
 * asynchronous: SQLite's own would stop this process, and the transaction waited for may be this process's own.
 */
class ImmediateDriver extends SqliteDriver {
  readonly #file: SqliteFile.Database;
  /** Since when, and when last, another process had the lock. Monotonic. */
  #refused: { readonly sinceMs: number; readonly lastMs: number } | undefined;

  constructor(file: SqliteFile.Database) {
    super({ database: file });
    this.#file = file;
  }

  override async beginTransaction(): Promise<void> {
    for (;;) {
      try {
        // Not as a prepared statement: libsql leaves a refused one in progress, and then no later commit succeeds. For
        // the same reason everything the outbox writes, it writes in a transaction.
        this.#file.exec('begin immediate');
        this.#refused = undefined;
        return;
      } catch (error) {
        if (!isBusy(error) || this.#refusedForMs() >= lockWaitMs) throw error;
        await delay(lockPollMs);
      }
    }
  }

  /** Transactions of this process wait one after the other: the lock is waited for once, not once for each. */
  #refusedForMs(): number {
    const nowMs = performance.now();
    const { sinceMs, lastMs } = this.#refused ?? { sinceMs: nowMs, lastMs: nowMs };
    this.#refused = { sinceMs: nowMs - lastMs > forgetRefusalMs ? nowMs : sinceMs, lastMs: nowMs };
    return nowMs - this.#refused.sinceMs;
  }
}

class ImmediateDialect extends SqliteDialect {
  readonly #file: SqliteFile.Database;

  constructor(file: SqliteFile.Database) {
    super({ database: file });
    this.#file = file;
  }

  override createDriver(): Driver {
    return new ImmediateDriver(this.#file);
  }
}

/** A Kysely dialect for one SQLite file, set up as the outbox needs it: for a caller's own Kysely. */
export function sqliteDialect(path: string, options: { synchronous?: Synchronous } = {}): SqlDialect {
  if (path !== ':memory:') makePrivate(path);
  const file = new SqliteFile(path);
  file.exec('pragma busy_timeout = 10000');
  file.exec('pragma journal_mode = wal');
  file.exec(`pragma synchronous = ${options.synchronous ?? 'full'}`);
  file.exec('pragma foreign_keys = on');
  file.exec(`pragma busy_timeout = ${2 * lockPollMs}`);
  return new ImmediateDialect(file);
}

/**
 * Opens the database a URL names.
 *
 * @throws SluiceError `outbox_url_invalid`; the message does not repeat the URL, which may hold a password
 */
export function connect(
  url: string,
  options: { synchronous?: Synchronous; connections?: number } = {},
): { db: Kysely<OutboxTables>; dialect: Dialect } {
  if (/^postgres(ql)?:\/\//.test(url) && URL.canParse(url)) {
    const pool = new pg.Pool({ connectionString: url, max: options.connections ?? 4 });
    // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
    pool.on('error', () => {});
    return { db: new Kysely({ dialect: new PostgresDialect({ pool }) }), dialect: 'postgres' };
  }
  const path = sqlitePath(url);
  if (path !== undefined) return { db: new Kysely({ dialect: sqliteDialect(path, options) }), dialect: 'sqlite' };
  throw outboxUrlErrors.outbox_url_invalid();
}

/** The file that a URL names and that is not there: opening it would make it. Undefined for everything else. */
export function absentFile(url: string): string | undefined {
  const path = sqlitePath(url);
  return path === undefined || path === ':memory:' || existsSync(path) ? undefined : path;
}

/** The file of an SQLite database; undefined: the URL names none. */
function sqlitePath(url: string): string | undefined {
  const given = /^sqlite:(.+)$/.exec(url)?.[1];
  if (given === undefined || given === ':memory:') return given;
  const read = localPath(given);
  return 'path' in read ? read.path : undefined;
}

/** Codes of a transaction that lost against another one and did nothing: serialization failure, deadlock. */
const conflictCodes: readonly unknown[] = ['40001', '40P01'];
const conflictRetries = 5;

/** The database's own: a lock that is not given back, a full disk, a server that is gone. Not a fault of a statement. */
function isDatabaseFailure(error: unknown): boolean {
  const code = String(codeOf(error));
  return (
    /^SQLITE_(BUSY|LOCKED|FULL|IOERR|READONLY|CANTOPEN|CORRUPT|NOTADB|NOMEM)/.test(code) ||
    /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_)/.test(code) ||
    // https://www.postgresql.org/docs/current/errcodes-appendix.html: connection, resources, operator, system, locks
    /^(08|53|57|58|55P03|25006)/.test(code)
  );
}

/** Runs `body` in one transaction, again when it lost against another. */
export async function transact<T>(
  { db, runtime }: Store,
  body: (transaction: Transaction<OutboxTables>) => Promise<T>,
): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await db.transaction().execute(body);
    } catch (error) {
      if (!conflictCodes.includes(codeOf(error)))
        throw isDatabaseFailure(error) ? outboxErrors.outbox_unavailable({ cause: error }) : error;
      if (tries === conflictRetries) throw outboxErrors.outbox_unavailable({ cause: error });
      await runtime.sleep(10 * 2 ** tries * runtime.random());
    }
  }
}
