import { isSluiceError } from '../errors/sluice-error.ts';
import type { SkippedPartition } from './report.ts';

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

/** True when the service does not serve this endpoint here, though it may serve another: 400, 403, 405, 501. */
export function isRefusal(error: unknown): boolean {
  const status = isSluiceError(error) && error.surface === 'graph' ? error.request?.status : undefined;
  return status === 400 || status === 403 || status === 405 || status === 501;
}
