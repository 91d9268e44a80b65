import type { CapName } from '../../strategies/budget.ts';
import type { Gap } from '../../strategies/gaps.ts';
import type { Fallback } from '../../strategies/strategy.ts';
import { toGrant } from '../../sync/least-permissions.ts';
import type {
  Filling,
  FilterReport,
  NotFilled,
  NotPermitted,
  RunReport,
  SkippedPartition,
  UnfinishedPartition,
  Verified,
} from '../../sync/report.ts';
import { count, duration, renderTable } from './table.ts';

const HEADLINE = { ok: 'Synced.', partial: 'Synced in part.', failed: 'The run failed.' } as const;

/** The run report as a person reads it. What went wrong is said by {@link renderFailures}. */
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
    ...filterLines(report.filter),
    ...verifiedLines(report.verified),
    ...setAsideLines(report),
    ...fallbackLines(report.fallbacks),
    ...(report.adoptedFor === undefined ? [] : [adoptedFor(report.adoptedFor)]),
    ...(report.adopted ? [ADOPTED] : []),
    ...report.fillings.map(fillingLine),
    ...report.gaps.map(gapLine),
    ...unfinishedLines(report.unfinished),
    ...notFilledLines(report.notFilled),
    ...absentLines(report.absent),
    ...notPermittedLines(report.notPermitted),
    ...(report.skipped.length > 0 ? [`${count(report.skipped.length)} not read: named on stderr.`] : []),
    '',
  ].join('\n');
}

/** What went wrong, for stderr: why the run ended early, and every partition that was not read. */
export function renderFailures({
  error,
  skipped,
  notExported = [],
}: Pick<RunReport, 'error' | 'skipped' | 'notExported'>): string {
  const lines = [
    ...(error ? [`${error.code}: ${error.message}`] : []),
    ...skippedLines(skipped),
    ...notExported.map(({ table, code, message }) => `Not exported: ${table ?? 'no table'}: ${code}: ${message}`),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** Of what a run reads only a part, and who leaves out the rest. */
export function filterLines(filter: FilterReport | undefined): string[] {
  if (filter === undefined) return [];
  const { tables, sent } = filter;
  const by = sent === undefined ? 'when rows land' : `by Graph ($filter=${sent}) and when rows land`;
  return [
    `Only rows of ${tables.join(', ')} with: ${filter.filter}. Left out ${by}; what is left out stays as it was, and nothing is deleted.`,
  ];
}

function verifiedLines(verified: Verified | undefined): string[] {
  if (verified === undefined) return [];
  const { records, changed, failed, isComplete } = verified;
  const missed = failed > 0 ? `, ${count(failed)} could not be read` : '';
  const rest = isComplete ? '' : ' The next run goes on (--verify-reactions-messages).';
  return [`Read once more: ${count(records)} messages, ${count(changed)} were changed unseen${missed}.${rest}`];
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

const adoptedFor = (whose: string): string =>
  `This lake did not say whose rows it holds. From now on it is the lake of ${whose}; credentials for another are refused.`;

const ADOPTED =
  'This lake did not say which tables and columns its rows were made for: those that all its files have were taken.';

const FILLED_BY = {
  kept_pages: 'filled from the kept pages',
  reading_again: 'read again from the beginning, once',
} as const satisfies Record<Filling['by'], string>;

/** What is new, and where it comes from. */
export function fillingLine({ names, partitions, by, resource }: Filling): string {
  return `New: ${names.join(', ')}. ${count(partitions)} ${partitions === 1 ? 'partition' : 'partitions'} of ${resource}: ${FILLED_BY[by]}.`;
}

/** One line for each table: which of its columns older rows lack, and what fills them. */
export function notFilledLines(notFilled: readonly NotFilled[]): string[] {
  return groupBy(notFilled, ({ code, table }) => `${code} ${table}`).map((group) => {
    const { code, table } = group[0]!;
    const partitions = Math.max(...group.map((one) => one.partitions));
    const what = group.flatMap(({ column }) => column ?? []).join(', ');
    const lacking =
      code === 'table_not_filled' ? `Table ${table} is` : `${table}: ${what} ${group.length > 1 ? 'are' : 'is'}`;
    return `${lacking} not filled in rows of before (${code}, ${count(partitions)} ${partitions === 1 ? 'partition' : 'partitions'}). \`sluice refresh ${table}\` reads them again.`;
  });
}

/** What is missing, where it begins and ends, and when it is tried again. */
export function gapLine({ resource, partition, from, to, thread, whole, code, tries, retryAt }: Gap): string {
  const bounds = [from && `after ${from}`, to && `up to ${to}`].filter(Boolean).join(' ');
  const part = whole ? 'all of it' : bounds || 'the older part';
  const what = thread ? `further replies of thread ${thread}` : part;
  return `Gap in ${resource} of ${partition}: ${what} (${code}, tried ${count(tries)} times, again from ${retryAt}).`;
}

const CAPS = { max_pages: '--max-pages', max_records: '--max-records' } as const satisfies Record<CapName, string>;

/** One line for each resource and cap, with its tables: of how many places the next run reads the rest. */
export function unfinishedLines(unfinished: readonly UnfinishedPartition[]): string[] {
  return groupBy(unfinished, ({ resource, by }) => `${resource} ${by}`).map((group) => {
    const { resource, tables, by } = group[0]!;
    const places = `${count(group.length)} ${group.length === 1 ? 'partition' : 'partitions'}`;
    const what = tables.length > 0 ? tables.join(', ') : resource;
    return `Not finished: ${what} of ${places} (${CAPS[by]}). The next run goes on.`;
  });
}

/** Owners named in a line; of more only the number is told. */
const NAMED_OWNERS = 3;

/** One line for each reason, however many tables, teams and channels it costs. */
export const skippedLines = (skipped: readonly SkippedPartition[]): string[] => linesOf('Skipped', skipped);

/** The same of what the service has nothing of. */
export const absentLines = (absent: readonly SkippedPartition[]): string[] => linesOf('Nothing to read:', absent);

/** What was left out, for what is to be granted. */
export function notPermittedLines(notPermitted: readonly NotPermitted[]): string[] {
  if (notPermitted.length === 0) return [];
  const tables = notPermitted.map(({ table }) => table).join(', ');
  const missing = toGrant(notPermitted).join(', ');
  return [
    `Not permitted, so left out: ${tables}.`,
    `To have them, grant the application ${missing} with admin consent; the next sync reads them. \`sluice check\` says which table needs which.`,
  ];
}

function linesOf(verb: string, skipped: readonly SkippedPartition[]): string[] {
  const ownerOf = ({ partition }: SkippedPartition) => partition.replace(/^[a-z]+:/, '');
  const reason = ({ code, permission, serviceCode }: SkippedPartition) => `${code} ${permission} ${serviceCode}`;
  const byOwner = groupBy(skipped, (entry) => `${ownerOf(entry)} ${reason(entry)}`);
  const resourcesOf = (group: readonly SkippedPartition[]) =>
    [...new Set(group.map(({ resource }) => resource))].join(', ');
  const alike = groupBy(byOwner, (group) => `${reason(group[0]!)} ${resourcesOf(group)}`);
  return alike.map((groups) => {
    const owners = groups.map(([first]) => ownerOf(first!));
    const more = owners.length - NAMED_OWNERS;
    const named = `${owners.slice(0, NAMED_OWNERS).join(', ')}${more > 0 ? ` and ${count(more)} more` : ''}`;
    return `${verb} ${resourcesOf(groups[0]!)} of ${named}: ${reasonOf(groups[0]![0]!)}`;
  });
}

function reasonOf({ message, permission, serviceCode, requestId }: SkippedPartition): string {
  const facts = [
    ...(permission === undefined ? [] : [`needs ${permission}`]),
    ...(serviceCode === undefined ? [] : [`service code ${serviceCode}`]),
    ...(requestId === undefined ? [] : [`request-id ${requestId}`]),
  ];
  return facts.length === 0 ? message : `${message} (${facts.join('; ')})`;
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return [...groups.values()];
}
