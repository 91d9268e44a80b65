import { isSluiceError } from '../errors/sluice-error.ts';
import type { SyncOutcome } from '../sync/report.ts';
import type { ExitCode } from './io.ts';

export function exitCodeOf(outcome: SyncOutcome): ExitCode {
  return { ok: 0, partial: 3, failed: 1 }[outcome] as ExitCode;
}

/** 2 for what the user wrote wrongly (an option, a variable, a file), 1 for everything else. */
export function exitCodeOfError(error: unknown): ExitCode {
  return isSluiceError(error) && error.surface === 'config' ? 2 : 1;
}
