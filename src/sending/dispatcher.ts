import { isSluiceError } from '../errors/sluice-error.ts';
import type { Received, ReceivedGroup } from '../messages/received.ts';
import type { Message } from '../messages/types.ts';
import type { Observe } from '../outbox/observe.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { NewMessage } from '../outbox/types.ts';
import type { ForwardedBody, Muted } from '../router/groups/forward.ts';
import type { Flush } from '../router/groups/group.ts';
import type { Decision } from '../router/match/decide.ts';
import type { Router } from '../router/router.ts';
import { activeTrace } from '../telemetry/trace-context.ts';
import { serverErrors } from './errors.ts';
import type { LoopHealth } from './loop-health.ts';
import { type OutgoingOptions, outgoingMessages } from './outgoing-messages.ts';
import type { Changed, StateStore } from './state/state-store.ts';

export interface DispatcherOptions extends OutgoingOptions {
  readonly router: Router;
  readonly outbox: Outbox;
  readonly state: StateStore;
  readonly health: LoopHealth;
  /** Told of messages that a newer one replaced. */
  readonly observe: Observe;
}

/** What became of one body. */
export interface Dispatched {
  readonly decisions: readonly Decision[];
  /** True: it was its sender's HTTP retry, and nothing was sent again. */
  readonly retry: boolean;
  /** What of a forwarded body is not sent now. */
  readonly muted: readonly Muted[];
}

type Taken = Omit<Dispatched, 'decisions'>;

const GROUPED: Taken = { retry: false, muted: [] };

/** Reasons named in one log line. */
const MAX_REASONS = 10;

/** Wait after a failure. */
const RETRY_MS = 1_000;

/** Longest wait without looking at the clock again: the router's times are wall-clock times. */
const LONGEST_WAIT_MS = 30_000;

/** Takes notifications into the router and its due messages into the outbox; both durable before they count. */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  #wakes = 0;
  #endPause = () => {};

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  /** Routes what one body brought; it is stored when this resolves, and nowhere when it rejects. */
  async receive(received: Received): Promise<Dispatched> {
    const { router, state, telemetry } = this.#options;
    const attributes = { notifications: received.notifications.length };
    return await telemetry.span('teams.notification.accept', attributes, async () => {
      const trace = activeTrace();
      const notifications = received.notifications.map((one) => ({ ...one, trace: trace ?? one.trace }));
      const decisions = await router.decide(notifications);
      const traced: Received = { ...received, notifications };
      const { group } = received;
      const forwards = group !== undefined && router.modeOf(received.ingress) === 'forward';
      const taken = await state.change(() =>
        forwards ? this.#forward(traced, group, decisions) : this.#group(traced, decisions),
      );
      for (const decision of decisions) this.#tellDecision(decision);
      this.wake();
      return { decisions, ...taken };
    });
  }

  /** There may be something due. */
  wake(): void {
    this.#wakes += 1;
    this.#endPause();
  }

  /**
   * Moves due messages into the outbox until the signal is aborted.
   *
   * @throws SluiceError `state_taken` - another process goes on with this state
   */
  async run(signal: AbortSignal): Promise<void> {
    const wake = () => this.wake();
    signal.addEventListener('abort', wake);
    try {
      while (!signal.aborted) {
        const wakes = this.#wakes;
        const waitMs = await this.#tryFlush();
        await this.#pause(wakes, waitMs);
      }
    } finally {
      signal.removeEventListener('abort', wake);
    }
  }

  /**
   * Stores what is due now, each group for itself.
   *
   * @returns the code of what a group could not be flushed for, while the others were
   */
  async flush(): Promise<string | undefined> {
    const { router, state } = this.#options;
    if (router.clockWentBack()) await state.change(() => ({ value: router.boundWaits() }));
    let failure: string | undefined;
    for (const key of router.dueKeys()) failure = (await this.#flushOne(key)) ?? failure;
    return failure;
  }

  #group({ notifications, ingress }: Received, decisions: readonly Decision[]): Changed<Taken> {
    const { router } = this.#options;
    router.boundWaits();
    router.take(notifications, decisions, ingress);
    return { value: GROUPED };
  }

  async #forward(
    { notifications, ingress }: Received,
    group: ReceivedGroup,
    decisions: readonly Decision[],
  ): Promise<Changed<Taken>> {
    const { router, telemetry } = this.#options;
    const tenant = notifications[0]?.tenant;
    if (tenant === undefined) return { value: GROUPED };
    router.boundWaits();
    const body = await router.forward({ tenant, group, notifications, decisions });
    if (!body) {
      telemetry.count('sluice.ingress.retries', 1, { ingress });
      return { value: { retry: true, muted: [] } };
    }
    const messages = [];
    for (const forwarding of body.forwardings) {
      const groupKey = forwarding.messages[0]!.groupKey;
      messages.push(...(await outgoingMessages({ ...forwarding, groupKey }, this.#options)));
    }
    const value: Taken = { retry: false, muted: body.muted };
    return { value, store: this.#storing(messages, () => this.#tellForwarded(body, ingress)) };
  }

  /** The messages of a change, as the transaction stores them; `undefined` when there are none. */
  #storing(messages: readonly NewMessage[], stored: () => void): Changed<unknown>['store'] {
    const { outbox, observe } = this.#options;
    if (messages.length === 0) {
      stored();
      return undefined;
    }
    return async (transaction) => {
      const receipts = await outbox.enqueueMany(messages, { transaction });
      return () => {
        for (const [index, { superseded = [] }] of receipts.entries()) {
          const { notifier, destination } = messages[index]!;
          for (const id of superseded) observe({ kind: 'ended', id, notifier, destination, state: 'superseded' });
        }
        stored();
        outbox.wake();
      };
    };
  }

  /** One group in its own transaction. What throws here concerns this group alone; what rejects concerns the database. */
  async #flushOne(key: string): Promise<string | undefined> {
    const { router, state } = this.#options;
    return await state.change(async (): Promise<Changed<string | undefined>> => {
      try {
        const flush = router.flushOf(key);
        return flush ? await this.#flushed(flush) : { value: undefined };
      } catch (error) {
        return { value: isSluiceError(error) ? error.code : 'unexpected' };
      }
    });
  }

  async #flushed(flush: Flush): Promise<Changed<undefined>> {
    const messages = await outgoingMessages(flush, this.#options);
    this.#options.router.settle(flush);
    const store = this.#storing(messages, () => this.#tellFlush(flush));
    if (!store) return { value: undefined };
    const attributes = { route: flush.after.routeId, messages: flush.messages.length };
    const accepted = flush.seen.flatMap(({ trace }) => trace ?? []);
    const { telemetry } = this.#options;
    const traced: typeof store = (transaction) =>
      telemetry.span('teams.routing.flush', attributes, () => store(transaction), accepted);
    return { value: undefined, store: traced };
  }

  /** @returns how long nothing is due */
  async #tryFlush(): Promise<number> {
    const { router, runtime, health } = this.#options;
    try {
      const failure = await this.flush();
      if (failure !== undefined) {
        this.#failed(failure);
        return RETRY_MS;
      }
      health.ok('routing');
      const nextAt = router.nextAt();
      return nextAt === undefined ? LONGEST_WAIT_MS : Math.max(0, nextAt - runtime.now());
    } catch (error) {
      if (serverErrors.state_taken.is(error)) throw error;
      this.#failed(isSluiceError(error) ? error.code : 'unexpected');
      return RETRY_MS;
    }
  }

  #failed(code: string): void {
    this.#options.telemetry.log('routing.stopped', { code });
    this.#options.health.failed('routing', code);
  }

  async #pause(wakes: number, waitMs: number): Promise<void> {
    if (wakes !== this.#wakes || waitMs === 0) return;
    const over = new AbortController();
    const woken = new Promise<void>((resolve) => {
      this.#endPause = resolve;
    });
    const slept = this.#options.runtime.sleep(Math.min(waitMs, LONGEST_WAIT_MS), over.signal).catch(() => {});
    await Promise.race([woken, slept]);
    over.abort();
  }

  #tellDecision({ matched, dropped, problems }: Decision): void {
    const { telemetry } = this.#options;
    const route = matched[0]?.id ?? 'none';
    for (const { code } of problems) telemetry.log('routing.problem', { code, route });
    if (dropped) this.#count(route, 'none', `dropped_${dropped}`);
  }

  #tellFlush({ after, messages, muted }: Flush): void {
    for (const message of messages) this.#count(after.routeId, this.#notifierOf(message), 'queued');
    for (const _ of muted) this.#count(after.routeId, 'none', 'muted');
  }

  #tellForwarded({ forwardings, muted }: ForwardedBody, ingress: string): void {
    if (muted.length > 0) {
      const reasons = [...new Set(muted.map(({ reason }) => reason))].slice(0, MAX_REASONS);
      this.#options.telemetry.log('routing.muted', { ingress, count: muted.length, reasons });
    }
    for (const { messages } of forwardings) {
      for (const message of messages) {
        this.#count(message.notifications[0]!.trail.at(-1) ?? 'none', this.#notifierOf(message), 'queued');
      }
    }
    for (const { route } of muted) this.#count(route, 'none', 'muted');
  }

  #notifierOf({ tenant, receiver }: Message): string {
    return this.#options.targetOf(tenant, receiver).notifier;
  }

  #count(rule: string, destination: string, status: string): void {
    const labels = { rule_id: rule, destination_type: destination, status };
    this.#options.telemetry.count('teams.routing.messages_routed', 1, labels);
  }
}

/** @throws SluiceError `tenant_not_allowed` */
export function checkTenant(tenant: string, allowed: readonly string[]): void {
  if (!allowed.includes(tenant)) throw serverErrors.tenant_not_allowed();
}
