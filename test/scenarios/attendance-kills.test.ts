import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { publishDocuments } from '../../src/attendance/publish.ts';
import { openLake } from '../../src/lake/lake.ts';
import { systemLeaseHost } from '../../src/lake/log/lease-host.ts';
import { openReader } from '../../src/lake/query/query.ts';
import { fileStore } from '../../src/lake/stores/file.ts';
import { openStore } from '../../src/lake/stores/index.ts';
import type { ObjectStore } from '../../src/lake/stores/object-store.ts';
import { seededRandom } from '../../src/runtime/runtime.ts';
import { tables } from '../../src/tables/index.generated.ts';
import { dyingStore } from '../support/dying-runs.ts';
import { fastRuntime } from '../support/fast-runtime.ts';
import { currentRows, ledgerRows, withFolder } from '../support/lake.ts';
import { rowsElsewhere } from '../support/lake-pages.ts';
import { type RemoteService, remoteServices } from '../support/remote-stores.ts';
import { runSync } from '../support/sync.ts';
import { startTwin } from '../support/twin.ts';

const TABLES = ['events', 'online_meetings', 'attendance_reports', 'attendance_records', 'attendance_intervals'];
const HOUR_MS = 3_600_000;
/** More of both is asked for by hand: `SLUICE_ATTENDANCE_KILLS=100 SLUICE_ATTENDANCE_DAYS=20`. */
const DAYS = Number(process.env['SLUICE_ATTENDANCE_DAYS'] ?? 5);
const KILLS = Number(process.env['SLUICE_ATTENDANCE_KILLS'] ?? 8);
/** A service that lake and documents are in, by its name; default: a folder. */
const SERVICE = process.env['SLUICE_ATTENDANCE_STORE'];
// Many whole syncs: slow on a busy machine.
vi.setConfig({ testTimeout: 60_000 * (KILLS + DAYS) });
const SEED = Number(process.env['SEED'] ?? 20_261_130);

it(`runs that are killed ${KILLS} times over ${DAYS} days of late reports, moved meetings and lost policies end with the ledger, and a reader saw whole states (seed ${SEED})`, () =>
  withFolder(async (lake) => {
    const service = await serviceCalled(SERVICE);
    const place = await service?.place();
    const open = async (name: string): Promise<ObjectStore> =>
      place === undefined
        ? fileStore(join(lake, name))
        : openStore(`${place.url}/${name}`, { settings: place.settings, scratchDir: lake });
    const [store, documents] = [await open('lake'), await open('documents')];
    const random = seededRandom(SEED);
    const fast = fastRuntime(20);
    let passedMs = 0;
    const runtime = { ...fast, now: () => fast.now() + passedMs };
    const iso = (ms: number) => new Date(ms).toISOString();
    const twin = await startTwin(
      { teams: 1, channels: 1, messages: 1, users: 6, seed: 6, limits: 'none' },
      { runtime },
    );
    let runs = 0;
    // What was killed lives on as this process: to a later one its lease has ended.
    const laterHost = () => {
      const host = systemLeaseHost();
      runs += 1;
      const aheadMs = runs * HOUR_MS;
      return { ...host, monotonicMs: () => host.monotonicMs() + aheadMs };
    };
    const read = async (wrap: (store: ObjectStore) => ObjectStore = (same) => same) => {
      const how = { env: twin.env, lake, runtime, tables: TABLES, maxRetries: 2, host: laterHost() };
      const report = await runSync({ ...how, wrap: () => wrap(store) });
      const scratchDir = join(lake, '.documents');
      await using opened = await openLake({ store, tables, runtime, scratchDir, writer: { host: laterHost() } });
      const options = { lake: opened, store, to: wrap(documents), layout: 'runs', names: new Map() } as const;
      await publishDocuments({ ...options, users: undefined, nowMs: runtime.now(), scratchDir });
      return report;
    };
    let isOver = false;
    const seen: number[] = [];
    const poll = async () => {
      await using reader = await openReader({ store: await open('lake'), tables, scratchDir: join(lake, '.poll') });
      while (!isOver) {
        // Of one commit: a participant without a session, or a time without a participant, is half a state.
        const { rows } = await reader.query(
          `SELECT (SELECT count(*) FROM attendance_records a ANTI JOIN attendance_reports r ON r.meeting_id = a.meeting_id AND r.id = a.report_id)
           + (SELECT count(*) FROM attendance_intervals i ANTI JOIN attendance_records a ON a.report_id = i.report_id AND a.id = i.record_id)`,
        );
        seen.push(Number(rows[0]![0]));
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    };
    try {
      const [ana] = [...new Set((await twin.ledger('events')).map((row) => String(row['user_id'])))];
      await read();
      const polling = poll();
      let kills = 0;
      for (let day = 0; day < DAYS; day++) {
        const at = runtime.now() + HOUR_MS;
        const subject = `Day ${day}`;
        await twin.post('/events', [
          { type: 'scheduleMeeting', userId: ana, subject, startDateTime: iso(at), minutes: 30 },
          { type: 'holdSession', subject, startDateTime: iso(at), seconds: 1500, lateSeconds: (day % 3) * 13 * 3600 },
          { type: 'scheduleMeeting', userId: ana, subject: `Moves ${day}`, startDateTime: iso(at + 2 * HOUR_MS) },
          { type: day % 2 === 0 ? 'withholdAccessPolicy' : 'grantAccessPolicy', userId: ana },
        ]);
        for (let of = Math.ceil((KILLS - kills) / (DAYS - day)); of > 0; of--) {
          const allowed = Math.floor(random() * 12);
          await read((store) => dyingStore(store, allowed, 'before')).catch(() => undefined);
          kills += 1;
        }
        passedMs += 20 * HOUR_MS;
        await twin.post('/events', [
          { type: 'moveMeeting', subject: `Moves ${day}`, startDateTime: iso(runtime.now() + 30 * HOUR_MS) },
        ]);
        await read();
      }
      await twin.post('/events', [{ type: 'grantAccessPolicy', userId: ana }]);
      passedMs += 50 * HOUR_MS;
      const last = await read();
      expect([last.outcome, last.skipped]).toEqual(['ok', []]);
      isOver = true;
      await polling;
      for (const table of TABLES)
        expect(await currentRows(store, table), table).toEqual(ledgerRows(table, await twin.ledger(table)));
      // Documents and the folders for others say the same.
      const shown = await rowsShown(store, 'attendance_reports');
      const inLedger = (await twin.ledger('attendance_reports')).map(({ id }) => String(id)).sort();
      expect([shown, await reportsIn(documents)]).toEqual([inLedger, inLedger]);
      expect([kills, new Set(seen)]).toEqual([KILLS, new Set([0])]);
    } finally {
      isOver = true;
      await twin.close();
      service?.stop();
    }
  }));

async function serviceCalled(name: string | undefined): Promise<RemoteService | undefined> {
  const found = remoteServices.find((one) => one.name === name);
  if (name !== undefined && found === undefined)
    throw new Error(`No such service: ${name}. Valid: ${remoteServices.map((one) => one.name).join(', ')}`);
  return found?.start();
}

/** Ids of the rows that a reader of the folder finds. */
async function rowsShown(store: ObjectStore, table: string): Promise<readonly string[]> {
  const files: string[] = [];
  for await (const { key } of store.list(`current/${table}/`)) files.push(`'${await store.localPath(key)}'`);
  const rows = await rowsElsewhere(`SELECT id FROM read_parquet([${files.join(', ')}])`);
  return rows.map(({ id }) => String(id)).sort();
}

/** Ids of the reports in all documents, each once. */
async function reportsIn(store: ObjectStore): Promise<readonly string[]> {
  const ids = new Set<string>();
  for await (const { key } of store.list('json/final-with-attendance/')) {
    const document = JSON.parse(Buffer.from((await store.get(key))!.bytes).toString('utf8'));
    const lists = document.events.map((event: { attendance?: { attendanceReports: unknown } }) => event.attendance);
    for (const { attendanceReports = [] } of [
      ...lists.filter(Boolean),
      { attendanceReports: document.reportsWithoutEvent ?? [] },
    ])
      for (const { report_id: id } of attendanceReports) ids.add(id);
  }
  return [...ids].sort();
}
