import { clientRules } from '../errors/client-rules.ts';
import { isSluiceError } from '../errors/sluice-error.ts';
import type { PartitionKey } from '../lake/types.ts';
import type { RunReport, SkippedPartition, SyncOutcome } from './report.ts';

/**
 * Turns the failure of one partition into an outcome, so that the others go on. What concerns the whole run (the lake,
 * the sign-in, a bug, the user's Ctrl-C) is thrown again.
 */
export function skippedPartition(
  error: unknown,
  resource: string,
  partition: string,
  signal: AbortSignal,
): SkippedPartition {
  if (signal.aborted || !isSluiceError(error) || error.surface !== 'graph') throw error;
  const { permission } = error.details;
  return {
    resource,
    partition,
    code: error.code,
    ...(typeof permission === 'string' && { permission }),
    ...(error.request?.requestId !== undefined && { requestId: error.request.requestId }),
    message: error.message,
  };
}

/** The outcome of a partition with a page that turned out to be no JSON when it was landed. */
export function unreadablePartition(key: PartitionKey): SkippedPartition {
  const at = key.indexOf('/');
  return {
    resource: key.slice(0, at),
    partition: key.slice(at + 1) || 'tenant',
    code: 'page_invalid',
    message: `${clientRules.page_invalid.meaning} Its bytes are in the lake's quarantine; the next run reads it again.`,
  };
}

/** The outcome of a channel that was asked for and is in none of the teams that were read. */
export function channelNotFound(id: string): SkippedPartition {
  return {
    resource: 'channels',
    partition: id,
    code: 'channel_not_found',
    message: `Channel ${id} is in none of the teams that were read. \`sluice query "SELECT id FROM channels"\` lists them.`,
  };
}

/** True when the service does not serve this endpoint here, though it may serve another: 400, 403, 405, 501. */
export function isRefusal(error: unknown): boolean {
  const status = isSluiceError(error) && error.surface === 'graph' ? error.request?.status : undefined;
  return status === 400 || status === 403 || status === 405 || status === 501;
}

/** `partial`: something of what was asked for is not in the lake: not read, or set aside in this run. */
export function outcomeOf(run: {
  readonly interrupted: boolean;
  readonly failed: boolean;
  readonly incomplete: boolean;
}): SyncOutcome {
  if (run.interrupted) return 'partial';
  if (run.failed) return 'failed';
  return run.incomplete ? 'partial' : 'ok';
}

/** Why a run failed or stopped early, as its report says it. */
export function failureOf(error: unknown, signal: AbortSignal): NonNullable<RunReport['error']> {
  if (signal.aborted)
    return {
      code: 'interrupted',
      message: 'Stopped on request. What was complete is in the lake; the next run goes on from there.',
    };
  if (isSluiceError(error)) return { code: error.code, message: error.message };
  return { code: 'unexpected', message: error instanceof Error ? error.message : String(error) };
}

/** The report of a run that could not begin: no sign-in, no lake. It landed nothing and knows no version. */
export function unstartedRun(error: unknown, signal: AbortSignal): Omit<RunReport, 'version'> {
  return {
    event: 'run',
    outcome: signal.aborted ? 'partial' : 'failed',
    tables: {},
    requests: { total: 0, throttled: 0, retried: 0 },
    plan: { requests: 0, lowerBoundMs: 0 },
    elapsedMs: 0,
    skipped: [],
    fallbacks: [],
    strategies: {},
    error: failureOf(error, signal),
  };
}
