import type { Telemetry } from '../telemetry/telemetry.ts';
import type { RunReport } from './report.ts';

/** Counts and logs what a run did. Ids of partitions go into the report, not into logs. */
export function observeReport(telemetry: Telemetry, report: RunReport, commits: number): void {
  let landed = 0;
  for (const [table, { rows, quarantined }] of Object.entries(report.tables)) {
    landed += rows;
    if (rows > 0) telemetry.count('sluice.sync.rows', rows, { table });
    if (quarantined === 0) continue;
    telemetry.count('sluice.sync.quarantined', quarantined, { table });
    telemetry.log('sync.quarantined', { table, records: quarantined });
  }
  if (commits > 0) telemetry.count('sluice.lake.commits', commits, {});
  for (const { resource, code } of report.skipped) telemetry.log('sync.skipped', { resource, code });
  for (const { resource, code, places } of absentKinds(report))
    telemetry.log('sync.absent', { resource, code, places });
  if (report.notPermitted.length > 0)
    telemetry.log('sync.not_permitted', { tables: report.notPermitted.map(({ table }) => table) });
  for (const { resource, by, partitions } of report.fillings)
    telemetry.log('sync.filling', { resource, by, partitions });
  for (const { table, code, partitions } of report.notFilled)
    telemetry.log('sync.not_filled', { table, code, partitions });
  telemetry.log('sync.finished', { outcome: report.outcome, rows: landed, elapsedMs: report.elapsedMs });
}

/** Every run meets the same ones: they are counted, not told one by one. */
function absentKinds({ absent }: Pick<RunReport, 'absent'>) {
  const kinds = new Map<string, { readonly resource: string; readonly code: string; readonly places: number }>();
  for (const { resource, code } of absent) {
    const key = `${resource} ${code}`;
    kinds.set(key, { resource, code, places: (kinds.get(key)?.places ?? 0) + 1 });
  }
  return kinds.values();
}
