/** Values as the lake gives them: instants in ISO 8601 and UTC. */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [name: string]: Value };
export type Row = Readonly<Record<string, Value>>;

/** What an account's documents are about. */
export interface DocumentWindow {
  readonly user: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly fetchedMs: number;
}

/** What the lake holds of one account for a window. */
export interface AccountRows {
  /** Events, each with the online meeting of its link: `meeting_id` and what else is said of it. */
  readonly events: readonly Row[];
  readonly reports: readonly Row[];
  readonly records: readonly Row[];
}

/** What the original job kept of an event. */
const EVENT = [
  ...['id', 'subject', 'createdDateTime', 'lastModifiedDateTime', 'organizer', 'attendees'],
  ...['start', 'end', 'location', 'isOnlineMeeting', 'onlineMeeting', 'onlineMeetingUrl', 'webLink'],
] as const;

/** Of an online meeting: nothing that lets anybody in. */
const META = ['joinWebUrl', 'subject', 'startDateTime', 'endDateTime'] as const;

const RECORD = [
  ...['id', 'emailAddress', 'totalAttendanceInSeconds', 'role', 'registrationId'],
  ...['externalRegistrationInformation', 'attendanceIntervals'],
] as const;

/** `2026-01-06T02:05:00Z`: whole seconds, as the original job writes instants of its own. */
export const wholeSeconds = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');

/** The events alone, in the envelope of the original job. */
export const eventsOnly = (window: DocumentWindow, { events }: Pick<AccountRows, 'events'>): Row =>
  envelope(window, events.map(eventOf));

/**
 * Events with who attended them. Reports that belong to no event stand beside the events: the original had no place for
 * them.
 */
export function withAttendance(window: DocumentWindow, { events, reports, records }: AccountRows): Row {
  const documents = events.map((event) => {
    const own = reports.filter((report) => report['event_id'] === event['id']);
    return { ...eventOf(event), ...attendanceOf(event, own, records) };
  });
  const others = reports.filter(({ event_id: id }) => id === null);
  const more =
    others.length > 0
      ? {
          reportsWithoutEvent: others.map((one) => ({
            onlineMeetingId: one['meeting_id']!,
            ...reportOf(one, records),
          })),
        }
      : {};
  return { ...envelope(window, documents), ...more };
}

const envelope = ({ user, fromMs, toMs, fetchedMs }: DocumentWindow, events: readonly Row[]): Row => ({
  user,
  windowStartUtc: wholeSeconds(fromMs),
  windowEndUtc: wholeSeconds(toMs),
  fetchedUtc: wholeSeconds(fetchedMs),
  count: events.length,
  events,
});

function eventOf(row: Row): Row {
  const event = picked(row, EVENT);
  return { ...event, start: graphTime(row, 'start'), end: graphTime(row, 'end') };
}

/** As Graph writes times of a calendar: seven digits, the zone beside them. */
function graphTime(row: Row, name: 'start' | 'end'): Value {
  const at = row[name];
  if (typeof at !== 'string') return null;
  const [seconds, fraction = ''] = at.replace(/Z$/, '').split('.');
  return { dateTime: `${seconds}.${fraction.padEnd(7, '0')}`, timeZone: row[`${name}_timeZone`] ?? 'UTC' };
}

function attendanceOf(event: Row, reports: readonly Row[], records: readonly Row[]): Row {
  const onlineMeetingId = event['meeting_id'] ?? reports[0]?.['meeting_id'] ?? null;
  if (onlineMeetingId === null) return {};
  const meta = Object.fromEntries(META.map((name) => [name, event[`meeting_${name}`] ?? null]));
  return {
    onlineMeetingMeta: { id: onlineMeetingId, ...meta },
    attendance: { onlineMeetingId, attendanceReports: reports.map((report) => reportOf(report, records)) },
  };
}

const reportOf = (report: Row, records: readonly Row[]): Row => ({
  report_id: report['id']!,
  meetingStartDateTime: report['meetingStartDateTime'] ?? null,
  meetingEndDateTime: report['meetingEndDateTime'] ?? null,
  total_participants: report['totalParticipantCount'] ?? null,
  records: records
    .filter((one) => one['report_id'] === report['id'] && one['meeting_id'] === report['meeting_id'])
    .map((one) => ({ ...picked(one, RECORD), identity: identityOf(one) })),
});

/** Nobody knows who it was: null, as Graph has it. */
function identityOf(record: Row): Value {
  const { identity_id: id = null, displayName = null, tenantId = null } = record;
  return id === null && displayName === null && tenantId === null ? null : { id, displayName, tenantId };
}

const picked = (row: Row, names: readonly string[]): Row =>
  Object.fromEntries(names.map((name) => [name, row[name] ?? null]));
