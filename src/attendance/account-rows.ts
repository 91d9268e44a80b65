import { lakeErrors } from '../lake/errors.ts';
import type { LakeReader } from '../lake/query/query.ts';
import type { Version } from '../lake/types.ts';
import { literal } from '../schema/sql.ts';
import { instant } from '../strategies/position.ts';
import type { AccountRows, Row, Value } from './documents.ts';

/** What documents of an account are made of. */
export interface Wanted {
  readonly userId: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** Reports that came after it are wanted, whenever their meeting was; undefined: those of the window. */
  readonly after: Version | undefined;
}

/** What was said of an online meeting, beside the columns of the event. */
const MEETING = `m.id AS meeting_id, m."joinWebUrl" AS "meeting_joinWebUrl", m.subject AS meeting_subject,
  m."startDateTime" AS "meeting_startDateTime", m."endDateTime" AS "meeting_endDateTime"`;

/** The rows of an account that its documents hold, in a lasting order. */
export async function accountRows(
  reader: LakeReader,
  { userId, fromMs, toMs, after }: Wanted,
  signal?: AbortSignal,
): Promise<AccountRows> {
  const [user, from, to] = [userId, instant(fromMs), instant(toMs)].map(literal);
  const late = new Set(after === undefined ? [] : await reportsAfter(reader, after, signal));
  const isIn = (begin: string, end: string) =>
    `(${begin} < CAST(${to} AS TIMESTAMPTZ) AND ${end} >= CAST(${from} AS TIMESTAMPTZ))`;
  const all = await rowsOf(
    reader,
    `SELECT *, ${isIn('"meetingStartDateTime"', '"meetingEndDateTime"')} AS is_in FROM attendance_reports
     WHERE user_id = ${user} ORDER BY "meetingStartDateTime", meeting_id, id`,
    signal,
  );
  const fresh = all.filter((one) => one['is_in'] === true || late.has(keyOf(one['meeting_id'], one['id'])));
  const ofEvents = textsOf(fresh, 'event_id');
  const events = await rowsOf(
    reader,
    `SELECT e.*, ${MEETING} FROM events e
     LEFT JOIN online_meetings m ON m.user_id = e.user_id AND m."joinWebUrl" = e."onlineMeeting"."joinUrl"
     WHERE e.user_id = ${user} AND (${isIn('e."start"', 'e."end"')} OR e.id IN (${listOf(ofEvents)}))
     ORDER BY e."start", e.id`,
    signal,
  );
  // An event has all of its reports, those that came before too.
  const shown = new Set(textsOf(events, 'id'));
  const isFresh = new Set(fresh);
  const reports = all.filter((one) => isFresh.has(one) || shown.has(String(one['event_id'])));
  const records = await rowsOf(
    reader,
    `SELECT * FROM attendance_records WHERE user_id = ${user} AND report_id IN (${listOf(textsOf(reports, 'id'))})
     ORDER BY meeting_id, report_id, id`,
    signal,
  );
  return { events, reports, records };
}

/** Reports that a version of the lake does not hold as they are; all of them when nobody knows any more. */
async function reportsAfter(reader: LakeReader, after: Version, signal?: AbortSignal): Promise<readonly string[]> {
  try {
    const { columns, rows } = await reader.changes('attendance_reports', after, signal);
    const [meeting, id] = ['meeting_id', 'id'].map((name) => columns.indexOf(name));
    return rows.map((row) => keyOf(row[meeting!], row[id!]));
  } catch (error) {
    if (!lakeErrors.changes_expired.is(error)) throw error;
    const all = await rowsOf(reader, 'SELECT meeting_id, id FROM attendance_reports', signal);
    return all.map((one) => keyOf(one['meeting_id'], one['id']));
  }
}

async function rowsOf(reader: LakeReader, sql: string, signal?: AbortSignal): Promise<readonly Row[]> {
  const { columns, rows } = await reader.query(sql, signal);
  return rows.map((row) => Object.fromEntries(columns.map((name, at) => [name, row[at] as Value])));
}

const keyOf = (meeting: unknown, report: unknown): string => `${meeting} ${report}`;
const textsOf = (rows: readonly Row[], name: string): readonly string[] => [
  ...new Set(rows.map((row) => row[name]).filter((value) => typeof value === 'string')),
];
const listOf = (texts: readonly string[]): string => (texts.length > 0 ? texts.map(literal).join(', ') : 'NULL');
