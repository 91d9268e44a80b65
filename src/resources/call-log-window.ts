import type { TimeWindow } from '../strategies/time-windows.ts';

const DAY_MS = 86_400_000;

/**
 * How logs of telephone calls are asked for: by the start of a call, in ranges of at most 90 days. How long the service
 * keeps them is not said on their pages; reports on them reach back a year.
 *
 * @see https://learn.microsoft.com/en-us/graph/api/callrecords-callrecord-getpstncalls
 * @see https://learn.microsoft.com/en-us/microsoftteams/teams-analytics-and-reports/pstn-usage-report
 */
export const callLogWindow: TimeWindow = {
  property: 'startDateTime',
  keptMs: 365 * DAY_MS,
  // Rows are made within a day or two, charges of operators come later.
  lateMs: 5 * DAY_MS,
  longestMs: 90 * DAY_MS,
};
