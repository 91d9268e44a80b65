import type { ExportReport } from '../../lake/export/report.ts';
import { count, renderTable } from './table.ts';

/** An export as a line of JSON. */
export function exportEvent({ notExported, ...report }: ExportReport): object {
  const failures = notExported.map(({ table, error: { code, message } }) => ({ table, code, message }));
  return { event: 'export', ...report, notExported: failures };
}

/** What an export did, as a person reads it. What it could not is said by {@link renderNotExported}. */
export function renderExport(report: ExportReport, options: { columns: number }): string {
  const isDelta = report.tables.some(({ operations }) => operations !== undefined);
  const changed = report.tables.filter(
    ({ added, changed: other, deleted, filesWritten, operations = 0 }) =>
      added + other + deleted + filesWritten + operations > 0,
  );
  const rows = changed.map((one) => [
    one.table,
    one.added,
    one.changed,
    one.deleted,
    ...(isDelta ? [one.operations ?? 0] : []),
    one.filesWritten,
  ]);
  const head = ['table', 'rows added', 'changed', 'deleted', ...(isDelta ? ['operations'] : []), 'files written'];
  const others = report.tables.filter(({ commitsOfOthers = 0 }) => commitsOfOthers > 0);
  return [
    rows.length > 0 ? renderTable(head, rows, options) : 'Nothing changed.',
    '',
    `${report.place} holds version ${report.version} of the lake: ${count(report.tables.length)} tables.`,
    ...others.map(
      ({ table, commitsOfOthers = 0 }) =>
        `${table}: ${count(commitsOfOthers)} commits of other writers since the last export; its rows are again those of the lake.`,
    ),
    ...(report.leftAsTheyWere.length > 0
      ? [`Left as they were, as they were not asked for: ${report.leftAsTheyWere.join(', ')}.`]
      : []),
    '',
  ].join('\n');
}

/** Every table that was not exported, and why, for stderr. */
export const renderNotExported = ({ notExported }: ExportReport): string =>
  notExported.map(({ table, error }) => `${table}: ${error.code}: ${error.message}\n`).join('');
