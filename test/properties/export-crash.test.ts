import { cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { type ExportFormat, exportFormats } from '../../src/lake/export/export.ts';
import { queryLake } from '../../src/lake/query/query.ts';
import { fileStore } from '../../src/lake/stores/file.ts';
import type { ObjectStore } from '../../src/lake/stores/object-store.ts';
import { deltaRows } from '../support/delta-log.ts';
import { dyingStore, few } from '../support/dying-runs.ts';
import { exportTestLake } from '../support/exports.ts';
import {
  hourLater,
  message,
  messagesPage,
  openTestLake,
  rowsElsewhere,
  temporaryFolder,
} from '../support/lake-pages.ts';

vi.setConfig({ testTimeout: 900_000 });

const TABLE = 'messages';
const options = { tables: few, names: [TABLE], retentionMs: 0 };
const at = (minute: number) => ({ lastModifiedDateTime: new Date(Date.UTC(2026, 1, 1, 0, minute)).toISOString() });

/** A lake, and exports of it: the next one of Delta writes a checkpoint and removes files. */
async function exportedOften(folder: string): Promise<void> {
  await using lake = await openTestLake(folder, { tables: few });
  for (let round = 0; round < 10; round += 1) {
    const load = await lake.begin({ loadId: `load-${round}` });
    await load.append(messagesPage([message('1', at(round)), message(`new-${round}`, at(round))]));
    await load.close();
    await lake.publish();
    if (round === 9) break;
    for (const format of exportFormats) {
      if (format === 'delta' || round > 6) await exportTestLake(folder, format, options);
    }
  }
}

async function queried(folder: string, table: string, columns: string): Promise<readonly string[]> {
  const sql = `SELECT ${columns} FROM ${table}`;
  const found = await queryLake({ store: fileStore(join(folder, 'lake')), tables: few, sql });
  return found.rows
    .map((row) => JSON.stringify(Object.fromEntries(found.columns.map((name, n) => [name, row[n]]))))
    .sort();
}

const KEY = 'id, epoch_ms("lastModifiedDateTime")::VARCHAR AS at';
const CHANGE = 'id, _op, _commit::VARCHAR AS _commit';

/** What a reader finds that lists the folder, or reads the log. */
async function found(folder: string, format: ExportFormat): Promise<readonly string[]> {
  if (format === 'delta') return deltaRows(folder, TABLE, KEY);
  const files = `'${folder}/out/${format}/${TABLE}/*'`;
  const from = format === 'json' ? `read_json(${files}, format = 'newline_delimited')` : `read_parquet(${files})`;
  const columns =
    format === 'json' ? KEY.replace('"lastModifiedDateTime"', '"lastModifiedDateTime"::TIMESTAMPTZ') : KEY;
  return (await rowsElsewhere(`SELECT ${columns} FROM ${from}`)).map((row) => JSON.stringify(row)).sort();
}

describe.each(exportFormats)('an export of %s that dies at any write', (format) => {
  it.each(['before', 'after'] as const)(
    'shows whole versions only, and the next one completes it: %s the write',
    async (moment) => {
      const folder = temporaryFolder();
      await exportedOften(folder);
      const out = join(folder, 'out');
      const prepared = join(folder, 'prepared');
      cpSync(out, prepared, { recursive: true });
      const now = await queried(folder, TABLE, KEY);
      const before = await found(folder, format);
      const changes = await queried(folder, `${TABLE}_changes`, CHANGE);
      let deaths = 0;
      // What one moment leaves out, the other one meets.
      for (let allowed = moment === 'before' ? 0 : 1; ; allowed += 2) {
        rmSync(out, { recursive: true });
        cpSync(prepared, out, { recursive: true });
        const dying = { ...options, to: dyingStore(fileStore(out), allowed, moment) };
        const died = await exportTestLake(folder, format, dying).then(
          () => false,
          () => true,
        );
        expect([before, now]).toContainEqual(await found(folder, format));
        const { notExported } = await exportTestLake(folder, format, { ...options, host: hourLater() });
        expect(notExported).toEqual([]);
        expect(await found(folder, format)).toEqual(now);
        if (format === 'delta') expect(await deltaRows(folder, `${TABLE}_changes`, CHANGE)).toEqual(changes);
        if (!died) break;
        deaths += 1;
      }
      expect(deaths).toBeGreaterThan(3);
    },
  );
});

describe.each(exportFormats)('two exports of %s into one folder', (format) => {
  it('are one after the other: the second is told, or waits', async () => {
    const folder = temporaryFolder();
    await exportedOften(folder);
    const both = await Promise.allSettled([
      exportTestLake(folder, format, options),
      exportTestLake(folder, format, options),
    ]);
    const refused = both.flatMap((one) => (one.status === 'rejected' ? [one.reason as { code: string }] : []));
    expect(refused.length).toBeLessThan(2);
    for (const { code } of refused) expect(code).toBe('lake_busy');
    await Promise.all([
      exportTestLake(folder, format, { ...options, waitMs: 60_000 }),
      exportTestLake(folder, format, { ...options, waitMs: 60_000 }),
    ]);
    expect(await found(folder, format)).toEqual(await queried(folder, TABLE, KEY));
  });

  it('do not mix where one stood still and was overtaken: it writes nothing more', async () => {
    const folder = temporaryFolder();
    await exportedOften(folder);
    const inner = fileStore(join(folder, 'out'));
    // Stands still before the first file that it puts; the other one comes and goes meanwhile.
    let isFirst = true;
    const sleepy: ObjectStore = {
      ...inner,
      async putFile(...args) {
        if (isFirst) {
          isFirst = false;
          await exportTestLake(folder, format, { ...options, host: hourLater() });
        }
        return inner.putFile(...args);
      },
    };
    await expect(exportTestLake(folder, format, { ...options, to: sleepy })).rejects.toMatchObject({
      code: 'lake_conflict',
    });
    expect(await found(folder, format)).toEqual(await queried(folder, TABLE, KEY));
    expect(readdirSync(join(folder, 'out', format)).length).toBeGreaterThan(0);
    if (format === 'delta')
      expect(await deltaRows(folder, `${TABLE}_changes`, CHANGE)).toEqual(
        await queried(folder, `${TABLE}_changes`, CHANGE),
      );
  });
});
