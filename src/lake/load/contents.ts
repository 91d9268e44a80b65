import { createHash } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sourcesOf, type TableShape } from '../../schema/column.ts';
import { identifier, identifiers } from '../../schema/sql.ts';
import { writeError } from '../engine/write-error.ts';
import { contentKey } from '../log/names.ts';
import { PRIVATE_FILE } from '../stores/private-files.ts';
import type { LakeCore } from '../tables/core.ts';
import { currentRows, explodedRows, foundFiles, standingFiles } from '../tables/relations.ts';
import type { LakeContents, NamedContent, NewContent } from '../types.ts';

/** Rows that are handed out between two looks at the list of them. */
const ROWS_AT_A_TIME = 1_000;

/** Files that rows name, beside the tables of an opened lake. */
export function lakeContents(core: LakeCore): LakeContents {
  let lists = 0;
  let files = 0;
  return {
    unkept: (names, kept, options) => {
      lists += 1;
      const pair = { names: tableOf(core, names), kept: tableOf(core, kept) };
      return unkept(core, { ...pair, ...options, list: `unkept_${lists}` });
    },
    begin: async () => {
      files += 1;
      const name = String(files);
      return newContent(core, join(await core.scratch('contents'), name));
    },
  };
}

const tableOf = (core: LakeCore, name: string): TableShape => {
  const table = core.tables.find((one) => one.name === name);
  if (table) return table;
  throw new TypeError(`no table is called ${name}`);
};

interface Listed {
  readonly names: TableShape;
  readonly kept: TableShape;
  readonly apart: readonly string[];
  readonly done: string;
  readonly list: string;
}

/** The list is made once, in DuckDB, and read in parts: the memory does not grow with it. */
async function* unkept(core: LakeCore, listed: Listed): AsyncGenerator<NamedContent> {
  await core.exclusive(() => makeList(core, listed));
  try {
    for (let from = 0; ; from += ROWS_AT_A_TIME) {
      const rows = await core.exclusive(() =>
        core.duck.rows(
          `SELECT * EXCLUDE (_at) FROM ${listed.list} WHERE _at >= ${from} AND _at < ${from + ROWS_AT_A_TIME} ORDER BY _at`,
        ),
      );
      for (const { _named: isNamed, ...values } of rows) yield { isNamed: isNamed === true, values };
      if (rows.length < ROWS_AT_A_TIME) return;
    }
  } finally {
    await core.exclusive(() => core.duck.run(`DROP TABLE IF EXISTS ${listed.list}`));
  }
}

async function makeList(core: LakeCore, { names, kept, apart, done, list }: Listed): Promise<void> {
  const relations = new Map<TableShape, string>();
  for (const table of [...sourcesOf(names, core.tables), kept]) {
    const stored = core.stored(table);
    const files = await foundFiles({ ...stored, files: standingFiles(stored.files) });
    relations.set(table, currentRows(table, files));
  }
  const key = identifiers(kept.primaryKey);
  const facts = Object.keys(kept.columns).filter((name) => !kept.primaryKey.includes(name));
  const known = facts.map((name) => `k.${identifier(name)}`).join(', ');
  const turn = `row_number() OVER (PARTITION BY ${identifiers(apart)} ORDER BY ${kept.primaryKey.map((name) => `n.${identifier(name)} DESC`).join(', ')})`;
  await core.duck.run(`CREATE OR REPLACE TEMP TABLE ${list} AS
    WITH named AS (SELECT ${key} FROM (${explodedRows(names, core.tables, (table) => relations.get(table)!)})),
      kept AS (SELECT ${key}, ${identifiers(facts)} FROM (${relations.get(kept)!}))
    SELECT row_number() OVER (ORDER BY _turn, ${key}) - 1 AS _at, * EXCLUDE (_turn) FROM (
      SELECT ${key}, ${known}, true AS _named, ${turn} AS _turn
        FROM named AS n LEFT JOIN kept AS k USING (${key}) WHERE k.${identifier(done)} IS NULL
      UNION ALL
      SELECT ${key}, ${known}, false AS _named, 0 AS _turn FROM kept AS k ANTI JOIN named USING (${key}))`);
}

/** Bytes go to a file that nobody else sees, and take their name when they are whole. */
async function newContent(core: LakeCore, path: string): Promise<NewContent> {
  const hash = createHash('sha256');
  let size = 0;
  const failed = (error: unknown): never => {
    throw writeError(error, path);
  };
  const file = await open(path, 'wx', PRIVATE_FILE).catch(failed);
  const drop = async () => {
    await file.close().catch(() => undefined);
    await rm(path, { force: true });
  };
  return {
    add: async (piece) => {
      hash.update(piece);
      size += piece.byteLength;
      await file.writeFile(piece).catch(failed);
    },
    keep: async (signal) => {
      await file.close().catch(failed);
      const sha256 = hash.digest('hex');
      const key = contentKey(sha256);
      await core.lease.check();
      if ((await core.store.size(key, signal)) === size) await drop();
      else await core.store.putFile(key, path, signal);
      return { file: key, sha256, size };
    },
    drop,
  };
}
