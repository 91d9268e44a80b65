import { expect, it, vi } from 'vitest';
import { gapLine } from '../../../src/cli/render/report.ts';
import { ATTENDANCE, inMeetingWorld, iso, type MeetingWorld, usersOf } from '../../support/meeting-world.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const tables = ['events', ...ATTENDANCE];

// Whole syncs: slow on a busy machine.
vi.setConfig({ testTimeout: 400_000 });

/** A meeting of an hour that was held. */
const held = (userId: string, subject: string, startMs: number) => [
  { type: 'scheduleMeeting', userId, subject, startDateTime: iso(startMs), minutes: 60 },
  { type: 'holdSession', subject, startDateTime: iso(startMs), seconds: 3000 },
];

const countOf = async ({ ask }: MeetingWorld, sql: string): Promise<number> =>
  Number((await ask(`SELECT count(*) FROM ${sql}`))[0]![0]);
const ofEvent = (subject: string) => `events WHERE subject = '${subject}'`;
const reportsOf = (subject: string) =>
  `attendance_reports r JOIN events e ON e.user_id = r.user_id AND e.id = r.event_id WHERE e.subject = '${subject}'`;

it.each([
  { how: 'a page that always fails', fault: { kind: 'status', status: 500 } },
  { how: 'an event that is no JSON', fault: { kind: 'edit', edit: 'control-character', field: 'subject' } },
])(
  '$how in a calendar is a gap: what is new is read, also what meetings left behind, and it is filled when it heals',
  ({ fault }) =>
    inMeetingWorld(async (world) => {
      const { twin, read, isTrue, now, pass } = world;
      const [ana] = await usersOf(world);
      await twin.post('/events', held(ana!, 'Bad', now() - 3 * DAY_MS));
      const [bad] = (await twin.ledger('events')).slice(-1);
      const id = String(bad!['id']);
      await twin.post('/faults', { ...fault, route: `/users/${ana}/calendarView`, holds: { id } });
      const first = await read({ tables });
      expect([first.outcome, first.skipped]).toEqual(['partial', []]);
      expect(first.gaps).toMatchObject([{ resource: 'events', partition: ana, tries: 1 }]);
      expect(await countOf(world, ofEvent('Bad'))).toBe(0);

      await twin.post('/events', held(ana!, 'New', now() + HOUR_MS));
      await twin.post('/events', [
        { type: 'scheduleMeeting', userId: ana, subject: 'Cancelled', startDateTime: iso(now() + DAY_MS) },
      ]);
      pass(3 * HOUR_MS);
      const second = await read({ tables });
      expect([second.outcome, second.gaps.length]).toEqual(['partial', 1]);
      expect([await countOf(world, ofEvent('New')), await countOf(world, reportsOf('New'))]).toEqual([1, 1]);
      await twin.post('/events', [{ type: 'cancelMeeting', subject: 'Cancelled' }]);
      pass(HOUR_MS);
      // A third time it fails, and waits: it is named all the same.
      const third = await read({ tables });
      const waiting = await read({ tables });
      expect([third.gaps[0]!.tries, waiting.gaps[0]!.tries, waiting.outcome]).toEqual([3, 3, 'partial']);
      await twin.delete('/faults');
      pass(DAY_MS);
      expect(await read({ tables })).toMatchObject({ outcome: 'ok', gaps: [] });
      await isTrue(tables);
      expect(await countOf(world, reportsOf('Bad'))).toBe(1);
    }, 3),
);

it.each([
  { what: 'the list of a meeting', fault: { kind: 'status', status: 500 }, below: 'attendanceReports', part: '' },
  { what: 'a report', fault: { kind: 'status', status: 500 }, below: 'attendanceReports/*', part: '/' },
  {
    what: 'a record inside of a report',
    fault: { kind: 'edit', edit: 'control-character', field: 'id' },
    below: 'attendanceReports/*',
    part: '/',
  },
])(
  '$what that stays bad is a gap of it alone, tried at growing intervals, named in every run, filled when it heals',
  ({ fault, below, part }) =>
    inMeetingWorld(async (world) => {
      const { twin, read, isTrue, now, pass, asked } = world;
      const [ana, ben] = await usersOf(world);
      await read({ tables });
      const before = (await twin.ledger('attendance_reports')).map((one) => one['id']);
      await twin.post('/events', [...held(ana!, 'Bad', now() + HOUR_MS), ...held(ben!, 'Good', now() + HOUR_MS)]);
      pass(3 * HOUR_MS);
      const added = (await twin.ledger('attendance_reports')).filter((one) => !before.includes(one['id']!));
      // The id of a meeting is that of its organiser and of its thread.
      const ids = added.map((one) => String(one['meeting_id']));
      const id = ids.find((one) => Buffer.from(one, 'base64').toString().includes(ana!));
      await twin.post('/faults', { ...fault, route: `/users/${ana}/onlineMeetings/${id}/${below}` });
      const tries = async () => {
        await asked();
        const { outcome, skipped, gaps } = await read({ tables });
        expect(outcome).toBe('partial');
        const named = [...skipped, ...gaps];
        expect(named.length).toBe(1);
        expect(named[0]).toMatchObject({ resource: 'attendance_reports' });
        expect(named[0]!.partition.startsWith(`${ana}/`)).toBe(true);
        expect(named[0]!.partition.split('/').length).toBe(part === '' ? 2 : 3);
        return gaps[0]?.tries;
      };
      // Three runs try it and name the failure.
      for (let run = 1; run <= 3; run++) expect(await tries()).toBeUndefined();
      expect([await countOf(world, reportsOf('Good')), await countOf(world, reportsOf('Bad'))]).toEqual([1, 0]);
      // The next does not, and names it all the same.
      expect(await tries()).toBe(3);
      expect(Object.keys(await asked()).filter((route) => route.includes('attendanceReports'))).toEqual([]);
      await twin.delete('/faults');
      pass(DAY_MS);
      expect(await read({ tables })).toMatchObject({ outcome: 'ok', skipped: [], gaps: [] });
      await isTrue(tables);
    }, 3),
);

it('a gap of one record is told as such', () => {
  const gap = { resource: 'attendance_reports', partition: 'u/m', code: 'service_error', since: '', tries: 3 };
  expect(gapLine({ ...gap, whole: true, retryAt: 'then' })).toBe(
    'Gap in attendance_reports of u/m: all of it (service_error, tried 3 times, again from then).',
  );
});
