// Everything that a query could do beside reading the tables of its lake: to write, to reach out, to read elsewhere, to
// change what later queries see. Each is refused by name, and not one byte of the lake or beside it changes.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isSluiceError } from '../../src/errors/sluice-error.ts';
import { type LakeReader, openReader } from '../../src/lake/query/query.ts';
import { fileStore } from '../../src/lake/stores/file.ts';
import { tables } from '../../src/tables/index.generated.ts';
import { withFolder } from '../support/lake.ts';
import { message, messagesPage, openTestLake, reaction } from '../support/lake-pages.ts';

let folder: string;
let reader: LakeReader;
let done: () => void;
let opened: Promise<unknown>;
const secret = 'canary-of-another-file';

beforeAll(async () => {
  await new Promise<void>((ready, broken) => {
    opened = withFolder(async (made) => {
      folder = made;
      const lake = await openTestLake(folder);
      const load = await lake.begin({ loadId: 'a' });
      await load.append(messagesPage([message('1', { reactions: [reaction('like', 'u1')] }), message('2')]));
      await load.close();
      await lake.publish();
      await lake.close();
      mkdirSync(join(folder, 'elsewhere'));
      writeFileSync(join(folder, 'elsewhere', 'notes.txt'), secret);
      writeFileSync(join(folder, 'elsewhere', 'notes.csv'), `a,b\n${secret},2\n`);
      writeFileSync(join(folder, 'elsewhere', 'notes.json'), `{"a":"${secret}"}\n`);
      writeFileSync(join(folder, 'elsewhere', 'x.parquet'), readFileSync(parquetFiles()[0]!));
      reader = await openReader({ store: fileStore(join(folder, 'lake')), tables });
      ready();
      await new Promise<void>((end) => {
        done = end;
      });
    });
    opened.catch(broken);
  });
});

afterAll(async () => {
  await reader.close();
  done();
  await opened;
});

const parquetFiles = () => filesBelow(join(folder, 'lake')).filter((path) => path.endsWith('.parquet'));

function filesBelow(root: string): string[] {
  return readdirSync(root).flatMap((name) => {
    const path = join(root, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}

/** Names and contents of everything in the test's folder. */
function fingerprint(): string {
  const hash = createHash('sha256');
  for (const path of filesBelow(folder).sort()) hash.update(path).update('\0').update(readFileSync(path)).update('\0');
  return hash.digest('hex');
}

/** `@out`: a file beside the lake that is not there. `@there`: the folder beside the lake. `@log`: the lake's log. */
const WRITES = [
  "COPY messages TO '@out.csv'",
  "COPY (SELECT 1) TO '@out.parquet' (FORMAT parquet)",
  "COPY messages FROM '@there/notes.csv'",
  "EXPLAIN ANALYZE COPY messages TO '@log/00000000000000000001.json'",
  "EXPLAIN COPY messages TO '@out.csv'",
  "EXPLAIN (ANALYZE) COPY messages TO '@out.csv'",
  "EXPLAIN (FORMAT json) COPY messages TO '@out.csv'",
  "explain /* a */ analyze -- b\n copy messages to '@out.csv'",
  "/* SELECT */ COPY messages TO '@out.csv'",
  "-- SELECT 1\nCOPY messages TO '@out.csv'",
  "/* /* */ SELECT */ COPY messages TO '@out.csv'",
  "(((COPY messages TO '@out.csv')))",
  "EXPORT DATABASE '@out'",
  "EXPLAIN ANALYZE EXPORT DATABASE '@out'",
  "IMPORT DATABASE '@there'",
  "ATTACH '@out.db' AS other",
  "EXPLAIN ANALYZE ATTACH '@out.db' AS other",
  "ATTACH ':memory:' AS other",
  'DETACH memory',
  'CREATE TABLE x AS SELECT 1',
  'CREATE OR REPLACE VIEW messages AS SELECT 1 AS id',
  'CREATE OR REPLACE TEMP VIEW messages AS SELECT 1 AS id',
  'EXPLAIN ANALYZE CREATE OR REPLACE TEMP VIEW messages AS SELECT 1 AS id',
  'CREATE TEMP TABLE messages AS SELECT 1 AS id',
  'CREATE OR REPLACE TEMP MACRO count(x) AS 7',
  'CREATE MACRO lower(x) AS x',
  "CREATE TYPE mood AS ENUM ('a')",
  'CREATE SEQUENCE s',
  'CREATE SCHEMA s',
  "CREATE SECRET (TYPE s3, KEY_ID 'a', SECRET 'b')",
  "CREATE PERSISTENT SECRET (TYPE s3, KEY_ID 'a', SECRET 'b')",
  'CREATE INDEX i ON messages (id)',
  'DROP VIEW messages',
  'DROP SCHEMA main CASCADE',
  'ALTER VIEW messages RENAME TO others',
  "COMMENT ON VIEW messages IS 'x'",
  "INSERT INTO messages (id) VALUES ('x')",
  "UPDATE messages SET id = 'x'",
  'DELETE FROM messages',
  'TRUNCATE messages',
  'MERGE INTO messages USING messages AS m ON true WHEN MATCHED THEN DELETE',
  "WITH x AS (SELECT 1) INSERT INTO messages (id) SELECT '1' FROM x",
  'WITH x AS (SELECT 1) DELETE FROM messages',
  "WITH x AS (SELECT 1) UPDATE messages SET id = '1'",
  'WITH x AS (DELETE FROM messages RETURNING *) SELECT * FROM x',
  "WITH x AS (COPY messages TO '@out.csv') SELECT * FROM x",
  'EXPLAIN ANALYZE DELETE FROM messages',
  'EXPLAIN ANALYZE WITH x AS (SELECT 1) DELETE FROM messages',
  'SELECT 1; SELECT 2',
  'SELECT 1; DROP VIEW messages',
  "SELECT ';'; COPY messages TO '@out.csv'",
  "SELECT 1;; COPY messages TO '@out.csv'",
  "CREATE TYPE t AS ENUM ('a'); SELECT 1",
  "PREPARE p AS COPY messages TO '@out.csv'",
  'EXECUTE p',
  'DEALLOCATE p',
  'BEGIN',
  'COMMIT',
  'CHECKPOINT',
  'FORCE CHECKPOINT',
  'VACUUM',
  'ANALYZE messages',
  'SELECT * FROM checkpoint()',
  'SELECT * FROM force_checkpoint()',
  "SELECT * FROM enable_logging('QueryLog')",
  'SELECT * FROM "enable_logging" ()',
  'SELECT * FROM system.main.enable_logging()',
  "SELECT * FROM enable_profiling(save_location := '@out.json')",
  'SELECT * FROM disable_logging()',
  'SELECT * FROM truncate_duckdb_logs()',
  "SELECT write_log('x')",
  "SELECT 'x'.write_log()",
  "SET memory_limit = '1TB'",
  'SET enable_external_access = true',
  'SET GLOBAL enable_external_access = true',
  'RESET lock_configuration',
  "SET TimeZone = 'Asia/Tokyo'",
  'SET VARIABLE x = 1',
  'EXPLAIN ANALYZE SET threads = 1',
  'USE system',
  "PRAGMA memory_limit = '1TB'",
  "PRAGMA enable_profiling = 'json'",
  "PRAGMA copy_database(memory, '@out.db')",
  "PRAGMA import_database('@there')",
  'PRAGMA database_size',
  "CALL pragma_table_info('messages')",
  'CALL enable_logging()',
  'CALL checkpoint()',
  '',
  ' ; ',
  '-- nothing',
  'EXPLAIN',
  'nonsense',
];

const REACHES = [
  'INSTALL httpfs',
  'FORCE INSTALL httpfs',
  'LOAD httpfs',
  "LOAD '@there/evil.duckdb_extension'",
  'UPDATE EXTENSIONS',
  'EXPLAIN ANALYZE INSTALL httpfs',
  'EXPLAIN ANALYZE LOAD httpfs',
  "INSTALL spatial FROM 'https://example.com'",
  "SELECT * FROM 'https://example.com/x.parquet'",
  "SELECT * FROM read_parquet('s3://bucket/x.parquet')",
  "SELECT * FROM read_csv('https://example.com/x.csv')",
  "ATTACH 'https://example.com/x.db'",
  "ATTACH 'postgres:dbname=x' AS p (TYPE postgres)",
  "SELECT * FROM read_text('https://example.com/')",
];

const READS_ELSEWHERE = [
  "SELECT * FROM read_text('/etc/passwd')",
  "SELECT * FROM read_text('@there/notes.txt')",
  "SELECT content FROM read_blob('@there/notes.txt')",
  "SELECT * FROM glob('/etc/*')",
  "SELECT * FROM glob('@there/*')",
  "SELECT * FROM read_csv('@there/notes.csv')",
  "SELECT * FROM read_csv_auto('@there/notes.csv')",
  "SELECT * FROM sniff_csv('@there/notes.csv')",
  "SELECT * FROM read_json('@there/notes.json')",
  "SELECT * FROM read_ndjson_objects('@there/notes.json')",
  "SELECT * FROM '@there/notes.csv'",
  "SELECT * FROM '@there/x.parquet'",
  'SELECT * FROM "@there/notes.json"',
  "SELECT * FROM read_parquet('@there/x.parquet')",
  "SELECT * FROM parquet_scan('@there/*.parquet')",
  "SELECT * FROM parquet_metadata('@there/x.parquet')",
  "SELECT * FROM parquet_schema('@there/x.parquet')",
  "SELECT * FROM parquet_file_metadata('@there/x.parquet')",
  "SELECT * FROM parquet_kv_metadata('@there/x.parquet')",
  "SELECT * FROM parquet_bloom_probe('@there/x.parquet', 'id', '1')",
  "SELECT * FROM read_duckdb('@there/x.db')",
  "SELECT * FROM read_text('@log/00000000000000000001.json')",
  "SELECT * FROM read_text('/proc/self/environ')",
  "SELECT * FROM read_csv('/dev/stdin')",
  "SUMMARIZE '@there/x.parquet'",
  "DESCRIBE '@there/x.parquet'",
  "DESCRIBE SELECT * FROM read_csv('@there/notes.csv')",
  "EXPLAIN ANALYZE SELECT * FROM read_text('@there/notes.txt')",
  "PIVOT read_csv('@there/notes.csv') ON a USING count(*)",
  "SELECT * FROM query('SELECT * FROM read_text(''@there/notes.txt'')')",
  "SELECT * FROM query('SELECT * FROM enable_' || 'logging()')",
  "SELECT * FROM query_table('@there/x.parquet')",
  "WITH x AS (SELECT * FROM read_text('@there/notes.txt')) SELECT * FROM x",
  "SELECT (SELECT content FROM read_text('@there/notes.txt'))",
  "SELECT * FROM messages, LATERAL (SELECT * FROM read_text('@there/notes.txt'))",
  "SELECT * FROM read_text/* */('@there/notes.txt')",
  'SELECT * FROM "read_text"(\'@there/notes.txt\')',
  "FROM read_text('@there/notes.txt')",
  "SELECT getenv('HOME')",
  'SELECT * FROM duckdb_secrets()',
  'SELECT * FROM duckdb_settings()',
  "SELECT current_setting('temp_directory')",
  'SELECT * FROM pg_catalog.pg_settings',
  'SELECT * FROM duckdb_temporary_files()',
  'SELECT * FROM duckdb_extensions()',
  "SELECT * FROM which_secret('s3://x', 's3')",
  "SELECT * FROM json_execute_serialized_sql(json_serialize_sql('SELECT 1'))",
  'SELECT * FROM arrow_scan(1::POINTER, 2::POINTER, 3::POINTER)',
  'SELECT * FROM sql_auto_complete(1)',
  'SELECT sql FROM duckdb_views()',
  'SELECT * FROM pg_catalog.pg_views',
  'SELECT sql FROM sqlite_master',
  'SELECT sql FROM sqlite_schema',
  'SELECT view_definition FROM information_schema.views',
  'SELECT * FROM system . "Information_Schema" /* */ . "VIEWS"',
  "SELECT pg_get_viewdef(oid) FROM pg_class WHERE relname = 'messages'",
  "SELECT json_serialize_plan('SELECT id FROM messages')",
];

const filled = (sql: string) =>
  sql
    .replaceAll('@out', join(folder, 'out'))
    .replaceAll('@there', join(folder, 'elsewhere'))
    .replaceAll('@log', join(folder, 'lake', '_log'));

describe.each([
  ['writes or changes something', WRITES],
  ['reaches out', REACHES],
  ['reads elsewhere', READS_ELSEWHERE],
])('a statement that %s is refused, and nothing changes', (_, statements) => {
  it.each(statements)('%s', async (sql) => {
    const before = fingerprint();
    const error = await reader.query(filled(sql)).then(
      ({ rows }) => ({ rows }),
      (thrown: unknown) => thrown,
    );
    expect(isSluiceError(error), JSON.stringify(error)).toBe(true);
    const { code, message: words } = error as { code: string; message: string };
    expect(['query_not_read_only', 'query_outside_lake', 'query_failed']).toContain(code);
    if (code === 'query_failed') expect(words).toMatch(/^(Parser|Catalog|Binder|Failed to extract|Invalid Input)/);
    expect(words).not.toContain(secret);
    expect(fingerprint()).toBe(before);
    const { rows } = await reader.query('SELECT count(*), min(id) FROM messages');
    expect(rows).toEqual([[2, '1']]);
  });
});

it('names what is refused by kind, whatever DuckDB would have said', async () => {
  const codes = async (statements: readonly string[]) => {
    const found: string[] = [];
    for (const sql of statements) {
      found.push(
        await reader.query(filled(sql)).then(
          () => 'answered',
          ({ code }: { code: string }) => code,
        ),
      );
    }
    return [...new Set(found)].sort();
  };
  expect(
    await codes(WRITES.filter((sql) => /^\s*(COPY|EXPLAIN|CREATE|DROP|SET|PRAGMA|CALL|ATTACH)\b/i.test(sql))),
  ).toEqual(['query_not_read_only']);
  expect(await codes(REACHES.filter((sql) => !sql.startsWith('SELECT')))).toEqual(['query_not_read_only']);
  expect(await codes(READS_ELSEWHERE.filter((sql) => sql.includes('('))).then((found) => found)).toContain(
    'query_outside_lake',
  );
});

it.each([
  ['window functions', 'SELECT id, row_number() OVER (PARTITION BY channel_id ORDER BY id) FROM messages ORDER BY id'],
  ['JSON functions', `SELECT json_extract_string('{"a":1}', '$.a'), '{"b":[1,2]}'::JSON->'b'`],
  ['rows of JSON', `SELECT key, value FROM json_each('{"a":1}')`],
  ['list functions', 'SELECT list_transform(reactions, lambda r: r.reactionType), len(mentions) FROM messages'],
  [
    'unnest and ranges',
    'SELECT unnest(reactions).reactionType FROM messages UNION ALL SELECT r::VARCHAR FROM range(3) t(r)',
  ],
  ['DESCRIBE', 'DESCRIBE messages'],
  ['DESCRIBE a query', 'DESCRIBE SELECT id FROM messages'],
  ['SHOW', 'SHOW TABLES'],
  ['SHOW ALL TABLES', 'SHOW ALL TABLES'],
  ['SUMMARIZE', 'SUMMARIZE messages'],
  ['PIVOT without values', 'PIVOT messages ON messageType USING count(*) GROUP BY channel_id'],
  ['PIVOT inside', 'SELECT * FROM (PIVOT messages ON messageType USING count(*) GROUP BY channel_id)'],
  ['PIVOT with values', "PIVOT messages ON messageType IN ('message') USING count(*)"],
  ['UNPIVOT', 'UNPIVOT (SELECT 1 AS a, 2 AS b) ON a, b'],
  ['EXPLAIN', 'EXPLAIN SELECT * FROM messages'],
  ['EXPLAIN ANALYZE', 'EXPLAIN ANALYZE SELECT * FROM messages'],
  ['EXPLAIN as JSON', 'EXPLAIN (FORMAT json) SELECT * FROM messages'],
  ['recursion', 'WITH RECURSIVE t(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM t WHERE n < 3) SELECT * FROM t'],
  ['FROM first', 'FROM messages SELECT id'],
  ['TABLE', 'TABLE messages'],
  ['VALUES', 'VALUES (1), (2)'],
  ['brackets and a semicolon', '(SELECT 1);'],
  ['comments', '/* a; b */ SELECT 1 -- c; d'],
  ['words that write, as texts and names', `SELECT 'DROP VIEW x; COPY' AS "delete", $$ ; $$ AS "set"`],
  ['the catalogue', "SELECT count(*) FROM information_schema.tables WHERE table_name = 'messages'"],
  ['quantiles and samples', 'SELECT approx_quantile(length(body.content), 0.5) FROM messages USING SAMPLE 50%'],
  [
    'AS OF joins',
    'SELECT count(*) FROM messages a ASOF JOIN messages b ON a.id = b.id AND a.createdDateTime >= b.createdDateTime',
  ],
])('goes on answering: %s', async (_, sql) => {
  expect((await reader.query(sql)).rows.length).toBeGreaterThan(0);
});

it('tells no path of the machine in an error, and of the lake only the name of a file', async () => {
  for (const sql of READS_ELSEWHERE) {
    const error = (await reader.query(filled(sql)).catch((thrown: unknown) => thrown)) as Error;
    const own = filled(sql);
    for (const path of error.message.match(/(?:\/[\w.-]+){2,}/g) ?? []) expect(own).toContain(path);
  }
});
