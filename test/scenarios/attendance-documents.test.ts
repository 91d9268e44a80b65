import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, it, vi } from 'vitest';
import { publishDocuments } from '../../src/attendance/publish.ts';
import type { Layout } from '../../src/config/sections/attendance.ts';
import { openLake } from '../../src/lake/lake.ts';
import { openReader } from '../../src/lake/query/query.ts';
import { fileStore } from '../../src/lake/stores/file.ts';
import { memoryStore } from '../../src/lake/stores/memory.ts';
import type { ObjectStore } from '../../src/lake/stores/object-store.ts';
import { tables } from '../../src/tables/index.generated.ts';
import { views } from '../../src/tables/views/index.ts';
import { dyingStore } from '../support/dying-runs.ts';
import { fastRuntime } from '../support/fast-runtime.ts';
import { withFolder } from '../support/lake.ts';
import { runSync } from '../support/sync.ts';
import { startTwin, type TestTwin } from '../support/twin.ts';

// Whole syncs: slow on a busy machine.
vi.setConfig({ testTimeout: 400_000 });

const TABLES = ['events', 'online_meetings', 'attendance_reports', 'attendance_records', 'attendance_intervals'];
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NAME = 'Böse_Straße 7';
const iso = (ms: number): string => new Date(ms).toISOString();

interface World {
  readonly twin: TestTwin;
  readonly folder: string;
  /** Organises the meetings of the story. */
  readonly ana: string;
  readonly ben: string;
  now(): number;
  pass(ms: number): void;
  read(): ReturnType<typeof runSync>;
  publish(to: ObjectStore, layout?: Layout): Promise<number>;
  ask(sql: string): Promise<readonly (readonly unknown[])[]>;
}

const inWorld = (story: (world: World) => Promise<void>): Promise<void> =>
  withFolder(async (folder) => {
    const lake = join(folder, 'lake');
    const fast = fastRuntime(20);
    let passedMs = 0;
    const runtime = { ...fast, now: () => fast.now() + passedMs };
    const twin = await startTwin(
      { teams: 1, channels: 1, messages: 1, users: 8, seed: 6, limits: 'none' },
      { runtime },
    );
    try {
      const ids = [...new Set((await twin.ledger('events')).map((row) => String(row['user_id'])))];
      const [ana, ben] = ids as [string, string];
      await story({
        ...{ twin, folder, ana, ben, now: () => runtime.now() },
        pass: (ms) => {
          passedMs += ms;
        },
        read: () => runSync({ env: twin.env, lake, runtime, tables: TABLES, users: [ana, ben], maxRetries: 2 }),
        async publish(to, layout = 'runs') {
          await using opened = await openLake({
            store: fileStore(lake),
            tables,
            runtime,
            scratchDir: join(folder, 's'),
          });
          const names = new Map([[ana, NAME]]);
          const options = { lake: opened, store: fileStore(lake), to, layout, names, users: [ana, ben] };
          return await publishDocuments({ ...options, nowMs: runtime.now(), scratchDir: join(folder, 'scratch') });
        },
        async ask(sql) {
          await using reader = await openReader({ store: fileStore(lake), tables, views });
          return (await reader.query(sql)).rows;
        },
      });
    } finally {
      await twin.close();
    }
  });

const textOf = async (store: ObjectStore, key: string) => Buffer.from((await store.get(key))!.bytes).toString('utf8');
const documentOf = async (store: ObjectStore, key: string) => JSON.parse(await textOf(store, key));
async function keysOf(store: ObjectStore, prefix = ''): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys;
}
async function contentsOf(store: ObjectStore) {
  return Object.fromEntries(
    await Promise.all((await keysOf(store)).map(async (key) => [key, await textOf(store, key)])),
  );
}

async function parquet(store: ObjectStore, key: string, sql = '*'): Promise<readonly Record<string, unknown>[]> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const path = await store.localPath(key);
  const found = await connection.runAndReadAll(`SELECT ${sql} FROM read_parquet('${path.replaceAll("'", "''")}')`);
  return found.getRowObjectsJson() as Record<string, unknown>[];
}

it('documents are in the original envelope, with everybody who attended, and without what lets anybody in', () =>
  inWorld(async ({ twin, read, publish, now, ana, ben, pass }) => {
    const startMs = now() - 3 * HOUR_MS;
    await twin.post('/events', [
      { type: 'scheduleMeeting', userId: ana, attendees: [ben], subject: 'Held', startDateTime: iso(startMs) },
      { type: 'holdSession', subject: 'Held', startDateTime: iso(startMs), seconds: 1800, participants: 4 },
    ]);
    await read();
    const to = memoryStore();
    expect(await publish(to)).toBe(2);
    const keys = await keysOf(to, 'json/');
    expect(keys).toHaveLength(4);
    const [final] = keys.filter((key) => key.startsWith(`json/final-with-attendance/${NAME}/`));
    const document = await documentOf(to, final!);
    expect(Object.keys(document).slice(0, 6)).toEqual([
      ...['user', 'windowStartUtc', 'windowEndUtc', 'fetchedUtc', 'count', 'events'],
    ]);
    expect(document).toMatchObject({ user: NAME, count: document.events.length });
    expect(document.windowStartUtc).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    const held = document.events.find((event: { subject: string }) => event.subject === 'Held');
    expect(held.attendance.attendanceReports).toHaveLength(1);
    expect(held.attendance.attendanceReports[0].records).toHaveLength(4);
    expect(held.onlineMeetingMeta).toMatchObject({
      id: held.attendance.onlineMeetingId,
      joinWebUrl: held.onlineMeeting.joinUrl,
    });
    for (const key of keys) expect(await textOf(to, key)).not.toMatch(/passcode|conferenceId|toll|dialin/i);
    const [alone] = keys.filter((key) => key.startsWith(`json/events-only/${NAME}/`));
    const events = (await documentOf(to, alone!)).events;
    expect(events.map((event: { id: string }) => event.id)).toEqual(
      document.events.map((event: { id: string }) => event.id),
    );
    expect(events.some((event: object) => 'attendance' in event)).toBe(false);

    // Nothing new: nothing is written. Later: another file, and the first one stays as it is.
    const first = await textOf(to, final!);
    expect(await publish(to)).toBe(0);
    pass(DAY_MS);
    await read();
    expect(await publish(to)).toBe(2);
    expect(await textOf(to, final!)).toBe(first);
    expect(await keysOf(to, `json/final-with-attendance/${NAME}/`)).toHaveLength(2);
  }));

it('a report that comes late stands in the next document, with its event', () =>
  inWorld(async ({ twin, read, publish, now, ana, pass }) => {
    const startMs = now() - 2 * HOUR_MS;
    await twin.post('/events', [
      { type: 'scheduleMeeting', userId: ana, subject: 'Late', startDateTime: iso(startMs) },
      { type: 'holdSession', subject: 'Late', startDateTime: iso(startMs), seconds: 1800, lateSeconds: 26 * 3600 },
    ]);
    const to = memoryStore();
    const reports: number[] = [];
    for (let run = 0; run < 5; run++) {
      await read();
      await publish(to);
      const key = (await keysOf(to, `json/final-with-attendance/${NAME}/`)).at(-1)!;
      const late = (await documentOf(to, key)).events.find((event: { subject: string }) => event.subject === 'Late');
      reports.push(late?.attendance?.attendanceReports.length ?? 0);
      pass(20 * HOUR_MS);
    }
    expect(reports.filter((count) => count > 0)).toEqual([1]);
  }));

it('the original layout has the folders, names and texts of the original, and a second run of a day loses nothing', () =>
  inWorld(async ({ twin, read, publish, now, ana, pass, folder }) => {
    // Two runs of one UTC day.
    pass(DAY_MS - (now() % DAY_MS) + HOUR_MS);
    const startMs = now() - 3 * HOUR_MS;
    await twin.post('/events', [
      { type: 'scheduleMeeting', userId: ana, subject: 'Held', startDateTime: iso(startMs), minutes: 30 },
      { type: 'holdSession', subject: 'Held', startDateTime: iso(startMs), seconds: 1800, participants: 3 },
    ]);
    await read();
    const to = fileStore(join(folder, 'out'));
    await publish(to, 'original');
    const day = iso(now()).slice(0, 10).replaceAll('-', '/');
    const paths = [
      `msteams/json/events-only/${day}/events_${NAME}.json`,
      `msteams/json/final-with-attendance/${day}/event_attendance_details_${NAME}.json`,
      `msteams/parquet/events/${day}/events_${NAME}.parquet`,
      `msteams/parquet/attendance_reports/${day}/attendance_reports_${NAME}.parquet`,
      `msteams/parquet/attendance_details_records/${day}/attendance_details_records_${NAME}.parquet`,
    ];
    expect((await keysOf(to)).filter((key) => key.includes(NAME)).sort()).toEqual([...paths].sort());
    const types = await parquet(to, paths[4]!, 'DISTINCT typeof(COLUMNS(*))');
    expect(new Set(types.flatMap((row) => Object.values(row)))).toEqual(new Set(['VARCHAR']));
    expect(Object.keys((await parquet(to, paths[2]!))[0]!)).toEqual([
      ...['doc_user', 'doc_windowStartUtc', 'doc_windowEndUtc', 'doc_fetchedUtc', 'event_id', 'event_subject'],
      ...[
        'event_start',
        'event_start_tz',
        'event_end',
        'event_end_tz',
        'event_isOnlineMeeting',
        'event_onlineMeetingUrl',
      ],
      ...[
        'event_onlineMeeting_joinUrl',
        'event_webLink',
        'event_location_displayName',
        'onlineMeetingMeta_id',
        'elt_date',
      ],
    ]);
    const before = await parquet(to, paths[4]!);
    expect(before.length).toBeGreaterThanOrEqual(3);
    expect(before[0]).toMatchObject({ doc_user: NAME, elt_date: iso(now()).slice(0, 10) });
    const joins = before.map((row) => row['joinDateTime']).filter((value) => value !== null);
    expect(joins.length).toBeGreaterThan(0);
    for (const join of joins) expect(join).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{6})?\+00:00$/);
    const eventsOf = async () => (await parquet(to, paths[2]!)).map((row) => row['event_id']);
    const events = await eventsOf();
    // Each event once: the original had every one twice.
    expect(new Set(events).size).toBe(events.length);

    pass(2 * HOUR_MS);
    await read();
    await publish(to, 'original');
    const records = (rows: readonly Record<string, unknown>[]) =>
      rows.map((row) => `${row['record_id']} ${row['joinDateTime']}`).sort();
    expect(records(await parquet(to, paths[4]!))).toEqual(expect.arrayContaining(records(before)));
    expect(await eventsOf()).toEqual(expect.arrayContaining(events));
  }));

it.each(['runs', 'original'] as const)(
  'killed at any write of layout %s, the next run repairs it: all is as after a calm run, and what a reader was told of was whole',
  (layout) =>
    inWorld(async ({ twin, read, publish, now, ana, folder }) => {
      const startMs = now() - 3 * HOUR_MS;
      await twin.post('/events', [
        { type: 'scheduleMeeting', userId: ana, subject: 'Held', startDateTime: iso(startMs) },
        { type: 'holdSession', subject: 'Held', startDateTime: iso(startMs), seconds: 1800 },
      ]);
      await read();
      const calm = fileStore(join(folder, 'calm'));
      await publish(calm, layout);
      const keys = (await keysOf(calm)).sort();
      const rowsOf = async (store: ObjectStore) => {
        const found = keys.filter((key) => key.endsWith('.parquet'));
        return Promise.all(found.map((key) => parquet(store, key, "COLUMNS(c -> c NOT LIKE 'doc_fetched%')")));
      };
      for (let allowed = 0; ; allowed++) {
        const store = fileStore(join(folder, `killed-${allowed}`));
        const died = await publish(dyingStore(store, allowed, 'before'), layout).then(
          () => false,
          () => true,
        );
        const manifest = await store.get('attendance-manifest.json');
        const told = manifest ? JSON.parse(Buffer.from(manifest.bytes).toString('utf8')) : { accounts: {} };
        for (const { documents } of Object.values<{ documents: string[] }>(told.accounts))
          for (const key of documents) expect(await store.get(key), key).toBeDefined();
        if (!died) break;
        await publish(store, layout);
        expect((await keysOf(store)).sort()).toEqual(keys);
        for (const key of keys.filter((one) => one.endsWith('.json') && one.includes('json/'))) {
          const [found, wanted] = [await documentOf(store, key), await documentOf(calm, key)];
          expect({ ...found, fetchedUtc: '' }).toEqual({ ...wanted, fetchedUtc: '' });
        }
        expect(await rowsOf(store)).toEqual(await rowsOf(calm));
      }
    }),
);

it('what other files of the place say is not guessed: a manifest that cannot be read stops the documents', () =>
  inWorld(async ({ read, publish }) => {
    await read();
    const to = memoryStore();
    await to.put('attendance-manifest.json', Buffer.from('{"version":7}'));
    await expect(publish(to)).rejects.toMatchObject({ code: 'manifest_unreadable' });
    expect(Object.keys(await contentsOf(to))).toEqual(['attendance-manifest.json']);
  }));

it('views answer who attended how long, who did not come, and who came late', () =>
  inWorld(async ({ twin, read, ask, now, ana, ben }) => {
    const startMs = now() - 3 * HOUR_MS;
    await twin.post('/events', [
      {
        type: 'scheduleMeeting',
        userId: ana,
        attendees: [ben],
        subject: 'Held',
        startDateTime: iso(startMs),
        minutes: 60,
      },
      { type: 'holdSession', subject: 'Held', startDateTime: iso(startMs + 600_000), seconds: 1800, participants: 1 },
    ]);
    await read();
    const [[rows, total]] = (await ask(`SELECT count(*), sum(seconds) FROM meeting_attendance`)) as [[number, number]];
    const [[records, seconds]] = (await ask(
      `SELECT count(*), sum("totalAttendanceInSeconds") FROM attendance_records`,
    )) as [[number, number]];
    expect([rows, Number(total)]).toEqual([records, Number(seconds)]);
    const held = await ask(
      `SELECT role, minutes, joined >= held_start, "left" <= held_end FROM meeting_attendance WHERE subject = 'Held'`,
    );
    expect(held).toEqual([['Organizer', expect.any(Number), true, true]]);

    const missed = await ask(`SELECT email, required FROM meeting_no_shows WHERE subject = 'Held'`);
    const [[email]] = (await ask(
      `SELECT attendees[1]."emailAddress".address FROM events WHERE subject = 'Held' AND "isOrganizer"`,
    )) as [[string]];
    expect(missed).toEqual([[email, true]]);
    // Nobody is both.
    expect(
      await ask(
        `SELECT count(*) FROM meeting_no_shows n JOIN meeting_attendance a ON a.event_id = n.event_id AND lower(a.email) = lower(n.email)`,
      ),
    ).toEqual([[0]]);

    // Late by what was joined after the later of plan and beginning.
    const late = await ask(
      `SELECT count(*) FROM meeting_late_joiners WHERE minutes_late <= 5 OR joined <= greatest(scheduled_start, held_start)`,
    );
    expect(late).toEqual([[0]]);
    const counted = await ask(
      `SELECT count(*) FROM meeting_attendance WHERE joined > greatest(scheduled_start, held_start) + INTERVAL 5 MINUTE`,
    );
    expect(await ask('SELECT count(*) FROM meeting_late_joiners')).toEqual(counted);
  }));
