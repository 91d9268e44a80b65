import type { RunReport, SyncEvent } from '../../sync/report.ts';
import { sync } from '../../sync/run.ts';
import type { Io } from '../io.ts';
import { lakeSettings } from '../lake-settings.ts';
import { runSyncJob } from '../sync-job.ts';
import { stdioErrors } from './errors.ts';
import type { Working } from './working.ts';

interface Asked {
  readonly tables: readonly string[];
  readonly since: string;
  readonly limits: 'published' | 'none' | undefined;
}

/** What a freshening came to: `ran` is false where another run had read it all. */
export interface Freshened {
  readonly ran: boolean;
  readonly outcome: RunReport['outcome'];
  readonly version: number;
  readonly requests: number;
  /** What is missing, in words. */
  readonly missing: readonly string[];
}

/**
 * Reads the tenant, once for all who ask: whoever comes while another one reads waits for it, and takes what it has read.
 * Its process may be another one, on another host: the lease of the lake is what they share.
 *
 * @throws SluiceError what the run failed with
 */
export async function freshen({ tables, since, limits = 'published' }: Asked, { io }: Working): Promise<Freshened> {
  const job: Readonly<Record<string, string>> = {
    SLUICE_LAKE_TABLES: tables.join(','),
    SLUICE_LAKE_FRESH_SINCE: since,
    SLUICE_LAKE_WAIT: 'forever',
  };
  const own: Io = Object.create(io, { env: { value: { ...io.env, ...job } } });
  const settings = await lakeSettings(own, {});
  return runSyncJob(
    own,
    { ...settings, limits, json: false, takesPartial: true },
    {
      fresh: (report) => freshened(report, false),
      run: async (run) => freshened(await sync({ ...run, onEvent: (event) => say(io, event) }, io.signal), true),
    },
  );
}

/** Progress is told as it comes; the report is the answer. */
function say(io: Io, event: SyncEvent): void {
  if (event.event !== 'run') io.err(`${JSON.stringify(event)}\n`);
}

function freshened(report: RunReport, ran: boolean): Freshened {
  const { outcome, version, requests, error } = report;
  if (outcome === 'failed' && error) throw stdioErrors.stdio_run_failed({ code: error.code, message: error.message });
  return { ran, outcome, version, requests: requests.total, missing: missingOf(report) };
}

const missingOf = ({ skipped, gaps, unfinished, notFilled, error }: RunReport): readonly string[] => [
  ...skipped.map(({ resource, partition, code }) => `${resource} of ${partition}: ${code}`),
  ...gaps.map(({ resource, partition, code }) => `${resource} of ${partition}: ${code}`),
  ...unfinished.map(({ resource, partition }) => `${resource} of ${partition}: stopped by a cap`),
  ...notFilled.map(({ message }) => message),
  ...(error ? [`${error.code}: ${error.message}`] : []),
];
