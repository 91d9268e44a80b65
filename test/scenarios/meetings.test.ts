import { expect, it, vi } from 'vitest';
import { connectionOf } from '../../src/config/connection.ts';
import { loadConfig } from '../../src/config/load.ts';
import { createGraphClient } from '../../src/graph/client.ts';
import { readState } from '../../src/lake/log/log.ts';
import { fileStore } from '../../src/lake/stores/file.ts';
import { estimateRun } from '../../src/sync/estimate.ts';
import { tables as everyTable } from '../../src/tables/index.generated.ts';
import { fastRuntime } from '../support/fast-runtime.ts';
import { ATTENDANCE, CALENDARS_AND_MEETINGS, inMeetingWorld, iso, usersOf } from '../support/meeting-world.ts';
import { runSync } from '../support/sync.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

// Whole syncs: slow on a busy machine.
vi.setConfig({ testTimeout: 400_000 });

it('calendars, meetings and attendance are those of the ledger, and an idle run asks the calendars alone', () =>
  inMeetingWorld(async ({ read, isTrue, asked }) => {
    const first = await read();
    expect(first.skipped).toEqual([]);
    await isTrue();
    await asked();
    const idle = await read();
    expect(idle.skipped).toEqual([]);
    expect(Object.keys(await asked()).filter((route) => route.includes('onlineMeetings'))).toEqual([]);
    await isTrue();
  }));

const REPORTS = 'attendanceReports';
const LISTS = /attendanceReports$/;
const WHOLE = /attendanceReports\/\{report-id\}$/;
const LOOK_UP = /onlineMeetings$/;
const CALENDARS = /calendarView$/;

const asksOf = (asked: Readonly<Record<string, number>>, route: RegExp): number =>
  Object.entries(asked).reduce((sum, [name, count]) => (route.test(name) ? sum + count : sum), 0);

it('a run asks for each page of a calendar, each meeting that is due and each new report: P + M + R, and one look-up to test the ids', () =>
  inMeetingWorld(async (world) => {
    const { twin, read, asked, now, pass, isTrue } = world;
    const [ana, ben] = await usersOf(world);
    const tables = ['events', ...ATTENDANCE];
    const before = now();
    await twin.post('/events', [
      {
        type: 'scheduleMeeting',
        userId: ana,
        attendees: [ben],
        subject: 'Series',
        startDateTime: iso(before + HOUR_MS),
        minutes: 30,
        everyDays: 1,
        occurrences: 3,
      },
      { type: 'scheduleMeeting', userId: ana, subject: 'Single', startDateTime: iso(before + 2 * HOUR_MS) },
      {
        type: 'scheduleMeeting',
        userId: ana,
        subject: 'Skype',
        startDateTime: iso(before + 2 * HOUR_MS),
        provider: 'skypeForBusiness',
      },
      {
        type: 'scheduleMeeting',
        userId: ana,
        subject: 'Elsewhere',
        startDateTime: iso(before + 2 * HOUR_MS),
        isOfOtherTenant: true,
      },
    ]);
    await read({ tables });
    const first = await asked();
    const reports = await twin.ledger('attendance_reports');
    // Each user once, each meeting that is over once, each report once.
    expect(asksOf(first, WHOLE)).toBe(reports.length);
    expect(asksOf(first, LISTS)).toBe(new Set(reports.map((one) => one['meeting_id'])).size);
    expect(asksOf(first, LOOK_UP)).toBe(1);

    await twin.post('/events', [
      { type: 'holdSession', subject: 'Series', startDateTime: iso(before + HOUR_MS), seconds: 1700 },
      { type: 'holdSession', subject: 'Series', startDateTime: iso(before + 25 * HOUR_MS), seconds: 1700 },
      { type: 'holdSession', subject: 'Single', startDateTime: iso(before + 2 * HOUR_MS), seconds: 600 },
      { type: 'holdSession', subject: 'Single', startDateTime: iso(before + 2.5 * HOUR_MS), seconds: 600 },
    ]);
    pass(27 * HOUR_MS);
    const second = await read({ tables });
    expect(second.outcome).toBe('ok');
    await isTrue(tables);
    const routes = await asked();
    // Ana's two meetings, and generated series that had a time meanwhile.
    expect(asksOf(routes, WHOLE)).toBe(4);
    expect(asksOf(routes, LOOK_UP)).toBe(1);
    const [[matched]] = (await world.ask(
      `SELECT count(*) FROM attendance_reports r JOIN events e ON e.user_id = r.user_id AND e.id = r.event_id
        WHERE e.subject = 'Series' AND r.meetingStartDateTime BETWEEN e.start AND e.end`,
    )) as [[bigint]];
    expect(Number(matched)).toBe(2);

    const idle = await read({ tables });
    const rest = await asked();
    expect(idle.requests.total).toBe(1 + asksOf(rest, CALENDARS));
    expect(Object.keys(rest).some((route) => route.includes(REPORTS))).toBe(false);
  }));

it.each([2, 26, 47])('a report that appears %d hours after the meeting ends up stored once', (hours) =>
  inMeetingWorld(async (world) => {
    const { twin, read, isTrue, now, pass } = world;
    const [ana] = await usersOf(world);
    const before = now();
    await twin.post('/events', [
      { type: 'scheduleMeeting', userId: ana, subject: 'Late', startDateTime: iso(before + HOUR_MS), minutes: 60 },
      {
        type: 'holdSession',
        subject: 'Late',
        startDateTime: iso(before + HOUR_MS),
        seconds: 3600,
        lateSeconds: hours * 3600,
      },
    ]);
    let rows = 0;
    for (let day = 0; day < 6; day++) {
      const report = await read({ tables: ATTENDANCE });
      expect(report.outcome).toBe('ok');
      if (day > 0) rows += report.tables['attendance_reports']!.rows;
      pass(14 * HOUR_MS);
    }
    expect(rows).toBe(1);
    await isTrue(ATTENDANCE);
  }),
);

it('of a series with three times and two reports there are two rows; of 51 reports the 50 newest, and a warning', () =>
  inMeetingWorld(async (world) => {
    const { twin, read, ask, now } = world;
    const [ana, ben] = await usersOf(world);
    const startMs = now() - 20 * DAY_MS;
    await twin.post('/events', [
      {
        type: 'scheduleMeeting',
        userId: ana,
        subject: 'Three',
        startDateTime: iso(startMs),
        minutes: 60,
        everyDays: 7,
        occurrences: 3,
      },
      { type: 'holdSession', subject: 'Three', startDateTime: iso(startMs) },
      { type: 'holdSession', subject: 'Three', startDateTime: iso(startMs + 7 * DAY_MS) },
      {
        type: 'scheduleMeeting',
        userId: ben,
        subject: 'Often',
        startDateTime: iso(startMs),
        minutes: 60,
        everyDays: 1,
        occurrences: 15,
      },
      ...Array.from({ length: 51 }, (_, at) => ({
        type: 'holdSession',
        subject: 'Often',
        startDateTime: iso(startMs + at * 4 * HOUR_MS),
        participants: 1,
      })),
    ]);
    const report = await read({ tables: ['events', ...ATTENDANCE] });
    expect(report.outcome).toBe('partial');
    expect(report.skipped).toMatchObject([{ resource: 'attendance_reports', code: 'meeting_records_cut' }]);
    const count = async (subject: string) =>
      Number(
        (
          await ask(`SELECT count(*) FROM attendance_reports WHERE meeting_id IN (
            SELECT r.meeting_id FROM attendance_reports r JOIN events e ON e.id = r.event_id WHERE e.subject = '${subject}')`)
        )[0]![0],
      );
    expect(await count('Three')).toBe(2);
    expect(await count('Often')).toBe(50);
    const again = await read({ tables: ['events', ...ATTENDANCE] });
    expect(again.outcome).toBe('ok');
  }));

it('a missing policy is an outcome of that user alone, named with both commands; given back, nothing is lost', () =>
  inMeetingWorld(async (world) => {
    const { twin, read, isTrue, asked } = world;
    const [ana] = await usersOf(world);
    await twin.post('/events', [{ type: 'withholdAccessPolicy', userId: ana }]);
    const report = await read();
    expect(report.outcome).toBe('partial');
    expect(report.skipped).toMatchObject([
      { partition: ana, code: 'access_policy_missing', resource: 'online_meetings' },
      { partition: ana, code: 'access_policy_missing', resource: 'attendance_reports' },
      { partition: ana, code: 'access_policy_missing', resource: 'transcripts' },
      { partition: ana, code: 'access_policy_missing', resource: 'recordings' },
    ]);
    for (const { message } of report.skipped) {
      expect(message).toContain('New-CsApplicationAccessPolicy');
      expect(message).toContain(`Grant-CsApplicationAccessPolicy -PolicyName Sluice -Identity "${ana}"`);
    }
    expect((await twin.ledger('attendance_reports')).length).toBeGreaterThan(report.tables['attendance_reports']!.rows);
    await asked();
    // An account without it costs one request, and its meetings are asked for as soon as there is one.
    await read({ tables: ATTENDANCE });
    expect(asksOf(await asked(), /onlineMeetings/)).toBe(1);
    await twin.post('/events', [{ type: 'grantAccessPolicy', userId: ana }]);
    const after = await read();
    expect(after.outcome).toBe('ok');
    await isTrue();
  }));

it('nobody is asked to grant policies in a run whose tables nobody named', () =>
  inMeetingWorld(async (world) => {
    const { twin, lake, now } = world;
    const [ana] = await usersOf(world);
    await twin.post('/events', [{ type: 'withholdAccessPolicy', userId: ana }]);
    const report = await runSync({
      env: twin.env,
      lake,
      runtime: { ...fastRuntime(20), now },
      tables: ['users', ...CALENDARS_AND_MEETINGS],
      onlyGranted: true,
    });
    expect(report.outcome).toBe('ok');
    expect(
      report.absent.filter(({ code }) => code === 'access_policy_missing').map(({ partition }) => partition),
    ).toEqual([ana, ana, ana, ana]);
  }));

it('meetings that move and that are cancelled are those of the calendar, and older events stay', () =>
  inMeetingWorld(async (world) => {
    const { twin, read, isTrue, now, pass, ask } = world;
    const [ana, ben] = await usersOf(world);
    const before = now();
    await twin.post('/events', [
      {
        type: 'scheduleMeeting',
        userId: ana,
        attendees: [ben],
        subject: 'Moved',
        startDateTime: iso(before + 2 * HOUR_MS),
      },
      {
        type: 'scheduleMeeting',
        userId: ana,
        attendees: [ben],
        subject: 'Cancelled',
        startDateTime: iso(before + 3 * HOUR_MS),
      },
    ]);
    await read();
    await twin.post('/events', [
      { type: 'moveMeeting', subject: 'Moved', startDateTime: iso(before + 3 * DAY_MS) },
      { type: 'cancelMeeting', subject: 'Cancelled' },
    ]);
    await read();
    await isTrue(['events']);
    expect(await ask(`SELECT count(*), count(*) FILTER (isCancelled) FROM events WHERE subject = 'Cancelled'`)).toEqual(
      [[1, 1]],
    );
    // At the old time nothing is looked for.
    pass(DAY_MS);
    await twin.post('/events', [
      { type: 'holdSession', subject: 'Moved', startDateTime: iso(before + 3 * DAY_MS + 60_000), seconds: 3000 },
    ]);
    await read();
    pass(3 * DAY_MS);
    await read();
    await isTrue();
    const [[eventId]] = (await ask(
      `SELECT e.subject FROM attendance_reports r JOIN events e ON e.id = r.event_id WHERE e.subject = 'Moved'`,
    )) as [[string]];
    expect(eventId).toBe('Moved');
  }));

it('reports of a channel are assigned by time: each is one row, of the meeting that it was', () =>
  inMeetingWorld(async (world) => {
    const { twin, read, isTrue, now } = world;
    const [ana, ben] = await usersOf(world);
    const startMs = now() - 3 * DAY_MS;
    const channelId = '19:general@thread.tacv2';
    const at = (hours: number) => iso(startMs + hours * HOUR_MS);
    await twin.post('/events', [
      { type: 'scheduleMeeting', userId: ana, subject: 'First', channelId, startDateTime: at(0), minutes: 60 },
      { type: 'holdSession', subject: 'First', startDateTime: at(0) },
      { type: 'scheduleMeeting', userId: ana, subject: 'Second', channelId, startDateTime: at(2), minutes: 60 },
      { type: 'holdSession', subject: 'Second', startDateTime: at(2) },
      { type: 'scheduleMeeting', userId: ben, subject: 'Third', channelId, startDateTime: at(4), minutes: 60 },
      { type: 'holdSession', subject: 'Third', startDateTime: at(4) },
    ]);
    const report = await read();
    expect(report.outcome).toBe('ok');
    await isTrue();
  }));

it('a meeting with a short link is looked up once, and what fails is revisited', () =>
  inMeetingWorld(async (world) => {
    const { twin, read, isTrue, now, pass, asked } = world;
    const [ana] = await usersOf(world);
    await twin.post('/events', [
      {
        type: 'scheduleMeeting',
        userId: ana,
        subject: 'Short',
        startDateTime: iso(now() - DAY_MS),
        minutes: 60,
        isShortLink: true,
      },
      { type: 'holdSession', subject: 'Short', startDateTime: iso(now() - DAY_MS) },
    ]);
    await twin.post('/faults', { kind: 'status', status: 500, route: '/users/*/onlineMeetings' });
    const first = await read();
    expect(first.outcome).toBe('partial');
    await twin.delete('/faults');
    pass(8 * DAY_MS);
    await asked();
    const second = await read();
    expect(second.outcome).toBe('ok');
    await isTrue();
  }));

it('records without identity, address or intervals, and with other fractions, are rows of their types', () =>
  inMeetingWorld(async (world) => {
    const { read, ask, twin, now } = world;
    const [ana] = await usersOf(world);
    await twin.post('/events', [
      { type: 'scheduleMeeting', userId: ana, subject: 'Big', startDateTime: iso(now() - DAY_MS), minutes: 60 },
      { type: 'holdSession', subject: 'Big', startDateTime: iso(now() - DAY_MS), participants: 250 },
    ]);
    const report = await read();
    expect(report.outcome).toBe('ok');
    const odd = `SELECT count(*) FILTER (identity_id IS NULL) > 0, count(*) FILTER (emailAddress = '') > 0,
      count(*) FILTER (len(attendanceIntervals) = 0) > 0, count(*) FILTER (externalRegistrationInformation IS NULL) > 0,
      count(*) FILTER (externalRegistrationInformation.referrer IS NOT NULL) > 0, max(totalAttendanceInSeconds) > 0
      FROM attendance_records`;
    expect(await ask(odd)).toEqual([[true, true, true, true, true, true]]);
    expect(await ask('SELECT count(*) > 0 FROM attendance_intervals WHERE joinDateTime IS NULL')).toEqual([[false]]);
    expect(
      await ask(
        'SELECT sum(durationInSeconds)::BIGINT = (SELECT sum(totalAttendanceInSeconds) FROM attendance_records) FROM attendance_intervals',
      ),
    ).toEqual([[true]]);
    expect(
      await ask(`SELECT count(*)::INTEGER FROM attendance_records GROUP BY report_id ORDER BY 1 DESC LIMIT 1`),
    ).toEqual([[250]]);
  }));

it('a report whose records are cut without a link is read to its end', () =>
  inMeetingWorld(async (world) => {
    const { read, ask, twin, now, isTrue } = world;
    const [ana] = await usersOf(world);
    await twin.post('/events', [
      { type: 'scheduleMeeting', userId: ana, subject: 'Big', startDateTime: iso(now() - DAY_MS), minutes: 60 },
      { type: 'holdSession', subject: 'Big', startDateTime: iso(now() - DAY_MS), participants: 250 },
    ]);
    const route = '/users/*/onlineMeetings/*/attendanceReports/*';
    await twin.post('/faults', { kind: 'edit', edit: 'without', field: 'attendanceRecords@odata.nextLink', route });
    expect(await read({ tables: ['events', ...ATTENDANCE] })).toMatchObject({ outcome: 'ok', skipped: [], gaps: [] });
    const { faults } = await twin.get<{ faults: { hits: number }[] }>('/faults');
    expect(faults[0]!.hits).toBeGreaterThan(0);
    await isTrue(ATTENDANCE);
    expect(
      await ask('SELECT count(*)::INTEGER FROM attendance_records GROUP BY report_id ORDER BY 1 DESC LIMIT 1'),
    ).toEqual([[250]]);
  }, 3));

it('times of events are in UTC with the zone that they were made in, and no passcode is kept', () =>
  inMeetingWorld(async (world) => {
    const { twin, read, ask, now } = world;
    const [ana] = await usersOf(world);
    const startDateTime = `${iso(now() + DAY_MS).slice(0, 14)}00:00.000Z`;
    await twin.post('/events', [
      { type: 'scheduleMeeting', userId: ana, subject: 'Zoned', startDateTime, zone: 'India Standard Time' },
    ]);
    await read();
    expect(
      await ask(
        `SELECT epoch_ms(start)::DOUBLE, start_timeZone, originalStartTimeZone FROM events WHERE subject = 'Zoned'`,
      ),
    ).toEqual([[Date.parse(startDateTime), 'UTC', 'India Standard Time']]);
    const [[kept]] = (await ask(`SELECT count(*) FROM online_meetings m WHERE m::VARCHAR LIKE '%xK9mPq%'`)) as [
      [bigint],
    ];
    expect(Number(kept)).toBe(0);
  }));

it('days of faults, of policies that come and go, of late reports and of moved meetings end as the ledger says', () =>
  inMeetingWorld(async (world) => {
    const { twin, read, isTrue, now, pass } = world;
    const [ana, ben] = await usersOf(world);
    const startMs = now();
    const at = (hours: number) => iso(startMs + hours * HOUR_MS);
    await twin.post('/events', [
      {
        type: 'scheduleMeeting',
        userId: ana,
        attendees: [ben],
        subject: 'Daily',
        startDateTime: at(1),
        minutes: 30,
        everyDays: 1,
        occurrences: 5,
      },
      { type: 'scheduleMeeting', userId: ben, attendees: [ana], subject: 'Moving', startDateTime: at(30), minutes: 60 },
    ]);
    const faults = [
      { kind: 'status', probability: 0.3, route: '/users/**' },
      { kind: 'throttle', probability: 0.3, retryAfter: 1 },
      { kind: 'truncated-json', probability: 0.3, route: '/users/*/onlineMeetings/**' },
      { kind: 'invalid-json', probability: 0.3, route: '/users/*/calendarView' },
      { kind: 'empty-page', probability: 0.5 },
    ];
    for (const [day, fault] of faults.entries()) {
      await twin.post('/events', [
        {
          type: 'holdSession',
          subject: 'Daily',
          startDateTime: at(1 + day * 24),
          seconds: 1500,
          lateSeconds: day * 7200,
        },
        { type: day % 2 === 0 ? 'withholdAccessPolicy' : 'grantAccessPolicy', userId: ana },
        ...(day === 1 ? [{ type: 'moveMeeting', subject: 'Moving', startDateTime: at(60) }] : []),
        ...(day === 2 ? [{ type: 'holdSession', subject: 'Moving', startDateTime: at(60), seconds: 1500 }] : []),
      ]);
      await twin.post('/faults', { seed: 3, ...fault });
      await read({ maxRetries: 1 });
      await twin.delete('/faults');
      pass(24 * HOUR_MS);
    }
    await twin.post('/events', [{ type: 'grantAccessPolicy', userId: ana }]);
    const calm = await read();
    expect(calm.outcome).toBe('ok');
    await isTrue();
  }));

it('a plan of meetings is near what the run asks', () =>
  inMeetingWorld(async (world) => {
    const { twin, lake, read, now } = world;
    const planned = async () => {
      const connection = connectionOf((await loadConfig({ environment: twin.env })).config);
      const runtime = { ...fastRuntime(20), now, random: () => 0.5 };
      const graph = createGraphClient({
        identity: connection,
        runtime,
        limits: [],
        graphUrl: connection.graphUrl!,
        loginUrl: connection.loginUrl!,
      });
      try {
        const { positions } = await readState(fileStore(lake));
        const chosen = everyTable.filter(({ name }) => CALENDARS_AND_MEETINGS.includes(name));
        const signal = new AbortController().signal;
        return (await estimateRun({ graph, runtime, tables: chosen, positions }, signal)).requests;
      } finally {
        await graph.close();
      }
    };
    await read({ tables: ['users'] });
    const before = await planned();
    const first = await read();
    expect(before).toBeGreaterThan(first.plan.requests * 0.5);
    expect(before).toBeLessThan(first.plan.requests * 2);
    const idle = await planned();
    const second = await read();
    expect(Math.abs(idle - second.plan.requests)).toBeLessThanOrEqual(1);
  }));
