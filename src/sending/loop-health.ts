import { isSluiceError } from '../errors/sluice-error.ts';
import type { OutboxEvent, StoreOperation } from '../outbox/types.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';

/** The loops of a server that must make progress. */
export const loopNames = ['routing', 'outbox', 'settlement', 'housekeeping', 'config', 'certificate'] as const;
export type LoopName = (typeof loopNames)[number];

/** A loop that makes no progress. */
export interface Stalled {
  readonly loop: LoopName;
  /** Code of the error that stops it. */
  readonly code: string;
  readonly sinceMs: number;
}

/** Which loop a worker of the outbox asks for. */
const LOOP_OF: Readonly<Record<StoreOperation, LoopName>> = {
  claim: 'outbox',
  settle: 'settlement',
  housekeeping: 'housekeeping',
};

/** Failures in a row after which a loop counts as stalled: one may be a moment's trouble. */
const STALLED_AFTER = 3;

/** Knows which loops fail over and over, for readiness, metrics and the log. */
export class LoopHealth {
  readonly #runtime: Pick<Runtime, 'now'>;
  readonly #telemetry: Telemetry;
  readonly #failing = new Map<LoopName, { code: string; sinceMs: number; failures: number }>();

  constructor(runtime: Pick<Runtime, 'now'>, telemetry: Telemetry) {
    this.#runtime = runtime;
    this.#telemetry = telemetry;
  }

  /** The loop came round without a failure. */
  ok(loop: LoopName): void {
    const failing = this.#failing.get(loop);
    this.#failing.delete(loop);
    if (failing && failing.failures >= STALLED_AFTER) this.#telemetry.log('loop.recovered', { loop });
  }

  failed(loop: LoopName, code: string): void {
    const { sinceMs, failures } = this.#failing.get(loop) ?? { sinceMs: this.#runtime.now(), failures: 0 };
    this.#failing.set(loop, { code, sinceMs, failures: failures + 1 });
    this.#telemetry.count('sluice.loop.failures', 1, { loop });
    if (failures + 1 === STALLED_AFTER) this.#telemetry.log('loop.stalled', { loop, code });
  }

  /** One round of a loop, which goes on whatever happens in it. @returns whether it went well */
  round(loop: LoopName, work: () => void): boolean {
    try {
      work();
      this.ok(loop);
      return true;
    } catch (error) {
      const code = isSluiceError(error) ? error.code : 'unexpected';
      this.#telemetry.log('loop.failed', { loop, code });
      this.failed(loop, code);
      return false;
    }
  }

  /** What the outbox's workers tell of their own loops. */
  observe(event: OutboxEvent): void {
    if (event.kind === 'store_failed') this.failed(LOOP_OF[event.operation], event.kind);
    if (event.kind === 'store_answered') this.ok(LOOP_OF[event.operation]);
  }

  stalled(): Stalled[] {
    return [...this.#failing]
      .filter(([, { failures }]) => failures >= STALLED_AFTER)
      .map(([loop, { code, sinceMs }]) => ({ loop, code, sinceMs }));
  }

  /** For a scrape. A clock that was put back makes no negative time. */
  measure(): void {
    const now = this.#runtime.now();
    const stalled = new Map(this.stalled().map((one) => [one.loop, one]));
    for (const loop of loopNames) {
      const sinceMs = stalled.get(loop)?.sinceMs ?? now;
      this.#telemetry.gauge('sluice.loop.stalled_ms', Math.max(0, now - sinceMs), { loop });
    }
  }
}
