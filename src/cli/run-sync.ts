import type { SyncOptions } from '../sync/options.ts';
import type { SyncEvent } from '../sync/report.ts';
import { sync } from '../sync/run.ts';
import { exitCodeOf } from './exit-code.ts';
import type { ExitCode, Io } from './io.ts';
import { LiveProgress } from './render/progress.ts';
import { renderFailures, renderReport } from './render/report.ts';

/** How a run is shown. */
export interface ShownRun {
  readonly json?: boolean | undefined;
  readonly heartbeatSeconds: number;
}

/** Runs, shows how far it is, and prints the report. */
export async function runShown(io: Io, run: Omit<SyncOptions, 'onEvent'>, shown: ShownRun): Promise<ExitCode> {
  const progress = new LiveProgress(io, { runtime: run.runtime, heartbeatMs: shown.heartbeatSeconds * 1000 });
  const onEvent = (event: SyncEvent) => (shown.json ? io.out(`${JSON.stringify(event)}\n`) : progress.show(event));
  const report = await sync({ ...run, onEvent }, io.signal);
  progress.clear();
  if (!shown.json) io.out(renderReport(report, io));
  io.err(renderFailures(report));
  return exitCodeOf(report.outcome);
}
