import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { systemLeaseHost } from '../../src/lake/log/lease-host.ts';
import { openReader } from '../../src/lake/query/query.ts';
import { fileStore } from '../../src/lake/stores/file.ts';
import type { ObjectStore } from '../../src/lake/stores/object-store.ts';
import { seededRandom } from '../../src/runtime/runtime.ts';
import { tables } from '../../src/tables/index.generated.ts';
import { dyingStore } from '../support/dying-runs.ts';
import { fastRuntime } from '../support/fast-runtime.ts';
import { currentRows, ledgerRows, withFolder } from '../support/lake.ts';
import { runSync } from '../support/sync.ts';
import { startTwin } from '../support/twin.ts';

// Many whole syncs: slow on a busy machine.
vi.setConfig({ testTimeout: 900_000 });

const TABLES = ['events', 'online_meetings', 'attendance_reports', 'attendance_records', 'attendance_intervals'];
const HOUR_MS = 3_600_000;
const DAYS = 5;
const KILLS = 8;
const SEED = Number(process.env['SEED'] ?? 20_261_130);

it(`runs that are killed ${KILLS} times over ${DAYS} days of late reports, moved meetings and lost policies end with the ledger, and a reader saw whole states (seed ${SEED})`, () =>
  withFolder(async (lake) => {
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
    const read = (wrap?: (store: ObjectStore) => ObjectStore) =>
      runSync({
        env: twin.env,
        lake,
        runtime,
        tables: TABLES,
        maxRetries: 2,
        host: laterHost(),
        ...(wrap && { wrap }),
      });
    let isOver = false;
    const seen: number[] = [];
    const poll = async () => {
      await using reader = await openReader({ store: fileStore(lake), tables, scratchDir: join(lake, '.poll') });
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
        expect(await currentRows(lake, table), table).toEqual(ledgerRows(table, await twin.ledger(table)));
      expect([kills, new Set(seen)]).toEqual([KILLS, new Set([0])]);
    } finally {
      isOver = true;
      await twin.close();
    }
  }));
