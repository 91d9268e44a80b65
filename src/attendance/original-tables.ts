import type { Row, Value } from './documents.ts';

/** A row of the original job's Parquet files: texts alone. */
export type TextRow = Readonly<Record<string, string | null>>;

/** A data set of the original job, with its columns in order. */
export interface OriginalTable {
  readonly name: 'events' | 'attendance_reports' | 'attendance_details_records';
  readonly columns: readonly string[];
  /** @param document - with attendance: the original read both and had every event twice */
  rows(document: Row): readonly TextRow[];
}

const DOCUMENT = ['doc_user', 'doc_windowStartUtc', 'doc_windowEndUtc', 'doc_fetchedUtc'] as const;
const OF_REPORT = ['onlineMeetingId', 'report_id'] as const;
const DAY = 'elt_date';

export const originalTables: readonly OriginalTable[] = [
  {
    name: 'events',
    columns: [
      ...DOCUMENT,
      ...['event_id', 'event_subject', 'event_start', 'event_start_tz', 'event_end', 'event_end_tz'],
      ...['event_isOnlineMeeting', 'event_onlineMeetingUrl', 'event_onlineMeeting_joinUrl', 'event_webLink'],
      ...['event_location_displayName', 'onlineMeetingMeta_id', DAY],
    ],
    rows: (document) =>
      rowsIn(document, 'events').map((event) => ({
        ...ofDocument(document),
        doc_windowStartUtc: text(document['windowStartUtc']),
        doc_windowEndUtc: text(document['windowEndUtc']),
        event_id: text(event['id']),
        event_subject: text(event['subject']),
        event_start: instant(at(event, 'start', 'dateTime')),
        event_start_tz: text(at(event, 'start', 'timeZone')),
        event_end: instant(at(event, 'end', 'dateTime')),
        event_end_tz: text(at(event, 'end', 'timeZone')),
        event_isOnlineMeeting: text(event['isOnlineMeeting']),
        event_onlineMeetingUrl: text(event['onlineMeetingUrl']),
        event_onlineMeeting_joinUrl: text(at(event, 'onlineMeeting', 'joinUrl')),
        event_webLink: text(event['webLink']),
        event_location_displayName: text(at(event, 'location', 'displayName')),
        onlineMeetingMeta_id: text(at(event, 'onlineMeetingMeta', 'id')),
      })),
  },
  {
    name: 'attendance_reports',
    columns: [
      ...['doc_user', 'doc_fetchedUtc', ...OF_REPORT],
      ...['meetingStartDateTime', 'meetingEndDateTime', 'total_participants', DAY],
    ],
    rows: (document) =>
      reportsIn(document).map(({ onlineMeetingId, report }) => ({
        ...ofDocument(document),
        onlineMeetingId: text(onlineMeetingId),
        report_id: text(report['report_id']),
        meetingStartDateTime: instant(report['meetingStartDateTime']),
        meetingEndDateTime: instant(report['meetingEndDateTime']),
        total_participants: text(report['total_participants']),
      })),
  },
  {
    name: 'attendance_details_records',
    columns: [
      ...['doc_user', 'doc_fetchedUtc', ...OF_REPORT, 'record_id', 'displayName', 'tenantId', 'emailAddress', 'role'],
      ...['joinDateTime', 'leaveDateTime', 'durationInSeconds', 'externalRegistrationInformation_referrer'],
      ...['externalRegistrationInformation_registrationId', DAY],
    ],
    rows: (document) =>
      reportsIn(document).flatMap(({ onlineMeetingId, report }) =>
        rowsIn(report, 'records').flatMap((record) =>
          // A participant without intervals stays visible.
          (rowsIn(record, 'attendanceIntervals').length > 0 ? rowsIn(record, 'attendanceIntervals') : [{} as Row]).map(
            (interval) => ({
              ...ofDocument(document),
              onlineMeetingId: text(onlineMeetingId),
              report_id: text(report['report_id']),
              record_id: text(record['id']),
              displayName: text(at(record, 'identity', 'displayName')),
              tenantId: text(at(record, 'identity', 'tenantId')),
              emailAddress: text(record['emailAddress']),
              role: text(record['role']),
              joinDateTime: instant(interval['joinDateTime']),
              leaveDateTime: instant(interval['leaveDateTime']),
              durationInSeconds: text(interval['durationInSeconds']),
              externalRegistrationInformation_referrer: text(at(record, 'externalRegistrationInformation', 'referrer')),
              externalRegistrationInformation_registrationId: text(
                at(record, 'externalRegistrationInformation', 'registrationId'),
              ),
            }),
          ),
        ),
      ),
  },
];

function ofDocument(document: Row): TextRow {
  const fetched = document['fetchedUtc'];
  return {
    doc_user: text(document['user']),
    doc_fetchedUtc: instant(fetched),
    elt_date: typeof fetched === 'string' ? fetched.slice(0, 10) : null,
  };
}

/** Every report with its meeting: those of events, then those of none. */
function reportsIn(document: Row): readonly { readonly onlineMeetingId: Value | undefined; readonly report: Row }[] {
  const ofEvents = rowsIn(document, 'events').flatMap(({ attendance }) =>
    isRow(attendance)
      ? rowsIn(attendance, 'attendanceReports').map((report) => ({
          onlineMeetingId: attendance['onlineMeetingId'],
          report,
        }))
      : [],
  );
  const others = rowsIn(document, 'reportsWithoutEvent').map((report) => ({
    onlineMeetingId: report['onlineMeetingId'],
    report,
  }));
  return [...ofEvents, ...others];
}

const isRow = (value: Value | undefined): value is Row =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const rowsIn = (row: Row, name: string): readonly Row[] => {
  const list = row[name];
  return Array.isArray(list) ? list.filter(isRow) : [];
};
const at = (row: Row, outer: string, inner: string): Value | undefined => {
  const part = row[outer];
  return isRow(part) ? part[inner] : undefined;
};

/** As pandas turns a value into a text. */
function text(value: Value | undefined): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/**
 * As pandas turns an instant into a text: `2021-10-05 04:38:27.602722+00:00`, without a fraction where there is none.
 * https://pandas.pydata.org/docs/reference/api/pandas.Timestamp.html
 */
function instant(value: Value | undefined): string | null {
  if (typeof value !== 'string') return null;
  const [seconds, fraction = ''] = value.replace(/Z$/, '').split('.');
  const digits = fraction.slice(0, 6).padEnd(6, '0');
  return `${seconds!.replace('T', ' ')}${/^0+$/.test(digits) ? '' : `.${digits}`}+00:00`;
}
