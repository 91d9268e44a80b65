import type { LoggedRun } from '../../sync/run-log.ts';
import type { Status } from '../lake-status.ts';
import { runLine } from './history.ts';
import { fillingLine, gapLine, notFilledLines } from './report.ts';
import { count, renderTable } from './table.ts';

/** Of many gaps and open partitions only so many are shown; `--json` has all. */
const SHOWN = 10;

/** The status of a lake as a person reads it. */
export function renderStatus(status: Status, options: { columns: number }): string {
  const { lake, version, source, tables, read, gaps, fillings, notFilled, lastRun } = status;
  const rows = tables.map(({ table, rows: held, changedAt }) => [table, held, changedAt ?? 'never']);
  return [
    `${lake}, commit ${version}${source ? `: tenant ${source.tenantId} (${source.cloud})` : ''}.`,
    writerLine(status),
    lastRun ? `Last run: ${runLine(lastRun as LoggedRun)}` : 'No run is written down.',
    '',
    renderTable(['table', 'rows', 'last change'], rows, options),
    '',
    ...read.map(readLine),
    ...fillings.map((filling) => `With the next sync: ${fillingLine(filling)}`),
    ...notFilledLines(notFilled),
    ...gaps.slice(0, SHOWN).map(gapLine),
    ...(gaps.length > SHOWN ? [`${count(gaps.length - SHOWN)} more gaps: --json names them.`] : []),
    ...(status.isMissing ? [] : ['Nothing is missing.']),
  ].join('\n');
}

function writerLine({ writer: { is, holder } }: Status): string {
  if (is === 'nobody' || !holder) return 'Nobody writes it now.';
  const who = `${holder.purpose} (process ${holder.pid} on ${holder.host}, since ${holder.since})`;
  return is === 'alive' ? `Written now by ${who}.` : `Perhaps written by ${who}: it was not heard of just now.`;
}

function readLine({ resource, partitions, open, throughLeast, throughMost }: Status['read'][number]): string {
  if (partitions === 0) return `${resource}: not read yet.`;
  const marks = throughLeast === undefined ? 'nothing seen yet' : `marks from ${throughLeast} to ${throughMost}`;
  const left = open === 0 ? '' : ` ${count(open)} of them are not read to their end: the next sync goes on.`;
  return `${resource}: ${count(partitions)} ${partitions === 1 ? 'place' : 'places'}, ${marks}.${left}`;
}
