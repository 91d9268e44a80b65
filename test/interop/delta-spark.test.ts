import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { openReader } from '../../src/lake/query/query.ts';
import { fileStore } from '../../src/lake/stores/file.ts';
import { attended, attendedLake, countOf } from '../support/attended-lake.ts';
import { inOrder, rowsByQuery } from '../support/every-path.ts';
import { exportTestLake } from '../support/exports.ts';
import { message, messagesPage, ofMessages, openTestLake, temporaryFolder } from '../support/lake-pages.ts';
import { pythonOf, startPython } from '../support/python.ts';

// A virtual machine of Java starts first.
vi.setConfig({ testTimeout: 600_000 });

const script = fileURLToPath(new URL('../../scripts/ci-delta-spark.sh', import.meta.url));
const found = spawnSync('sh', [script, '--jars'], { encoding: 'utf8' });
const interpreter = found.status === 0 ? pythonOf('spark-3.5') : undefined;
if (interpreter === undefined)
  console.warn(
    'Spark with Delta is not installed: its test is skipped (scripts/ci-delta-spark.sh, ci-python.sh spark-3.5).',
  );

const SESSION = `
from pyspark.sql import SparkSession
spark = (SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
  .config("spark.jars", ${JSON.stringify(found.stdout.trim())})
  .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
  .config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
  .config("spark.sql.shuffle.partitions", "1").config("spark.databricks.delta.snapshotPartitions", "1").getOrCreate())
spark.sparkContext.setLogLevel("OFF")
rows = spark.range(1)`;

/** Reads what is new of a table of changes, and all that was read so far. */
const STREAM = `
(spark.readStream.format("delta").load("out/delta/messages_changes").writeStream.format("parquet")
  .option("checkpointLocation", "checkpoint").option("path", "streamed").trigger(availableNow=True).start().awaitTermination())
rows = spark.read.parquet("streamed").select("id", "_op", "_commit")`;

describe.skipIf(interpreter === undefined)('Spark 3.5 with Delta 3.3', () => {
  it('counts what sluice attendance wrote as sluice query does, and its seconds', async () => {
    const folder = temporaryFolder();
    await attendedLake(folder);
    const names = attended.map(({ table }) => table);
    expect((await exportTestLake(folder, 'delta', { names })).notExported).toEqual([]);
    await using spark = startPython(interpreter!, folder);
    await spark.rows(SESSION);
    for (const { table, seconds } of attended) {
      const code = `rows = spark.read.format("delta").load("out/delta/${table}")`;
      const expected = await rowsByQuery(folder, table);
      const read = await spark.rows(code);
      expect(countOf(read, seconds), table).toEqual(countOf(expected, seconds));
      expect(inOrder(read), table).toEqual(inOrder(expected));
    }
  });

  it('streams the changes of many small syncs and of a compaction, and loses and doubles none', async () => {
    const folder = temporaryFolder();
    await using spark = startPython(interpreter!, folder);
    await spark.rows(SESSION);
    await using lake = await openTestLake(folder, { tables: ofMessages });
    for (let round = 0; round < 12; round += 1) {
      const load = await lake.begin({ loadId: `load-${round}` });
      const at = { lastModifiedDateTime: new Date(Date.UTC(2026, 1, 1, 0, round)).toISOString() };
      await load.append(messagesPage([message('1', at), message(`new-${round}`, at)]));
      await load.close();
      if (round === 6) await lake.compact();
      else await lake.publish();
      expect((await exportTestLake(folder, 'delta', { tables: ofMessages })).notExported).toEqual([]);
      if (round % 4 !== 3) continue;
      await using reader = await openReader({ store: fileStore(join(folder, 'lake')), tables: ofMessages });
      const asked = await reader.query('SELECT id, _op AS op, _commit AS commit FROM messages_changes');
      const read = (await spark.rows(STREAM)).map((row) => [row['id'], row['_op'], String(row['_commit'])].join());
      expect(read.sort()).toEqual(asked.rows.map(([id, op, commit]) => [id, op, String(commit)].join()).sort());
    }
  });
});
