import { isSluiceError, SluiceError } from '../errors/sluice-error.ts';
import type { Notification } from '../notifiers/types.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { NewMessage } from '../outbox/types.ts';
import type { Decision } from '../router/decide.ts';
import type { Flush } from '../router/group.ts';
import { digest } from '../router/notification.ts';
import type { Router } from '../router/router.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { activeTrace } from '../telemetry/trace-context.ts';
import type { Renderer } from './messages/render.ts';
import { type Outgoing, partsOf, WEBHOOK } from './outgoing.ts';
import type { StateStore } from './state-store.ts';

export interface DispatcherOptions {
  readonly router: Router;
  readonly renderer: Renderer;
  readonly outbox: Outbox;
  readonly state: StateStore;
  readonly runtime: Runtime;
  readonly telemetry: Telemetry;
  /** What the outbox calls a receiver. */
  readonly destinationOf: (tenant: string, receiver: string) => string;
  readonly ttlMs: () => number | undefined;
}

/** Wait after the database did not answer. */
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

  /** Routes notifications; they are stored when this resolves. */
  async receive(notifications: readonly Notification[]): Promise<Decision[]> {
    const { router, state, telemetry } = this.#options;
    const attributes = { notifications: notifications.length };
    return await telemetry.span('teams.notification.accept', attributes, async () => {
      const trace = activeTrace();
      const decisions: Decision[] = [];
      for (const one of notifications) decisions.push(await router.receive({ ...one, ...(trace && { trace }) }));
      await state.save();
      for (const decision of decisions) this.#tellDecision(decision);
      this.wake();
      return decisions;
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

  /** Stores what is due now. */
  async flush(): Promise<void> {
    const { router, outbox, state, telemetry } = this.#options;
    const flushes = router.due();
    for (const flush of flushes) {
      const attributes = { route: flush.after.routeId, messages: flush.messages.length };
      const store = async () => {
        await outbox.enqueueMany(await this.#messagesOf(flush));
        router.settle(flush);
        this.#tellFlush(flush);
      };
      const accepted = flush.seen.flatMap(({ trace }) => trace ?? []);
      await telemetry.span('teams.routing.flush', attributes, store, accepted);
    }
    if (flushes.length > 0) await state.save();
  }

  async #messagesOf({ messages, stopOnError, groupKey }: Flush): Promise<NewMessage<Outgoing>[]> {
    const { renderer, destinationOf, ttlMs, telemetry } = this.#options;
    const stored: NewMessage<Outgoing>[] = [];
    for (const message of messages) {
      const { bodies, fellBack } = await renderer.render(message);
      if (fellBack) telemetry.log('card.fell_back', { code: fellBack.code, receiver: message.receiver });
      const ttl = ttlMs();
      const previous = stored.at(-1)?.id;
      const chained = stopOnError && messages.length > 1;
      stored.push(
        ...partsOf(message, bodies, {
          destination: destinationOf(message.tenant, message.receiver),
          ...(chained && { lane: `chain ${digest([groupKey])}` }),
          ...(chained && previous !== undefined && { after: previous }),
          ...(ttl !== undefined && { ttlMs: ttl }),
        }),
      );
    }
    return stored;
  }

  /** @returns how long nothing is due */
  async #tryFlush(): Promise<number> {
    const { router, runtime, telemetry } = this.#options;
    try {
      await this.flush();
      const nextAt = router.nextAt();
      return nextAt === undefined ? LONGEST_WAIT_MS : Math.max(0, nextAt - runtime.now());
    } catch (error) {
      if (isSluiceError(error) && error.code === 'state_taken') throw error;
      telemetry.log('routing.stopped', { code: isSluiceError(error) ? error.code : 'unexpected' });
      return RETRY_MS;
    }
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
    for (const _ of messages) this.#count(after.routeId, WEBHOOK, 'queued');
    for (const _ of muted) this.#count(after.routeId, 'none', 'muted');
  }

  #count(rule: string, destination: string, status: string): void {
    const labels = { rule_id: rule, destination_type: destination, status };
    this.#options.telemetry.count('teams.routing.messages_routed', 1, labels);
  }
}

/** @throws SluiceError `tenant_not_allowed` */
export function checkTenant(tenant: string, allowed: readonly string[]): void {
  if (allowed.includes(tenant)) return;
  throw new SluiceError({
    code: 'tenant_not_allowed',
    recovery: 'user_action',
    surface: 'server',
    message: 'This tenant may not send.',
    hint: 'Add it to multi_tenant.allowed_tenants.',
  });
}
