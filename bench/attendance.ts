/**
 * The attendance of many accounts: the requests of a run beside those that the original job would make, derived from what
 * the twin holds, and the time beside what the published limits allow. The twin keeps the published limits, and its ledger
 * must be met.
 *
 * `npm run bench -- attendance`, or `node --import ./scripts/typescript.mjs bench/attendance.ts [ACCOUNTS MEETINGS]`
 */
import { join } from 'node:path';
import { attendanceTables } from '../src/attendance/tables.ts';
import { connectionOf } from '../src/config/connection.ts';
import { loadConfig } from '../src/config/load.ts';
import { createGraphClient } from '../src/graph/client.ts';
import { openLake } from '../src/lake/lake.ts';
import { fileStore } from '../src/lake/stores/file.ts';
import { systemRuntime } from '../src/runtime/runtime.ts';
import { startSimulator } from '../src/simulator/start-simulator.ts';
import { records } from '../src/strategies/records.ts';
import { sync } from '../src/sync/run.ts';
import { allRows, ask, ledgerRows, withFolder } from '../test/support/lake.ts';
import { controlOf } from '../test/support/twin.ts';

const [accounts = 50, meetings = 40] = process.argv.slice(2).map(Number);
const DAY_MS = 86_400_000;
/** Half of the meetings are times of series of this length. */
const TIMES = 5;
const series = Math.floor(meetings / 2 / TIMES);
const single = meetings - series * TIMES;
const { signal } = new AbortController();

let passedMs = 0;
const runtime = { ...systemRuntime, now: () => systemRuntime.now() + passedMs };
const twin = await startSimulator(
  { profile: 'regular', limits: 'published', teams: 1, channels: 1, messages: 1, users: accounts + 20, seed: 3 },
  { runtime },
);
const control = controlOf(twin.url);
const identity = connectionOf((await loadConfig({ environment: twin.env })).config);
const urls = { graphUrl: identity.graphUrl!, loginUrl: identity.loginUrl! };
const graph = createGraphClient({ identity, runtime, ...urls });

async function mailboxes(): Promise<readonly string[]> {
  const page = await graph.page({ url: '/users?$select=id,userType&$top=999', route: '/users' }, signal);
  const found = records<{ readonly id: string; readonly userType: string | null }>(page);
  return found.filter(({ userType }) => userType !== 'Guest').map(({ id }) => id);
}

/** Everybody has as many meetings, held, on the days before. */
async function schedule(users: readonly string[]): Promise<void> {
  const iso = (ms: number) => new Date(ms).toISOString();
  for (const [at, userId] of users.entries()) {
    const first = runtime.now() - 20 * DAY_MS + at * 60_000;
    const events: object[] = [];
    const add = (subject: string, startMs: number, times: number) => {
      const ofSeries = times > 1 ? { everyDays: 2, occurrences: times } : {};
      events.push({ type: 'scheduleMeeting', userId, subject, startDateTime: iso(startMs), minutes: 30, ...ofSeries });
      for (let of = 0; of < times; of += 1)
        events.push({ type: 'holdSession', subject, startDateTime: iso(startMs + of * 2 * DAY_MS), seconds: 1500 });
    };
    for (let of = 0; of < series; of += 1) add(`Series ${at}.${of}`, first + of * 3_600_000, TIMES);
    for (let of = 0; of < single; of += 1) add(`Single ${at}.${of}`, first + of * 0.9 * DAY_MS, 1);
    await control.post('/events', events);
  }
}

/** P + per event: a look-up, a list, and each report of its meeting: docs of the original, of the rows of the lake. */
const ORIGINAL = `SELECT (SELECT count(DISTINCT e.user_id || e.id) FROM events e WHERE e."isOnlineMeeting") AS online,
  (SELECT count(*) FROM events e JOIN attendance_reports r ON r.user_id = e.user_id
    AND r.meeting_id IN (SELECT m.meeting_id FROM attendance_reports m WHERE m.event_id = e.id AND m.user_id = e.user_id)) AS listed`;

async function run(folder: string, users: readonly string[], which: string): Promise<void> {
  await control.post('/requests/reset', {});
  const store = fileStore(join(folder, 'lake'));
  const shapes = attendanceTables;
  await using lake = await openLake({ store, tables: shapes, runtime, scratchDir: join(folder, 'scratch') });
  const report = await sync({ graph, lake, tables: shapes, runtime, users }, signal);
  const { byRoute, throttled } = await control.get<{ byRoute: Record<string, number>; throttled: number }>('/requests');
  const of = (end: RegExp) =>
    Object.entries(byRoute).reduce((sum, [route, count]) => (end.test(route) ? sum + count : sum), 0);
  const [P, M, R] = [of(/calendarView$/), of(/attendanceReports$/), of(/\{report-id\}$/)];
  const names = ['attendance_reports', 'attendance_records', 'attendance_intervals'];
  const rows = await allRows(join(folder, 'lake'), names);
  for (const name of names) {
    const mine = (await control.ledger(name)).filter(({ meeting_id: id }) =>
      users.some((user) => Buffer.from(String(id), 'base64').toString().includes(user)),
    );
    if (JSON.stringify(rows[name]) !== JSON.stringify(ledgerRows(name, mine)))
      throw new Error(`${name} is not what the twin holds.`);
  }
  const [[online, listed]] = (await ask(join(folder, 'lake'), ORIGINAL)) as [[bigint, bigint]];
  const original = which === 'first' ? P + 2 * Number(online) + Number(listed) : undefined;
  const line = {
    run: which,
    outcome: report.outcome,
    original,
    made: report.requests.total,
    'P + M + R': `${P} + ${M} + ${R} = ${P + M + R}`,
    meetings: of(/onlineMeetings\/\{meeting-id\}$/),
    'look-ups': of(/onlineMeetings$/),
    throttled,
    seconds: Math.round(report.elapsedMs / 100) / 10,
    'allowed in': Math.round(report.plan.lowerBoundMs / 100) / 10,
  };
  console.log(JSON.stringify(line));
}

await withFolder(async (folder) => {
  const users = (await mailboxes()).slice(0, accounts);
  await schedule(users);
  await run(folder, users, 'first');
  await run(folder, users, 'again at once');
  passedMs += DAY_MS;
  await run(folder, users, 'a day later');
});
await graph.close();
await twin.close();
