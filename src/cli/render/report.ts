import type { RunReport } from '../../sync/report.ts';
import { count, duration, renderTable } from './table.ts';

const HEADLINE = { ok: 'Synced.', partial: 'Synced in part.', failed: 'The run failed.' } as const;

/** The run report as a person reads it. */
export function renderReport(report: RunReport, options: { columns: number }): string {
  const landed = Object.entries(report.tables).filter(([, { rows, quarantined }]) => rows + quarantined > 0);
  const rows = landed.map(([name, table]) => [
    name,
    table.rows,
    table.deletes,
    ...(anyQuarantined(report) ? [table.quarantined] : []),
  ]);
  const { requests, plan } = report;
  const throttled = requests.throttled > 0 ? `, ${count(requests.throttled)} throttled` : '';
  return [
    HEADLINE[report.outcome],
    ...(report.error ? [`${report.error.message}`] : []),
    '',
    landed.length > 0
      ? renderTable(
          ['table', 'change rows', 'deletes', ...(anyQuarantined(report) ? ['quarantined'] : [])],
          rows,
          options,
        )
      : 'Nothing changed.',
    '',
    `${count(requests.total)} requests${throttled}, ${count(requests.retried)} retried. At least ${count(plan.requests)} were needed; the published limits allow them in ${duration(plan.lowerBoundMs)}.`,
    `Took ${duration(report.elapsedMs)}. The lake is at commit ${report.version}.`,
    ...report.skipped.map(({ resource, partition, message }) => `Skipped ${resource} of ${partition}: ${message}`),
    '',
  ].join('\n');
}

const anyQuarantined = (report: RunReport) => Object.values(report.tables).some(({ quarantined }) => quarantined > 0);
