import type { Fallback, RunReport, SkippedPartition } from '../../sync/report.ts';
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
    `${count(requests.total)} requests${throttled}, ${count(requests.retried)} retried. At least ${count(plan.requests)} were needed; the published limits sustain them in ${duration(plan.lowerBoundMs)}.`,
    `Took ${duration(report.elapsedMs)}. The lake is at commit ${report.version}.`,
    ...setAsideLines(report),
    ...fallbackLines(report.fallbacks),
    ...skippedLines(report.skipped),
    '',
  ].join('\n');
}

const anyQuarantined = (report: RunReport) => Object.values(report.tables).some(({ quarantined }) => quarantined > 0);

function setAsideLines(report: RunReport): string[] {
  const records = Object.values(report.tables).reduce((sum, { quarantined }) => sum + quarantined, 0);
  if (records === 0) return [];
  return [
    `${count(records)} records could not be read, or not wholly; their bytes are in the lake's folder quarantine/.`,
  ];
}

/** One line for each kind of refusal: a service that does not know a strategy refuses it for every team. */
function fallbackLines(fallbacks: readonly Fallback[]): string[] {
  const kinds = groupBy(fallbacks, ({ resource, from, to, code }) => `${resource} ${from} ${to} ${code}`);
  return kinds.map((kind) => {
    const { resource, partition, from, to, code } = kind[0]!;
    const where = kind.length === 1 ? partition : `${count(kind.length)} partitions`;
    return `${resource} of ${where}: ${from} was refused (${code}), read by ${to}.`;
  });
}

/** One line for each team or channel and reason, however many tables it costs. */
export function skippedLines(skipped: readonly SkippedPartition[]): string[] {
  const owner = ({ partition }: SkippedPartition) => partition.replace(/^(team|channel):/, '');
  const groups = groupBy(skipped, (entry) => `${owner(entry)} ${entry.code} ${entry.permission}`);
  return groups.map((group) => {
    const resources = [...new Set(group.map(({ resource }) => resource))].join(', ');
    return `Skipped ${resources} of ${owner(group[0]!)}: ${group[0]!.message}`;
  });
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return [...groups.values()];
}
