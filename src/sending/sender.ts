import type { BotStore } from '../bot/store/bot-store.ts';
import type { SluiceConfig } from '../config/schema.ts';
import { Oddities } from '../messages/oddities.ts';
import type { Received } from '../messages/received.ts';
import type { Message, Notification } from '../messages/types.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { OutboxEvent, OutboxStats } from '../outbox/types.ts';
import type { WorkOptions } from '../outbox/work-options.ts';
import { type DeliveryReport, deliver } from '../router/explain/delivery-report.ts';
import type { Explanation } from '../router/explain/explain.ts';
import type { Decision } from '../router/match/decide.ts';
import type { Silence } from '../router/mute/silence.ts';
import type { SilenceRequest } from '../router/mute/silences.ts';
import type { Assembly } from './assembly.ts';
import { tenantsOf } from './destinations.ts';
import { type DirectMessage, directMessages } from './direct.ts';
import { DirectDelivery } from './direct-delivery.ts';
import { checkTenant, type Dispatched, Dispatcher } from './dispatcher.ts';
import { receiverErrors } from './errors.ts';
import { type LeftOut, tellLeftOut } from './left-out.ts';
import type { LoopHealth } from './loop-health.ts';
import { openParts, type SenderOptions, type SenderParts } from './open.ts';
import { outgoingNotifier } from './outgoing.ts';
import { Renderer } from './render/render.ts';
import type { SenderDatabase, StateStore } from './state/state-store.ts';
import { type Unserved, unservedIn } from './unserved.ts';
import type { VisibleLabels } from './visible-labels.ts';
import { observer, tellStats, workSettings } from './work-settings.ts';

/** Configuration, router, outbox and notifiers put together: from a notification to a receipt. */
export class Sender implements AsyncDisposable {
  readonly outbox: Outbox;
  /** Where the bot keeps activities and conversations. */
  readonly botStore: BotStore;
  /** Which loops make progress. */
  readonly health: LoopHealth;
  readonly #options: SenderOptions;
  readonly #database: SenderDatabase;
  readonly #parts: Assembly;
  readonly #state: StateStore;
  readonly #renderer: Renderer;
  readonly #dispatcher: Dispatcher;
  readonly #direct: DirectDelivery;

  private constructor(options: SenderOptions, made: SenderParts) {
    const { runtime, telemetry, config } = options;
    this.#options = options;
    this.health = made.health;
    this.#database = made.database;
    this.outbox = made.outbox;
    this.botStore = made.botStore;
    this.#parts = made.parts;
    this.#state = made.state;
    this.#renderer = new Renderer(() => config.current());
    this.#direct = new DirectDelivery({
      renderer: this.#renderer,
      outbox: made.outbox,
      targetFor: (tenant, receiver) => made.parts.destinations.targetFor(tenant, receiver),
      workOptions: (signal) => this.#workOptions(signal),
      runtime,
      telemetry,
    });
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
    return new Sender(options, await openParts(options));
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
    const { waitMs = 60_000 } = direct;
    const send = async (message: Message) => await this.#direct.send(message, waitMs, signal);
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
    tellStats(stats, this.#unserved(stats), { telemetry, nowMs: runtime.now() });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.deliverers.close();
    await this.outbox.close();
    await this.#database.destroy();
  }

  get #config(): SluiceConfig {
    return this.#options.config.current().config;
  }

  #workOptions(signal: AbortSignal): WorkOptions {
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
