import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type ExportFormat, exportFormats } from '../../src/lake/export/export.ts';
import { queryLake } from '../../src/lake/query/query.ts';
import { fileStore } from '../../src/lake/stores/file.ts';
import { openStore } from '../../src/lake/stores/index.ts';
import type { ObjectStore } from '../../src/lake/stores/object-store.ts';
import { dyingStore } from '../support/dying-runs.ts';
import { exportTestLake } from '../support/exports.ts';
import {
  hourLater,
  message,
  messagesPage,
  ofMessages,
  openTestLake,
  rowsElsewhere,
  temporaryFolder,
} from '../support/lake-pages.ts';
import { type RemoteService, remoteServices } from '../support/remote-stores.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 });

const TABLE = 'messages';
const tables = ofMessages.filter(({ name }) => name === TABLE);
/** Every so many-th write of an export is a death, 1 for all of them; unless told, each service has some of the formats. */
const told = process.env['SLUICE_EXPORT_KILL_EVERY'];
const EVERY = Number(told ?? 6);
const LOOK_MS = 200;
const at = (minute: number) => ({ lastModifiedDateTime: new Date(Date.UTC(2026, 1, 1, 0, minute)).toISOString() });
const KEY = 'id, epoch_ms("lastModifiedDateTime")::VARCHAR AS at';

const textOf = async (store: ObjectStore, key: string) => {
  const found = await store.get(key);
  return found && Buffer.from(found.bytes).toString('utf8');
};

async function keysOf(store: ObjectStore, prefix: string): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys;
}

/** Rows of files of an export, as somebody reads them who knows no lake. */
async function rowsAt(store: ObjectStore, format: ExportFormat, keys: readonly string[]): Promise<readonly string[]> {
  if (keys.length === 0) return [];
  const paths = await Promise.all(keys.map((key) => store.localPath(key)));
  const files = `[${paths.map((path) => `'${path}'`).join(', ')}]`;
  const isJson = format === 'json';
  const from = isJson ? `read_json(${files}, format = 'newline_delimited')` : `read_parquet(${files})`;
  const columns = isJson ? KEY.replace('"lastModifiedDateTime"', '"lastModifiedDateTime"::TIMESTAMPTZ') : KEY;
  try {
    return (await rowsElsewhere(`SELECT ${columns} FROM ${from}`)).map((row) => JSON.stringify(row)).sort();
  } finally {
    await store.letGo(keys);
  }
}

/** What a reader of one version finds: by the manifest, or by the log of the Delta table. */
async function wholeVersion(store: ObjectStore, format: ExportFormat): Promise<readonly string[]> {
  if (format !== 'delta') {
    const manifest = await textOf(store, `${format}/manifest.json`);
    const { files } = manifest ? JSON.parse(manifest).tables[TABLE] : { files: [] };
    return rowsAt(
      store,
      format,
      files.map((path: string) => `${format}/${path}`),
    );
  }
  const folder = `delta/${TABLE}/`;
  const standing = new Set<string>();
  for (const key of (await keysOf(store, `${folder}_delta_log/`)).filter((one) => one.endsWith('.json')).sort()) {
    for (const line of (await textOf(store, key))!.trim().split('\n')) {
      const { add, remove } = JSON.parse(line);
      if (remove) standing.delete(`${folder}${remove.path}`);
      if (add) standing.add(`${folder}${add.path}`);
    }
  }
  return rowsAt(store, format, [...standing]);
}

const idsOf = (rows: readonly string[]): ReadonlySet<string> => new Set(rows.map((row) => JSON.parse(row).id));

async function standingRows(folder: string): Promise<readonly string[]> {
  const found = await queryLake({ store: fileStore(join(folder, 'lake')), tables, sql: `SELECT ${KEY} FROM ${TABLE}` });
  return found.rows.map(([id, time]) => JSON.stringify({ id, at: time })).sort();
}

for (const [which, { name, isAvailable, start }] of remoteServices.entries()) {
  describe.skipIf(!isAvailable)(`an export into ${name} that dies at writes of all kinds`, () => {
    let service: RemoteService;
    beforeAll(async () => {
      service = await start();
    });
    afterAll(() => service.stop());

    const formats = exportFormats.filter((_, of) => told !== undefined || of % 2 === which % 2);
    it.each(formats)('%s: a reader finds whole versions only, and the next one completes it', async (format) => {
      const folder = temporaryFolder();
      const { url, settings } = await service.place();
      const open = () => openStore(url, { settings, scratchDir: folder });
      const [to, reading] = [await open(), await open()];
      await using lake = await openTestLake(folder, { tables });
      const versions = new Set<string>([JSON.stringify([])]);
      let isOver = false;
      let looks = 0;
      // Somebody who reads in a loop, all the time.
      const polling = (async () => {
        for (; !isOver; looks += 1) {
          expect(versions).toContain(JSON.stringify(await wholeVersion(reading, format)));
          await delay(LOOK_MS);
        }
      })().catch((error: unknown) => error);
      let deaths = 0;
      for (let round = 0, allowed = 0; ; round += 1, allowed += EVERY) {
        const load = await lake.begin({ loadId: `load-${round}` });
        await load.append(messagesPage([message('1', at(round)), message(`new-${round}`, at(round))]));
        await load.close();
        await lake.publish();
        const before = await wholeVersion(to, format);
        const now = await standingRows(folder);
        versions.add(JSON.stringify(now));
        const moment = round % 2 === 0 ? 'before' : 'after';
        const dying = exportTestLake(folder, format, { tables, to: dyingStore(to, allowed, moment) });
        const isDead = await dying.then(
          () => false,
          () => true,
        );
        expect([before, now]).toContainEqual(await wholeVersion(to, format));
        // Who lists the folder finds no row too few at any time.
        if (format !== 'delta') {
          const listed = idsOf(await rowsAt(to, format, await keysOf(to, `${format}/${TABLE}/`)));
          expect([...idsOf(before)].filter((id) => !listed.has(id))).toEqual([]);
        }
        const { notExported } = await exportTestLake(folder, format, { tables, to, host: hourLater() });
        expect(notExported).toEqual([]);
        expect(await wholeVersion(to, format)).toEqual(now);
        if (format !== 'delta') expect(await rowsAt(to, format, await keysOf(to, `${format}/${TABLE}/`))).toEqual(now);
        if (!isDead) break;
        deaths += 1;
      }
      isOver = true;
      expect(await polling).toBeUndefined();
      expect(deaths).toBeGreaterThan(0);
      expect(looks).toBeGreaterThan(1);
    });
  });
}
