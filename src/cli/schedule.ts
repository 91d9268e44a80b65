import type { Runtime } from '../runtime/runtime.ts';
import type { SyncOutcome } from '../sync/report.ts';
import { outcomeOf } from './exit-code.ts';
import type { ExitCode } from './io.ts';

/** One round of what is done again and again. */
export interface Round {
  readonly number: number;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly outcome: SyncOutcome;
}

/** What the rounds are told. */
export interface Rounds {
  readonly everyMs: number;
  /** Ends after so many; without it, when it is stopped. */
  readonly times?: number | undefined;
  readonly runtime: Runtime;
  readonly work: (number: number) => Promise<ExitCode>;
  /** Told after each round. `nextInMs` is undefined after the last; `missed` rounds fell into this one and are left out. */
  readonly onRound: (round: Round, next: { readonly inMs: number; readonly missed: number } | undefined) => void;
}

/**
 * Works at once, then at every whole multiple of `everyMs` after the first start: a round that takes longer leaves out those
 * that fell into it. Time is told by the monotonic clock, so that a set clock neither hurries nor stops it.
 *
 * @returns the exit code of the last round that ended by itself, 0 when none did
 */
export async function repeat(
  { everyMs, times, runtime, work, onRound }: Rounds,
  signal: AbortSignal,
): Promise<ExitCode> {
  const firstMs = runtime.monotonic();
  let last: ExitCode = 0;
  for (let number = 1; !signal.aborted; number++) {
    const [startedMs, startedAt] = [runtime.monotonic(), runtime.now()];
    last = await work(number);
    const isLast = signal.aborted || number === times;
    const next = nextRound({ firstMs, startedMs, everyMs, nowMs: runtime.monotonic() });
    onRound({ number, startedAt, endedAt: runtime.now(), outcome: outcomeOf(last) }, isLast ? undefined : next);
    if (isLast) return last;
    await pause(next.inMs, runtime, signal);
  }
  return last;
}

/** When the next round begins, and how many fell into the one that began at `startedMs`. */
export function nextRound(at: {
  readonly firstMs: number;
  readonly startedMs: number;
  readonly everyMs: number;
  readonly nowMs: number;
}): { readonly inMs: number; readonly missed: number } {
  const { firstMs, startedMs, everyMs, nowMs } = at;
  const turn = (ms: number) => Math.floor((ms - firstMs) / everyMs);
  const next = turn(nowMs) + 1;
  return { inMs: firstMs + next * everyMs - nowMs, missed: next - turn(startedMs) - 1 };
}

/** Being stopped ends a pause and is no error: between two rounds nothing is unfinished. */
async function pause(ms: number, runtime: Runtime, signal: AbortSignal): Promise<void> {
  try {
    await runtime.sleep(ms, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
