import type { ConfigHolder } from '../config/holder.ts';
import type { SluiceConfig } from '../config/schema.ts';
import type { Send } from '../http/types.ts';
import { Oddities } from '../messages/oddities.ts';
import type { Received } from '../messages/received.ts';
import type { Message, Notification } from '../messages/types.ts';
import { connect } from '../outbox/database.ts';
import { type Outbox, openFailure, openOutbox } from '../outbox/outbox.ts';
import type { MessageDetail, OutboxEvent, OutboxStats } from '../outbox/types.ts';
import { type DeliveryReport, deliver } from '../router/explain/delivery-report.ts';
import type { Explanation } from '../router/explain/explain.ts';
import type { Decision } from '../router/match/decide.ts';
import type { Predicate } from '../router/match/predicates.ts';
import type { Silence } from '../router/mute/silence.ts';
import type { SilenceRequest } from '../router/mute/silences.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Secret } from '../runtime/secret.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { type Assembly, assemble, stateSourceOf } from './assembly.ts';
import { outcomeOf } from './delivery.ts';
import { tenantsOf } from './destinations.ts';
import { type DirectMessage, directMessages } from './direct.ts';
import { checkTenant, type Dispatched, Dispatcher } from './dispatcher.ts';
import { receiverErrors } from './errors.ts';
import { type LeftOut, tellLeftOut } from './left-out.ts';
import { LoopHealth } from './loop-health.ts';
import { outgoingNotifier, partsOf } from './outgoing.ts';
import { tellRendered } from './outgoing-messages.ts';
import { Renderer } from './render/render.ts';
import { type SenderDatabase, StateStore, sharedIdentityKey, type TellDamaged } from './state/state-store.ts';
import { tellDamaged } from './state/tell-damaged.ts';
import { type Unserved, unservedIn } from './unserved.ts';
import type { VisibleLabels } from './visible-labels.ts';
import { isOver, observer, workSettings } from './work-settings.ts';

export interface SenderOptions {
  readonly config: ConfigHolder;
  readonly runtime: Runtime;
  readonly telemetry: Telemetry;
  /** Sends the requests of all notifiers. Default: their own sockets. */
  readonly send?: Send | undefined;
  readonly predicates?: ReadonlyMap<string, Predicate> | undefined;
}

/** How often to look for messages that another process delivers. */
const ELSEWHERE_POLL_MS = 50;

/** Configuration, router, outbox and notifiers put together: from a notification to a receipt. */
export class Sender implements AsyncDisposable {
  readonly outbox: Outbox;
  /** Which loops make progress. */
  readonly health: LoopHealth;
  readonly #options: SenderOptions;
  readonly #database: SenderDatabase;
  readonly #parts: Assembly;
  readonly #state: StateStore;
  readonly #renderer: Renderer;
  readonly #dispatcher: Dispatcher;

  private constructor(
    options: SenderOptions,
    made: {
      database: SenderDatabase;
      outbox: Outbox;
      parts: Assembly;
      state: StateStore;
      health: LoopHealth;
    },
  ) {
    const { runtime, telemetry, config } = options;
    this.#options = options;
    this.health = made.health;
    this.#database = made.database;
    this.outbox = made.outbox;
    this.#parts = made.parts;
    this.#state = made.state;
    this.#renderer = new Renderer(() => config.current());
    this.#dispatcher = new Dispatcher({
      router: made.parts.router,
      renderer: this.#renderer,
      outbox: made.outbox,
      state: made.state,
      runtime,
      telemetry,
      health: made.health,
      observe: observer(telemetry, (name) => made.parts.destinations.tenantOf(name)),
      targetOf: (tenant, receiver) => made.parts.destinations.targetFor(tenant, receiver),
      ttlMs: () => this.#config.outbox.message_ttl_ms,
    });
  }

  /**
   * Opens the outbox and reads the state of an earlier process. {@link Sender.work} and {@link Sender.accept} take the
   * state over; {@link Sender.sendNow} and looking leave it to the process that has it.
   *
   * @throws SluiceError `outbox_url_invalid`, `outbox_unavailable`, `routing_config_invalid`
   */
  static async open(options: SenderOptions): Promise<Sender> {
    const { runtime, telemetry, config } = options;
    const current = () => config.current().config;
    const { db: database, dialect } = openDatabase(current().outbox.url);
    try {
      let parts: Assembly | undefined;
      const observe = observer(telemetry, (name) => parts!.destinations.tenantOf(name));
      const outbox = await openOutbox({ runtime, database, dialect, observe });
      const damaged: TellDamaged = (rows) => tellDamaged(rows, telemetry);
      const identityKey = await sharedIdentityKey(database, () => runtime.id(), damaged);
      const name = current().server.instance;
      const state = await StateStore.open({ database, name, runtime, damaged }, (stored) => {
        const made = assemble({ ...options, identityKey }, stored);
        parts = made;
        return stateSourceOf(made);
      });
      const health = new LoopHealth(runtime, telemetry);
      return new Sender(options, { database, outbox, parts: parts!, state, health });
    } catch (error) {
      await database.destroy();
      throw error;
    }
  }

  /**
   * Takes notifications: all of them, stored when this resolves, or none.
   *
   * @throws SluiceError `tenant_not_allowed`, `card_invalid`, `template_unknown`, `template_invalid`,
   *   `template_unfilled`; `state_taken`
   */
  async accept(notifications: readonly Notification[]): Promise<readonly Decision[]> {
    const received: Received = { ingress: 'notification', notifications, oddities: new Oddities() };
    return (await this.acceptBody(received)).decisions;
  }

  /** Takes what one body brought, as {@link Sender.accept}; what its sender grouped is forwarded, unless told otherwise. */
  async acceptBody(received: Received): Promise<Dispatched & { readonly leftOut: readonly LeftOut[] }> {
    for (const { tenant, content } of received.notifications) {
      checkTenant(tenant, this.tenants);
      if (content) await this.#renderer.check(content, tenant);
    }
    const dispatched = await this.#dispatcher.receive(received);
    const tenant = received.notifications[0]?.tenant;
    if (tenant === undefined || dispatched.retry) return { ...dispatched, leftOut: [] };
    const leftOut = await tellLeftOut(dispatched.decisions, tenant, {
      ...this.#options,
      outbox: this.outbox,
      endpointsOf: (receiver) => this.#parts.deliverers.endpointsOf(this.destinationOf(tenant, receiver)),
    });
    return { ...dispatched, leftOut };
  }

  /** Says where a notification would go. Changes nothing. */
  async explain(notification: Notification): Promise<Explanation> {
    return await this.#parts.router.explain(notification);
  }

  /**
   * Sends to receivers by name and waits for the outcome, retries included.
   *
   * @throws SluiceError `receiver_unknown`; for the content as {@link Sender.accept}
   */
  async sendNow(direct: DirectMessage, signal: AbortSignal = new AbortController().signal): Promise<DeliveryReport> {
    const { to, content, tenant = this.tenants[0]!, id = this.#options.runtime.id() } = direct;
    checkTenant(tenant, this.tenants);
    const valid = Object.keys(this.#config.receivers);
    const unknown = to.find((name) => !valid.includes(name));
    if (unknown !== undefined) {
      throw receiverErrors.receiver_unknown({ field: 'to', value: unknown, valid });
    }
    await this.#renderer.check(content, tenant);
    const messages = directMessages({ to, content, tenant, id, now: this.#options.runtime.now() });
    const send = async (message: Message) => {
      const { ids, charactersNotSent, removedCharacters } = await this.#enqueue(message);
      await this.#deliver(ids, direct.waitMs ?? 60_000, signal);
      const changes = { parts: ids.length, charactersNotSent, removedCharacters };
      return { ...outcomeOf(await this.#show(ids)), changes };
    };
    return await deliver({ groupKey: id, messages, stopOnError: false }, send, signal);
  }

  /**
   * Routes and delivers until the signal is aborted, then finishes the attempts in flight and stores the state.
   *
   * @throws SluiceError `state_taken` - another process goes on with this state
   */
  async work(signal: AbortSignal): Promise<void> {
    await this.#state.save();
    await this.#tellUnserved();
    const failed = new AbortController();
    const either = AbortSignal.any([signal, failed.signal]);
    const stopBoth = (error: unknown) => {
      failed.abort();
      throw error;
    };
    const both = [this.#dispatcher.run(either), this.outbox.work(this.#workOptions(either))];
    const ends = await Promise.allSettled(both.map((one) => one.catch(stopBoth)));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    await this.#state.save();
  }

  /** Delivers what is due, without routing, until nothing is due within `waitMs`. */
  async drain(waitMs: number, signal: AbortSignal): Promise<OutboxStats> {
    return await this.outbox.drain({ ...this.#workOptions(signal), waitMs });
  }

  createSilence(request: SilenceRequest): Promise<Silence> {
    checkTenant(request.tenant, this.tenants);
    return this.#state.change(() => ({ value: this.#parts.silences.create(request) }));
  }

  /** @throws SluiceError `silence_unknown` */
  expireSilence(tenant: string, id: string): Promise<Silence> {
    return this.#state.change(() => ({ value: this.#parts.silences.expire(tenant, id) }));
  }

  listSilences(tenant: string): Silence[] {
    return this.#parts.silences.list(tenant);
  }

  /** The tenants that may send, the first being that of a sender who names none. */
  get tenants(): readonly string[] {
    return tenantsOf(this.#config);
  }

  /** What the outbox calls a receiver of that tenant. */
  destinationOf(tenant: string, receiver: string): string {
    return this.#parts.destinations.nameFor(tenant, receiver);
  }

  /** The tenant whose messages go to that destination of the outbox; undefined: nobody's any more. */
  tenantOf(destination: string): string | undefined {
    return this.#parts.destinations.tenantOf(destination);
  }

  /**
   * Asks the endpoints of a destination again at once, whatever is known of them.
   *
   * @returns the endpoints that were asked before
   */
  async enable(destination: string): Promise<readonly string[]> {
    return (await this.outbox.enable(this.#parts.deliverers.endpointsOf(destination))).endpoints;
  }

  /** What of the metrics a tenant may see: with several tenants, its own. */
  labelsOf(tenant: string): VisibleLabels {
    if (!this.#config.multi_tenant.enabled) return undefined;
    const names = Object.keys(this.#config.receivers).map((receiver) => this.destinationOf(tenant, receiver));
    return { tenant_id: tenant, endpoints: names.flatMap((name) => this.#parts.deliverers.endpointsOf(name)) };
  }

  /** Takes over the routing of a configuration that was reloaded; everything else is read where it is used. */
  configChanged(): void {
    this.#parts.routing.reload(this.#options.config.current().routingText);
    this.#dispatcher.wake();
    void this.#tellUnserved();
  }

  /** Messages that nobody will deliver, because the configuration does not name their notifier. */
  async unserved(): Promise<readonly Unserved[]> {
    return this.#unserved(await this.outbox.stats());
  }

  #unserved(stats: OutboxStats): readonly Unserved[] {
    return unservedIn(
      stats,
      this.#parts.deliverers.all().map(({ name }) => name),
    );
  }

  async #tellUnserved(): Promise<void> {
    const { telemetry } = this.#options;
    const found = await this.unserved().catch(() => []);
    for (const { notifier, messages } of found) telemetry.log('outbox.without_notifier', { notifier, messages });
  }

  /** Measures the outbox now, for a scrape. A database that does not answer is counted, nothing more. */
  async measure(): Promise<void> {
    const { telemetry, runtime } = this.#options;
    this.health.measure();
    const stats = await this.outbox.stats().catch(() => undefined);
    if (!stats) {
      telemetry.count('teams.outbox.problems', 1, { kind: 'store_failed' });
      return;
    }
    const { states, endpoints, oldestOpenAtMs } = stats;
    const without = this.#unserved(stats).reduce((sum, { messages }) => sum + messages, 0);
    telemetry.gauge('teams.outbox.without_notifier', without, {});
    for (const [state, count] of Object.entries(states)) telemetry.gauge('teams.outbox.messages', count, { state });
    for (const [state, count] of Object.entries(endpoints)) telemetry.gauge('teams.outbox.endpoints', count, { state });
    const age = oldestOpenAtMs === undefined ? 0 : Math.max(0, runtime.now() - oldestOpenAtMs);
    telemetry.gauge('teams.outbox.oldest_open_ms', age, {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.deliverers.close();
    await this.outbox.close();
    await this.#database.destroy();
  }

  get #config(): SluiceConfig {
    return this.#options.config.current().config;
  }

  async #enqueue(message: Message): Promise<{ ids: string[]; charactersNotSent: number; removedCharacters: number }> {
    const { bodies, ...rendered } = await this.#renderer.render(message);
    tellRendered(message.receiver, rendered, this.#options.telemetry);
    const target = this.#parts.destinations.targetFor(message.tenant, message.receiver);
    const parts = partsOf(message, bodies, { target, changes: rendered });
    const attributes = { notifications: message.notifications.length };
    const { telemetry } = this.#options;
    const store = async () => await this.outbox.enqueueMany(parts);
    const receipts = await telemetry.span('teams.notification.accept', attributes, store);
    const { charactersNotSent, removedCharacters } = rendered;
    return { ids: receipts.map(({ id }) => id), charactersNotSent, removedCharacters };
  }

  async #show(ids: readonly string[]): Promise<MessageDetail[]> {
    return await Promise.all(ids.map((id) => this.outbox.show(id)));
  }

  /** Works the outbox until these messages are over or wait longer than `waitMs`. Another worker may deliver some. */
  async #deliver(ids: readonly string[], waitMs: number, signal: AbortSignal): Promise<void> {
    const { runtime } = this.#options;
    const endAt = runtime.monotonic() + waitMs;
    const leftMs = () => Math.max(0, endAt - runtime.monotonic());
    for (;;) {
      await this.#drainUntilOver(ids, leftMs(), signal);
      const isDue = ({ finishedAtMs, nextAttemptAtMs }: MessageDetail) =>
        finishedAtMs === undefined && nextAttemptAtMs <= runtime.now() + leftMs();
      if (signal.aborted || leftMs() === 0 || !(await this.#show(ids)).some(isDue)) return;
      await runtime.sleep(ELSEWHERE_POLL_MS, signal).catch(() => {});
    }
  }

  async #drainUntilOver(ids: readonly string[], waitMs: number, signal: AbortSignal): Promise<void> {
    const open = new Set(ids);
    const over = new AbortController();
    const options = this.#workOptions(AbortSignal.any([signal, over.signal]));
    const observe = (event: OutboxEvent) => {
      options.observe(event);
      if ('state' in event && isOver(event.state)) open.delete(event.id);
      if (open.size === 0) over.abort();
    };
    await this.outbox.drain({ ...options, observe, waitMs });
  }

  #workOptions(signal: AbortSignal) {
    const { destinations, deliverers } = this.#parts;
    const observe = observer(this.#options.telemetry, (name) => destinations.tenantOf(name));
    return {
      ...workSettings(this.#config),
      notifiers: () => deliverers.all().map((notifier) => outgoingNotifier(notifier, this.outbox)),
      limits: deliverers.limits,
      telemetry: this.#options.telemetry,
      observe: (event: OutboxEvent) => {
        this.health.observe(event);
        observe(event);
      },
      signal,
    };
  }
}

function openDatabase(url: Secret): ReturnType<typeof connect> {
  try {
    return connect(url.reveal());
  } catch (cause) {
    throw openFailure(cause);
  }
}
