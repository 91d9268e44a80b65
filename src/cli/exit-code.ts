import { isSluiceError, type Surface } from '../errors/sluice-error.ts';
import type { DeliveryReport } from '../router/explain/delivery-report.ts';
import type { SyncOutcome } from '../sync/report.ts';
import type { ExitCode } from './io.ts';

export function exitCodeOf(outcome: SyncOutcome): ExitCode {
  return { ok: 0, partial: 3, failed: 1 }[outcome] as ExitCode;
}

/** How a run ended that has this exit code: one that could not begin has failed. */
export function outcomeOf(code: ExitCode): SyncOutcome {
  return ({ 0: 'ok', 1: 'failed', 2: 'failed', 3: 'partial' } as const)[code];
}

/** The exit code of a run that is remembered; undefined: it has not ended, or not by itself. */
export function exitCodeOfRun(outcome: SyncOutcome | 'running' | 'killed'): ExitCode | undefined {
  return outcome === 'running' || outcome === 'killed' ? undefined : exitCodeOf(outcome);
}

/** Errors of these parts that the user can mend are about what the user wrote. */
const writtenSurfaces: readonly Surface[] = ['card', 'router', 'webhook', 'twin'];

/** 2 for what the user wrote wrongly (an option, a variable, a file), 1 for everything else. */
export function exitCodeOfError(error: unknown): ExitCode {
  if (!isSluiceError(error)) return 1;
  const written = writtenSurfaces.includes(error.surface) && error.recovery === 'user_action';
  return error.surface === 'config' || written ? 2 : 1;
}

/** A message that arrived without a part of itself has partly succeeded. */
export function exitCodeOfDelivery({ status, destinations }: DeliveryReport): ExitCode {
  const short = destinations.some(({ charactersNotSent }) => charactersNotSent !== undefined);
  if (status === 'all_succeeded' && short) return 3;
  return ({ all_succeeded: 0, partial_success: 3, all_failed: 1 } as const)[status];
}

/** From best to worst. */
const SEVERITY: readonly ExitCode[] = [0, 3, 2, 1];

/** The exit code of a command that did several things. */
export const worseExitCode = (a: ExitCode, b: ExitCode): ExitCode =>
  SEVERITY.indexOf(a) > SEVERITY.indexOf(b) ? a : b;
