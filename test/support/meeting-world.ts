import { expect } from 'vitest';
import { fastRuntime } from './fast-runtime.ts';
import { ask, currentRows, ledgerRows, withFolder } from './lake.ts';
import { runSync } from './sync.ts';
import { startTwin, type TestTwin } from './twin.ts';

export const ATTENDANCE = ['attendance_reports', 'attendance_records', 'attendance_intervals'];
export const CALENDARS_AND_MEETINGS = ['events', 'online_meetings', 'transcripts', 'recordings', ...ATTENDANCE];

/** A tenant with calendars, and a lake of them. */
export interface MeetingWorld {
  readonly twin: TestTwin;
  readonly lake: string;
  now(): number;
  pass(ms: number): void;
  read(how?: Partial<Parameters<typeof runSync>[0]>): ReturnType<typeof runSync>;
  /** The tables are those of the ledger. */
  isTrue(tables?: readonly string[]): Promise<void>;
  ask(sql: string): Promise<unknown[][]>;
  /** How often a route was asked since this was last asked. */
  asked(): Promise<Readonly<Record<string, number>>>;
}

/** Plays a story in a tenant of its own, over real HTTP. */
export const inMeetingWorld = (story: (world: MeetingWorld) => Promise<void>, users = 8): Promise<void> =>
  withFolder(async (lake) => {
    const fast = fastRuntime(20);
    let passedMs = 0;
    const runtime = { ...fast, now: () => fast.now() + passedMs };
    const twin = await startTwin({ teams: 1, channels: 1, messages: 1, users, seed: 6, limits: 'none' }, { runtime });
    try {
      await story({
        twin,
        lake,
        now: () => runtime.now(),
        pass: (ms) => {
          passedMs += ms;
        },
        read: (how = {}) =>
          runSync({ env: twin.env, lake, runtime, tables: CALENDARS_AND_MEETINGS, maxRetries: 2, ...how }),
        isTrue: async (tables = CALENDARS_AND_MEETINGS) => {
          for (const name of tables)
            expect(await currentRows(lake, name), name).toEqual(ledgerRows(name, await twin.ledger(name)));
        },
        ask: (sql) => ask(lake, sql),
        asked: async () => {
          const { byRoute } = await twin.get<{ byRoute: Record<string, number> }>('/requests');
          await twin.post('/requests/reset', {});
          return byRoute;
        },
      });
    } finally {
      await twin.close();
    }
  });

export const iso = (ms: number): string => new Date(ms).toISOString();

/** The ids of users with a mailbox, organisers of the generated meetings first. */
export const usersOf = async ({ twin }: MeetingWorld): Promise<readonly string[]> => [
  ...new Set((await twin.ledger('events')).map(({ user_id: id }) => String(id))),
];
