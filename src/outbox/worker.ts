import type { Notifier, Outcome } from '../messages/types.ts';
import { attempt } from './attempt.ts';
import { type Claim, claim } from './claim.ts';
import { mendDamage } from './damage.ts';
import type { Store } from './database.ts';
import type { HealthChange } from './endpoints.ts';
import type { FellBack } from './fallback.ts';
import { boundWaits, expire, prune } from './housekeeping.ts';
import { nextReadyAt } from './inspect.ts';
import { tell } from './observe.ts';
import type { Settled, Settlement } from './settle.ts';
import { SettlementQueue } from './settlement-queue.ts';
import type { Ended, OutboxEvent, StoreOperation } from './types.ts';
import { settingsOf, type WorkOptions, type WorkSettings } from './work-options.ts';

const expireEveryMs = 1_000;
const pruneEveryMs = 3_600_000;
const mendEveryMs = 3_600_000;
const settleTries = 3;
const longestTimerMs = 2 ** 31 - 1;

/** A settlement, and how long its attempt took. */
type Attempted = Settlement & { readonly tookMs: number };

/** Claims due messages and delivers them, each lane in order, until it is told to stop. */
export class Worker {
  readonly #store: Store;
  readonly #settings: WorkSettings;
  readonly #name: string;
  readonly #queue: SettlementQueue;
  readonly #inFlight = new Map<Claim, Promise<void>>();
  /** Counts the reasons to look again; a pause that was decided before one of them ends at once. */
  #wakes = 0;
  #endPause = () => {};
  /** What the database did not answer when it was asked last. */
  readonly #unanswered = new Set<StoreOperation>();
  /** The wall clock when it was last looked at. */
  #seenAtMs = Number.NEGATIVE_INFINITY;
  /** Monotonic. */
  #expireAtMs = Number.NEGATIVE_INFINITY;
  #pruneAtMs = Number.NEGATIVE_INFINITY;
  #mendAtMs = Number.NEGATIVE_INFINITY;

  constructor(store: Store, options: WorkOptions) {
    this.#store = store;
    this.#settings = settingsOf(options);
    this.#name = store.runtime.id();
    this.#queue = new SettlementQueue(store, {
      retry: this.#settings.retry,
      endpoint: this.#settings.endpointPolicy,
    });
  }

  /** There may be something to do. */
  wake(): void {
    this.#wakes += 1;
    this.#endPause();
  }

  /** @param isDone - asked when nothing is in flight and nothing is due, with the time of the next due lane */
  async run(isDone: (nextAtMs: number | undefined) => boolean): Promise<void> {
    const { signal } = this.#settings;
    const wake = () => this.wake();
    signal.addEventListener('abort', wake);
    // The runtime's timers do not keep a process alive; a worker that waits does.
    const alive = setInterval(() => {}, longestTimerMs);
    try {
      while (!signal.aborted) {
        const wakes = this.#wakes;
        const found = await this.#look();
        if (found?.examined) continue;
        if (found && this.#inFlight.size === 0 && isDone(found.nextAtMs)) break;
        await this.#pause(wakes, found?.nextAtMs);
      }
    } finally {
      await Promise.all(this.#inFlight.values());
      signal.removeEventListener('abort', wake);
      clearInterval(alive);
    }
  }

  /** Starts what is due and fits. Undefined: the database did not answer. */
  async #look(): Promise<{ examined: number; nextAtMs: number | undefined } | undefined> {
    await this.#keepHouse().then(
      () => this.#answered('housekeeping'),
      (error: unknown) => this.#failed('housekeeping', error),
    );
    try {
      const nextAtMs = await nextReadyAt(this.#store, [...this.#settings.notifiers().keys()]);
      const free = this.#settings.concurrency - this.#inFlight.size;
      const isDue = nextAtMs !== undefined && nextAtMs <= this.#store.runtime.now() && free > 0;
      const examined = isDue ? await this.#claim(free) : 0;
      this.#answered('claim');
      return { examined, nextAtMs };
    } catch (error) {
      this.#failed('claim', error);
      return undefined;
    }
  }

  async #claim(count: number): Promise<number> {
    const { notifiers, limits, leaseMs, failingConcurrency, retry } = this.#settings;
    const present = notifiers();
    const running = [...this.#inFlight.keys()];
    const { claims, examined, ended, fellBack, health } = await claim(this.#store, {
      worker: this.#name,
      notifiers: present,
      busy: running.map(({ lane }) => lane),
      count,
      failingCount: failingConcurrency - running.filter(({ failing }) => failing).length,
      leaseMs,
      poisonAfter: retry.poisonAfter,
      limits,
    });
    for (const claimed of claims) {
      this.#inFlight.set(claimed, this.#deliver(claimed, present.get(claimed.notifier)!));
    }
    this.#tellEnded(ended);
    this.#tellEndpoints(health, fellBack);
    return examined;
  }

  async #deliver(claimed: Claim, by: Notifier): Promise<void> {
    const { runtime } = this.#store;
    const startedAtMs = runtime.monotonic();
    try {
      const outcome = await this.#attempt(claimed, by);
      const tookMs = Math.round(runtime.monotonic() - startedAtMs);
      await this.#settle({ claim: claimed, outcome, tookMs, finishedAtMs: runtime.now() });
    } catch (error) {
      // As if the outcome could not be written: the lease runs out, and the attempt counts as lost.
      this.#failed('settle', error);
    } finally {
      this.#inFlight.delete(claimed);
      this.wake();
    }
  }

  /**
   * One attempt in a span of its own. It is linked to the span that accepted the message, and not its child: that is
   * what the conventions recommend, and attempts follow for 27 hours, when no trace is open any more.
   *
   * @see https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/#consumer-spans
   */
  async #attempt(claimed: Claim, by: Notifier): Promise<Outcome> {
    const { runtime } = this.#store;
    const { attemptTimeoutMs: timeoutMs, telemetry } = this.#settings;
    const { id, notifier, destination, attempt: number, trace } = claimed;
    const message = { 'messaging.message.id': id, 'messaging.destination.name': destination };
    return await telemetry.span(
      'teams.outbox.deliver',
      { ...message, notifier, attempt: number },
      async (annotate) => {
        const outcome = await attempt(by, claimed, { runtime, timeoutMs });
        annotate({ outcome: outcome.kind, ...('error' in outcome && { 'error.type': outcome.error.code }) });
        return outcome;
      },
      trace && [trace],
    );
  }

  /** Writes the outcome. If that cannot be done, the lease runs out and the attempt counts as lost. */
  async #settle(settlement: Attempted): Promise<void> {
    for (let tries = 1; tries <= settleTries; tries++) {
      try {
        this.#report(settlement, await this.#queue.add(settlement));
        this.#answered('settle');
        return;
      } catch (error) {
        this.#failed('settle', error);
        if (tries < settleTries) await this.#store.runtime.sleep(this.#settings.pollMs);
      }
    }
  }

  #report({ claim: claimed, outcome, tookMs }: Attempted, settled: Settled): void {
    const { id, notifier, destination, attempt: number } = claimed;
    if (settled.kind === 'fenced') {
      this.#tell({ kind: 'fenced', id, notifier, destination, attempt: number });
      return;
    }
    this.#tell({
      kind: 'attempted',
      id,
      notifier,
      destination,
      attempt: number,
      outcome: outcome.kind,
      state: settled.state,
      durationMs: tookMs,
      ...('error' in outcome && { errorCode: outcome.error.code }),
    });
    this.#tellEndpoints(settled.health, settled.fellBack);
  }

  #tellEndpoints(health: readonly HealthChange[], fellBack: readonly FellBack[]): void {
    for (const change of health) this.#tell({ kind: 'health', ...change });
    for (const one of fellBack) this.#tell({ kind: 'fell_back', ...one });
  }

  #failed(operation: StoreOperation, error: unknown): void {
    this.#unanswered.add(operation);
    this.#tell({ kind: 'store_failed', operation, error });
  }

  #answered(operation: StoreOperation): void {
    if (this.#unanswered.delete(operation)) this.#tell({ kind: 'store_answered', operation });
  }

  #tell(event: OutboxEvent): void {
    tell(this.#settings.observe, event);
  }

  #tellEnded(ended: readonly Ended[]): void {
    for (const one of ended) this.#tell({ kind: 'ended', ...one });
  }

  async #keepHouse(): Promise<void> {
    const { runtime } = this.#store;
    const passedMs = runtime.monotonic();
    const nowMs = runtime.now();
    const wentBack = nowMs < this.#seenAtMs;
    this.#seenAtMs = nowMs;
    if (passedMs >= this.#mendAtMs) {
      const rows = await mendDamage(this.#store);
      this.#mendAtMs = passedMs + mendEveryMs;
      if (rows.length > 0) this.#tell({ kind: 'damaged', rows });
    }
    if (wentBack || passedMs >= this.#expireAtMs) {
      this.#expireAtMs = passedMs + expireEveryMs;
      await boundWaits(this.#store, nowMs);
      this.#tellEnded(await expire(this.#store, nowMs));
    }
    if (passedMs >= this.#pruneAtMs) {
      await prune(this.#store, nowMs - this.#settings.retentionMs);
      this.#pruneAtMs = passedMs + pruneEveryMs;
    }
  }

  async #pause(wakes: number, nextAtMs: number | undefined): Promise<void> {
    if (wakes !== this.#wakes) return;
    const { runtime } = this.#store;
    const { pollMs } = this.#settings;
    const waitMs = nextAtMs === undefined ? pollMs : nextAtMs - runtime.now();
    const timer = new AbortController();
    const woken = new Promise<void>((resolve) => {
      this.#endPause = resolve;
    });
    const slept = runtime.sleep(waitMs > 0 ? Math.min(waitMs, pollMs) : pollMs, timer.signal).catch(() => {});
    await Promise.race([woken, slept]);
    timer.abort();
  }
}
