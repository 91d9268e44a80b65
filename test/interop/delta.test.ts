import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { openReader } from '../../src/lake/query/query.ts';
import { fileStore } from '../../src/lake/stores/file.ts';
import { openStore } from '../../src/lake/stores/index.ts';
import { tables } from '../../src/tables/index.generated.ts';
import { deltaReaders, fromDelta } from '../support/documented-readers.ts';
import { inOrder, onEveryPath, openRows, shapes } from '../support/every-path.ts';
import { exportTestLake } from '../support/exports.ts';
import { hundredSyncs } from '../support/hundred-syncs.ts';
import { message, messagesPage, ofMessages, openTestLake } from '../support/lake-pages.ts';
import { pythonOf } from '../support/python.ts';
import { pythonFolder } from '../support/python-folder.ts';
import { remoteServices } from '../support/remote-stores.ts';

// A hundred syncs.
vi.setConfig({ testTimeout: 1_800_000 });

const interpreter = pythonOf('readers');

describe.skipIf(!interpreter)('readers of Delta tables in Python', () => {
  const running = pythonFolder(interpreter, 'sluice-delta-');

  it('find every table as sluice query has it, with values at the edges of their types, and empty ones', async () => {
    const { folder, python } = running();
    await onEveryPath(folder, async (step) => {
      if (!['adopt', 'publish', 'compact', 'a table that is empty again'].includes(step)) return;
      const { notExported } = await exportTestLake(folder, 'delta', { tables: shapes });
      // Nothing of it is kept: each compaction drops all changes at once.
      expect(notExported.filter(({ error: { code } }) => code !== 'delta_changes_expired')).toEqual([]);
      await using asked = await openRows(folder);
      for (const { name } of shapes) {
        const expected = await asked.rowsOf(name);
        for (const reader of deltaReaders) {
          // DuckDB reads files, and a table without rows has none.
          if (expected.length === 0 && reader === 'duckdb') continue;
          const found = await python.rows(fromDelta(reader, name));
          expect(inOrder(found), `${step}: ${name} by ${reader}`).toEqual(inOrder(expected));
        }
      }
    });
  });

  it.each(remoteServices.filter(({ isAvailable }) => isAvailable))(
    'find in $name what was exported into it: delta-rs and Polars',
    async ({ start }) => {
      const { folder, python } = running();
      const service = await start();
      try {
        const place = await service.place();
        const to = await openStore(place.url, { settings: place.settings, scratchDir: folder });
        await using lake = await openTestLake(folder, { tables: ofMessages });
        for (const [round, id] of ['1', '2', '1'].entries()) {
          const load = await lake.begin({ loadId: `load-${round}` });
          await load.append(messagesPage([message(id, { lastModifiedDateTime: `2026-02-0${round + 1}T00:00:00Z` })]));
          await load.close();
          await lake.publish();
          expect((await exportTestLake(folder, 'delta', { tables: ofMessages, to })).notExported).toEqual([]);
        }
        await using asked = await openRows(folder, ofMessages);
        const expected = inOrder(await asked.rowsOf('messages'));
        const table = JSON.stringify(`${place.others.url}/delta/messages`);
        const told = `${table}, storage_options=${JSON.stringify(place.others.options)}`;
        const read = 'register("messages", table).execute("SELECT * FROM messages").read_all()';
        for (const code of [
          `import polars\nrows = polars.scan_delta(${told})`,
          `import deltalake, pyarrow\ntable = deltalake.DeltaTable(${told})\nrows = pyarrow.table(deltalake.QueryBuilder().${read})`,
        ])
          expect(inOrder(await python.rows(code)), code).toEqual(expected);
      } finally {
        service.stop();
      }
    },
  );

  it('find the rows that stand while a hundred small syncs and a compaction are exported, one or several at a time, and every change once', async () => {
    const { folder, python } = running();
    const names = tables.map(({ name }) => name);
    await hundredSyncs(folder, async ({ round, names: changing, rowsOf }) => {
      if (round === 5) {
        await using lake = await openTestLake(folder);
        await lake.compact();
      }
      // One sync at a time in the beginning, then several.
      if (round > 12 && round % 5 !== 0) return;
      const { notExported } = await exportTestLake(folder, 'delta', { names: round % 10 === 0 ? names : changing });
      expect(notExported).toEqual([]);
      if (round % 10 !== 0) return;
      for (const name of changing) {
        const expected = inOrder(await rowsOf(name));
        for (const reader of deltaReaders) {
          if (expected.length === 0 && reader === 'duckdb') continue;
          const found = await python.rows(fromDelta(reader, name));
          expect(inOrder(found), `${name} by ${reader} after sync ${round}`).toEqual(expected);
        }
      }
    });
    expect((await exportTestLake(folder, 'delta')).notExported).toEqual([]);
    await using reader = await openReader({ store: fileStore(join(folder, 'lake')), tables });
    for (const name of names) {
      const { columns, rows } = await reader.query(`FROM ${name}_changes`);
      const expected = rows.map((row) => Object.fromEntries(columns.map((column, at) => [column, row[at]])));
      const found = await python.rows(fromDelta('pyarrow', `${name}_changes`));
      expect(inOrder(found, { stamps: true }), `${name}_changes`).toEqual(inOrder(expected, { stamps: true }));
    }
  });
});
