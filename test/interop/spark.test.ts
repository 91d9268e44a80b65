import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { attended, attendedLake, countOf } from '../support/attended-lake.ts';
import { fromFiles, fromManifest, lateInstants } from '../support/documented-readers.ts';
import {
  type Comparing,
  inOrder,
  onEveryPath,
  parquetFiles,
  rowsByQuery,
  rowsInFiles,
  shapes,
} from '../support/every-path.ts';
import { hundredSyncs } from '../support/hundred-syncs.ts';
import { temporaryFolder } from '../support/lake-pages.ts';
import { type PythonEnvironment, type PythonReader, pythonOf, startPython } from '../support/python.ts';

// Two virtual machines of Java start first.
vi.setConfig({ testTimeout: 900_000 });

const VERSIONS: readonly PythonEnvironment[] = ['spark-3.5', 'spark-4'];
const interpreters = VERSIONS.map((version) => [version, pythonOf(version)] as const);
const isInstalled = interpreters.every(([, interpreter]) => interpreter !== undefined);

/** Small and quiet; else as it comes. */
const SESSION = `
from pyspark.sql import SparkSession
spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
spark.sparkContext.setLogLevel("OFF")
rows = spark.range(1)`;

interface Spark extends PythonReader {
  readonly version: PythonEnvironment;
}

/** Both versions at a time, each with `collect()` and `toPandas()`. */
async function withSparks(folder: string, use: (sparks: readonly Spark[]) => Promise<void>): Promise<void> {
  const sparks = interpreters.map(([version, interpreter]) => ({ version, ...startPython(interpreter!, folder) }));
  try {
    await Promise.all(sparks.map((spark) => spark.rows(SESSION)));
    await use(sparks);
  } finally {
    for (const spark of sparks) await spark[Symbol.asyncDispose]();
  }
}

const FLOATS: Comparing = { floats: true };

async function expectRows(
  sparks: readonly Spark[],
  code: string,
  expected: Parameters<typeof inOrder>[0],
  told: { readonly what: string; readonly comparing?: Comparing; readonly pandas?: boolean },
): Promise<void> {
  const { what, comparing = {}, pandas = true } = told;
  await Promise.all(
    sparks.map(async (spark) => {
      const name = `${what} by ${spark.version}`;
      expect(inOrder(await spark.rows(code), comparing), `${name}, collect()`).toEqual(inOrder(expected, comparing));
      if (!pandas) return;
      const floats = { ...comparing, ...FLOATS };
      expect(inOrder(await spark.rows(code, 'toPandas'), floats), `${name}, toPandas()`).toEqual(
        inOrder(expected, floats),
      );
    }),
  );
}

describe.skipIf(!isInstalled)('Spark 3.5 and Spark 4', () => {
  it('find in every file of every way of writing what Sluice finds in it', async () => {
    const folder = temporaryFolder();
    await withSparks(folder, async (sparks) => {
      const seen = new Set<string>();
      const look = async (step: string) => {
        // `current/` shows the same files under a second name.
        const files = parquetFiles(folder).filter((path) => path.startsWith('lake/tables/') && !seen.has(path));
        for (const file of files) seen.add(file);
        for (const group of byFolder(files)) {
          const paths = group.map((file) => join(folder, file));
          const told = { what: `${step}: ${group.join(', ')}`, comparing: { stamps: true } };
          await expectRows(sparks, fromFiles('pyspark', group), await rowsInFiles(paths, folder), told);
        }
      };
      // The last year that toPandas() can tell.
      await onEveryPath(folder, look, { latest: '2261-12-31T23:59:59.999999Z' });
      expect(seen.size).toBeGreaterThan(20);
    });
  });

  it('find every table in current/ as sluice query has it, with instants from 1900 to 9999, and empty ones', async () => {
    const folder = temporaryFolder();
    await withSparks(folder, async (sparks) => {
      await onEveryPath(folder, async (step) => {
        if (step !== 'publish') return;
        for (const { name } of shapes) {
          const expected = await rowsByQuery(folder, name);
          const code = fromManifest('pyspark', name);
          await expectRows(sparks, code, expected, { what: name, pandas: false });
          const late = { what: `${name} as the page has it for late instants`, comparing: FLOATS, pandas: false };
          await expectRows(sparks, `${code}\n${lateInstants()}`, expected, late);
        }
      });
    });
  });

  it('count what sluice attendance wrote alike, and its seconds', async () => {
    const folder = temporaryFolder();
    await attendedLake(folder);
    await withSparks(folder, async (sparks) => {
      for (const { table, seconds } of attended) {
        const expected = countOf(await rowsByQuery(folder, table), seconds);
        for (const spark of sparks) {
          const found = await spark.rows(fromManifest('pyspark', table));
          expect(countOf(found, seconds), `${table} by ${spark.version}`).toEqual(expected);
        }
      }
    });
  });

  // The other readers look after each of them: a Spark takes seconds for a table.
  it('find in current/ what sluice query finds, after every tenth of a hundred small syncs', async () => {
    const folder = temporaryFolder();
    await withSparks(folder, async (sparks) => {
      await hundredSyncs(folder, async ({ round, names, rowsOf }) => {
        if (round % 10 !== 9) return;
        const isWhole = round === 99;
        for (const name of isWhole ? names : ['messages']) {
          const told = { what: `${name} after sync ${round}`, pandas: isWhole };
          await expectRows(sparks, fromManifest('pyspark', name), await rowsOf(name), told);
        }
      });
    });
  });
});

/** Spark lists files of one table at a time. */
function byFolder(files: readonly string[]): readonly (readonly string[])[] {
  const folders = new Set(files.map((file) => file.slice(0, file.lastIndexOf('/'))));
  return [...folders].map((folder) => files.filter((file) => file.startsWith(`${folder}/`)));
}
