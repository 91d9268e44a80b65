import type { IngressName, ReceivedGroup } from '../messages/received.ts';
import type { Notification } from '../messages/types.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { mutedByTime, type Route } from './config/route.ts';
import type { Routing } from './config/routing.ts';
import type { RoutingHolder } from './config/routing-holder.ts';
import { type Explanation, explain } from './explain/explain.ts';
import { type ForwardedBody, forwardBody } from './groups/forward.ts';
import { Forwarded, type ForwardedEntry, forwardedKey } from './groups/forwarded.ts';
import type { Flush, Group } from './groups/group.ts';
import { Grouper } from './groups/grouper.ts';
import { inSlices } from './groups/slices.ts';
import type { StateChange, Stateful } from './groups/state-change.ts';
import { type Decision, decide } from './match/decide.ts';
import { askPredicates, type Predicate } from './match/predicates.ts';
import { Inhibitor } from './mute/inhibition.ts';
import type { Silences } from './mute/silences.ts';

/** What the router must not lose in a restart. Plain JSON. */
export interface RouterState {
  readonly groups: readonly Group[];
  /** Firing alerts that mute others. */
  readonly sources: readonly Notification[];
  /** Bodies that were forwarded a moment ago. */
  readonly forwarded?: readonly ForwardedEntry[];
}

export interface RouterOptions {
  readonly routing: RoutingHolder;
  readonly silences: Silences;
  readonly runtime: Runtime;
  readonly predicates?: ReadonlyMap<string, Predicate> | undefined;
  readonly state?: RouterState | undefined;
}

const HOUR_MS = 3_600_000;

/**
 * Alertmanager and Grafana say themselves when an alert is over, and repeat one that still fires, at the latest when
 * they have forgotten that they sent it: after `--data.retention`, 120 h. Where the router groups for them, one that is
 * not heard of for longer is over, or its sender is. The hour is for the group's own pace.
 *
 * @see https://prometheus.io/docs/alerting/latest/configuration/#route (repeat_interval)
 */
const LONGEST_SENDER_SILENCE_MS = 121 * HOUR_MS;

/**
 * From notifications to the messages of each receiver. No I/O and no timer. What a sender groups by itself is
 * {@link Router.forward}ed. For the rest call {@link Router.due} at {@link Router.nextAt}, and {@link Router.settle}
 * each flush; store its messages and {@link Router.changes} in one transaction, then {@link Router.commit}, or
 * {@link Router.rollback} when that failed.
 */
export class Router implements Stateful {
  readonly #options: RouterOptions;
  readonly #grouper: Grouper;
  readonly #inhibitor: Inhibitor;
  readonly #forwarded: Forwarded;
  /** The wall clock when it was last looked at; what an earlier process stored may be later. */
  #seenAt = Number.POSITIVE_INFINITY;

  constructor(options: RouterOptions) {
    this.#options = options;
    this.#grouper = new Grouper(options.state?.groups);
    this.#inhibitor = new Inhibitor(options.state?.sources);
    this.#forwarded = new Forwarded(options.state?.forwarded);
  }

  /** Who keeps time for what comes in there. */
  modeOf(ingress: IngressName) {
    return this.#options.routing.current().modeOf(ingress);
  }

  /** Where notifications go, in their order. Changes nothing; a long list lets others have their turn. */
  async decide(notifications: readonly Notification[]): Promise<Decision[]> {
    const decisions: Decision[] = [];
    for await (const one of inSlices(notifications)) {
      const verdicts = await this.#ask(one);
      decisions.push(decide(this.#options.routing.current(), one, { verdicts }));
    }
    return decisions;
  }

  /** Routes a notification into its groups and says where it went. */
  async receive(notification: Notification, ingress: IngressName = 'notification'): Promise<Decision> {
    const decisions = await this.decide([notification]);
    this.take([notification], decisions, ingress);
    return decisions[0]!;
  }

  /**
   * Puts notifications into the groups that were decided. A firing one without an end is taken to last for the resolve
   * timeout from now: its sender repeats it while it lasts, or says when it is over.
   *
   * @see https://prometheus.io/docs/alerting/latest/configuration/#file-layout-and-global-settings (resolve_timeout)
   */
  take(received: readonly Notification[], decisions: readonly Decision[], ingress: IngressName = 'notification'): void {
    const routing = this.#options.routing.current();
    const now = this.#options.runtime.now();
    const lastsMs = ingress === 'notification' ? routing.resolveTimeoutMs : LONGEST_SENDER_SILENCE_MS;
    for (const [index, one] of received.entries()) {
      const endless = one.status === 'firing' && one.endsAt === undefined;
      const notification = endless ? { ...one, endsAt: now + lastsMs, heardAt: now } : one;
      this.#inhibitor.observe(routing.inhibitRules, notification, now);
      for (const assignment of decisions[index]!.assignments) this.#grouper.insert(assignment, notification, now);
    }
  }

  /**
   * The messages of a body whose sender groups by itself. Undefined: it is an HTTP retry of a body that was taken
   * already. Only silences and time intervals of the operator apply; the sender has waited, repeated and inhibited.
   */
  async forward(body: {
    readonly tenant: string;
    readonly group: ReceivedGroup;
    readonly notifications: readonly Notification[];
    readonly decisions: readonly Decision[];
  }): Promise<ForwardedBody | undefined> {
    const now = this.#options.runtime.now();
    const { tenant, group } = body;
    const key = forwardedKey(group, tenant);
    if (this.#forwarded.isRetry(key, group.bodyDigest, now)) return undefined;
    const muting = (route: Route, notification: Notification) => this.#mutedByOperator(route, notification, now);
    const forwarded = await forwardBody({ ...body, muting, now });
    if (forwarded.forwardings.length > 0) this.#forwarded.note(key, group.bodyDigest, now);
    return forwarded;
  }

  /** Says where a notification would go. Changes nothing. */
  async explain(notification: Notification): Promise<Explanation> {
    const verdicts = await this.#ask(notification);
    const routing = this.#options.routing.current();
    const now = this.#options.runtime.now();
    return explain(routing, notification, {
      now,
      verdicts,
      silencedBy: this.#options.silences.silencing(notification),
      inhibitedBy: this.#inhibitor.inhibitedBy(routing.inhibitRules, notification, now),
    });
  }

  /** Whether {@link Router.boundWaits} has something to do. */
  clockWentBack(): boolean {
    const now = this.#options.runtime.now();
    if (now < this.#seenAt) return true;
    this.#seenAt = now;
    return false;
  }

  /**
   * After the wall clock was set back: what was done later than now counts as done now, and no wait is longer than it
   * was meant. A change like any other, to be stored; silences are bounded with it.
   */
  boundWaits(): void {
    if (!this.clockWentBack()) return;
    const now = this.#options.runtime.now();
    for (const part of [this.#grouper, this.#inhibitor, this.#options.silences]) part.boundWaits(now);
    this.#seenAt = now;
  }

  /** When {@link Router.due} has work next (milliseconds since 1970). */
  nextAt(): number | undefined {
    return this.#grouper.nextAt();
  }

  /** Keys of the groups whose time has come. */
  dueKeys(): string[] {
    return this.#grouper.dueKeys(this.#options.runtime.now());
  }

  /** What one group says now; undefined when its time has not come. */
  flushOf(key: string): Flush | undefined {
    const now = this.#options.runtime.now();
    this.#inhibitor.forgetEnded(now);
    return this.#grouper.flushOf(key, now, (group, notification) => this.#muting(group, notification, now));
  }

  /** What is to be sent now. */
  due(): Flush[] {
    return this.dueKeys().flatMap((key) => this.flushOf(key) ?? []);
  }

  /** Takes note of a flush. */
  settle(flush: Flush): void {
    this.#grouper.settle(flush);
  }

  /** Everything that must survive a restart. */
  state(): RouterState {
    return { groups: this.#grouper.groups(), sources: this.#inhibitor.snapshot() };
  }

  changes(): StateChange[] {
    return [this.#grouper, this.#inhibitor, this.#forwarded].flatMap((part) => part.changes());
  }

  commit(): void {
    for (const part of [this.#grouper, this.#inhibitor, this.#forwarded]) part.commit();
  }

  rollback(): void {
    this.#seenAt = Number.POSITIVE_INFINITY;
    for (const part of [this.#grouper, this.#inhibitor, this.#forwarded]) part.rollback();
  }

  #muting(group: Group, notification: Notification, now: number): string | undefined {
    const routing: Routing = this.#options.routing.current();
    const muted = this.#mutedByOperator(routing.routesById.get(group.routeId), notification, now);
    if (muted !== undefined) return muted;
    const inhibition = this.#inhibitor.inhibitedBy(routing.inhibitRules, notification, now);
    return inhibition && `${inhibition.rule} while ${inhibition.sourceFingerprint} fires`;
  }

  #mutedByOperator(route: Route | undefined, notification: Notification, now: number): string | undefined {
    const byTime = route && mutedByTime(route, now);
    if (byTime !== undefined) return byTime;
    const [silence] = this.#options.silences.silencing(notification);
    return silence === undefined ? undefined : `silence ${silence}`;
  }

  #ask(notification: Notification) {
    const { routing, predicates = new Map(), runtime } = this.#options;
    return askPredicates(routing.current().predicates, predicates, notification, runtime);
  }
}
