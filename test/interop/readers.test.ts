import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { openLake } from '../../src/lake/lake.ts';
import { tellSeveralTenants, tenantLake } from '../../src/lake/log/tenants.ts';
import { fileStore } from '../../src/lake/stores/file.ts';
import { systemRuntime } from '../../src/runtime/runtime.ts';
import { tables } from '../../src/tables/index.generated.ts';
import { attended, attendedLake, countOf } from '../support/attended-lake.ts';
import {
  asDelta,
  deltaReaders,
  fromDelta,
  fromFiles,
  fromFolder,
  fromManifest,
  ofTenants,
  type Reader,
} from '../support/documented-readers.ts';
import {
  inOrder,
  onEveryPath,
  openRows,
  parquetFiles,
  rowsByQuery,
  rowsInFiles,
  shapes,
} from '../support/every-path.ts';
import { exportTestLake } from '../support/exports.ts';
import { hundredSyncs } from '../support/hundred-syncs.ts';
import { message, messagesPage } from '../support/lake-pages.ts';
import { pythonOf, startPython } from '../support/python.ts';
import { pythonFolder } from '../support/python-folder.ts';

// A hundred syncs.
vi.setConfig({ testTimeout: 900_000 });

const interpreter = pythonOf('readers');
const oneTenant = '0a1b2c3d-0000-4000-8000-000000000001';
const otherTenant = '0a1b2c3d-0000-4000-8000-000000000002';
const BY_FILES: readonly Reader[] = ['duckdb', 'polars', 'pyarrow'];
const BY_FOLDER: readonly Reader[] = [...BY_FILES, 'pandas'];

/** Parquet's own names for the types of the columns of a file. */
const columnTypes = (file: string) => `
import pyarrow, pyarrow.parquet
schema = pyarrow.parquet.ParquetFile(${JSON.stringify(file)}).schema
rows = pyarrow.table({"type": [schema.column(at).logical_type.type for at in range(len(schema))]})`;

describe.skipIf(!interpreter)('readers of Parquet in Python', () => {
  const running = pythonFolder(interpreter, 'sluice-readers-');

  it('find in every file of every way of writing what Sluice finds in it', async () => {
    const { folder, python } = running();
    const seen = new Set<string>();
    await onEveryPath(folder, async (step) => {
      for (const file of parquetFiles(folder).filter((path) => !seen.has(path))) {
        seen.add(file);
        const expected = inOrder(await rowsInFiles([join(folder, file)], folder), { stamps: true });
        for (const reader of BY_FILES) {
          const found = await python.rows(fromFiles(reader, [file]));
          expect(inOrder(found, { stamps: true }), `${step}: ${file} by ${reader}`).toEqual(expected);
        }
        // Readers disagree about what the Parquet type JSON is: JSON is text.
        const types = await python.rows(columnTypes(file));
        const others = types.filter(({ type }) => !['INT', 'NONE', 'STRING', 'TIMESTAMP'].includes(String(type)));
        expect(others, file).toEqual([]);
      }
    });
    expect(seen.size).toBeGreaterThan(40);
  });

  it('find the rows of all tenants of a lake that holds several, and whose each is, whatever the folders above are called', async () => {
    const { folder } = running();
    const above = join(folder, 'id=5', 'tenant_id=none');
    const store = fileStore(join(above, 'lakes'));
    await tellSeveralTenants(store);
    const expected: string[][] = [];
    for (const [tenantId, ids] of Object.entries({ [oneTenant]: ['1', '2'], [otherTenant]: ['2'] })) {
      const own = tenantLake(store, [], tenantId);
      await using lake = await openLake({
        store: own.store,
        tables,
        runtime: systemRuntime,
        scratchDir: join(above, 'scratch'),
        rawColumn: tenantId === otherTenant,
      });
      const load = await lake.begin({ loadId: 'a' });
      await load.append(messagesPage(ids.map((id) => message(id))));
      await load.close();
      await lake.publish();
      expected.push(...ids.map((id) => [tenantId, id]));
    }
    await using within = startPython(interpreter!, above);
    for (const reader of BY_FILES) {
      const found = await within.rows(ofTenants(reader));
      expect(found.map(({ tenant_id, id }) => [tenant_id, id]).sort(), reader).toEqual(expected);
    }
  });

  it('find every table in current/ as sluice query has it, with values at the edges of their types, and empty ones', async () => {
    const { folder, python } = running();
    await onEveryPath(folder, async (step) => {
      if (!['adopt', 'publish', 'compact', 'a table that is empty again'].includes(step)) return;
      await using asked = await openRows(folder);
      for (const { name } of shapes) {
        const expected = await asked.rowsOf(name);
        const ways = [
          ...BY_FOLDER.map((reader) => [reader, fromFolder(reader, name)] as const),
          ...BY_FILES.map((reader) => [reader, fromManifest(reader, name)] as const),
        ];
        for (const [reader, code] of ways) {
          const found = await python.rows(code);
          const comparing = { floats: reader === 'pandas' };
          expect(inOrder(found, comparing), `${step}: ${name} by ${code}`).toEqual(inOrder(expected, comparing));
        }
      }
    });
    expect(await rowsByQuery(folder, 'everything')).toEqual([]);
  });

  it('delta-rs makes a Delta table of a copy of every folder of current/', async () => {
    const { folder, python } = running();
    await onEveryPath(folder, async (step) => {
      if (step !== 'publish') return;
      await using asked = await openRows(folder);
      for (const { name } of shapes) {
        cpSync(join(folder, 'lake/current', name), join(folder, 'copy', name), { recursive: true });
        const found = await python.rows(asDelta(`copy/${name}`));
        expect(inOrder(found), name).toEqual(inOrder(await asked.rowsOf(name)));
      }
    });
  });

  it('count what sluice attendance wrote alike, and its seconds: pyarrow, Polars and DuckDB in current/, they and delta-rs in Delta tables', async () => {
    const { folder, python } = running();
    await attendedLake(folder);
    const names = attended.map(({ table }) => table);
    expect((await exportTestLake(folder, 'delta', { names })).notExported).toEqual([]);
    await using asked = await openRows(folder);
    for (const { table, seconds } of attended) {
      const rows = await asked.rowsOf(table);
      const expected = countOf(rows, seconds);
      expect(expected.rows, table).toBeGreaterThan(0);
      if (seconds !== undefined) expect(expected.seconds, table).toBeGreaterThan(0);
      const ways = [
        ...BY_FILES.map((reader) => [reader, fromFolder(reader, table)] as const),
        ...deltaReaders.map((reader) => [`Delta by ${reader}`, fromDelta(reader, table)] as const),
      ];
      for (const [reader, code] of ways) {
        const found = await python.rows(code);
        expect(countOf(found, seconds), `${table} by ${reader}`).toEqual(expected);
        expect(inOrder(found), `${table} by ${reader}`).toEqual(inOrder(rows));
      }
    }
  });

  it('find in current/ what sluice query finds after each of a hundred small syncs', async () => {
    const { folder, python } = running();
    await hundredSyncs(folder, async ({ round, names, rowsOf }) => {
      for (const name of names) {
        const expected = inOrder(await rowsOf(name));
        for (const reader of BY_FOLDER) {
          const found = await python.rows(fromFolder(reader, name));
          expect(inOrder(found), `${name} by ${reader} after sync ${round}`).toEqual(expected);
        }
      }
    });
  });
});
