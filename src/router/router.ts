import type { Notification } from '../notifiers/types.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { type Decision, decide } from './decide.ts';
import { type Explanation, explain } from './explain.ts';
import type { Flush, Group } from './group.ts';
import { Grouper } from './grouper.ts';
import { Inhibitor } from './inhibition.ts';
import { askPredicates, type Predicate } from './predicates.ts';
import { mutedByTime } from './route.ts';
import type { RoutingHolder } from './routing-holder.ts';
import type { Silences } from './silences.ts';

/** What the router must not lose in a restart. Plain JSON. */
export interface RouterState {
  readonly groups: readonly Group[];
  /** Firing alerts that mute others. */
  readonly sources: readonly Notification[];
}

export interface RouterOptions {
  readonly routing: RoutingHolder;
  readonly silences: Silences;
  readonly runtime: Runtime;
  readonly predicates?: ReadonlyMap<string, Predicate>;
  /** Which destinations may be used now. Default: all. */
  readonly usable?: (receiver: string) => boolean;
  readonly state?: RouterState;
}

/**
 * From notifications to the messages of each receiver. No I/O and no timer: call {@link Router.due} at
 * {@link Router.nextAt}; for each flush store its messages (and {@link Router.state}) in one transaction, then
 * {@link Router.settle} it.
 */
export class Router {
  readonly #options: RouterOptions;
  readonly #grouper: Grouper;
  readonly #inhibitor: Inhibitor;

  constructor(options: RouterOptions) {
    this.#options = options;
    this.#grouper = new Grouper(options.state?.groups);
    this.#inhibitor = new Inhibitor(options.state?.sources);
  }

  /**
   * Routes a notification into its groups and says where it went. A firing one without an end is taken to last for the
   * resolve timeout from now: its sender repeats it while it lasts, or says when it is over.
   *
   * @see https://prometheus.io/docs/alerting/latest/configuration/#file-layout-and-global-settings (resolve_timeout)
   */
  async receive(received: Notification): Promise<Decision> {
    const verdicts = await this.#ask(received);
    const routing = this.#options.routing.current();
    const now = this.#options.runtime.now();
    const endless = received.status === 'firing' && received.endsAt === undefined;
    const notification = endless ? { ...received, endsAt: now + routing.resolveTimeoutMs } : received;
    const decision = decide(routing, notification, { verdicts, ...this.#usable() });
    this.#inhibitor.observe(routing.inhibitRules, notification, now);
    for (const assignment of decision.assignments) this.#grouper.insert(assignment, notification, now);
    return decision;
  }

  /** Says where a notification would go. Changes nothing. */
  async explain(notification: Notification): Promise<Explanation> {
    const verdicts = await this.#ask(notification);
    const routing = this.#options.routing.current();
    const now = this.#options.runtime.now();
    return explain(routing, notification, {
      now,
      verdicts,
      ...this.#usable(),
      silencedBy: this.#options.silences.silencing(notification),
      inhibitedBy: this.#inhibitor.inhibitedBy(routing.inhibitRules, notification, now),
    });
  }

  /** When {@link Router.due} has work next (milliseconds since 1970). */
  nextAt(): number | undefined {
    return this.#grouper.nextAt();
  }

  /** What is to be sent now. */
  due(): Flush[] {
    const now = this.#options.runtime.now();
    this.#inhibitor.forgetEnded(now);
    return this.#grouper.due(now, (group, notification) => this.#muting(group, notification, now));
  }

  /** Takes note that a flush is stored. */
  settle(flush: Flush): void {
    this.#grouper.settle(flush);
  }

  /** Everything that must survive a restart. */
  state(): RouterState {
    return { groups: this.#grouper.groups(), sources: this.#inhibitor.snapshot() };
  }

  #muting(group: Group, notification: Notification, now: number): string | undefined {
    const routing = this.#options.routing.current();
    const route = routing.routesById.get(group.routeId);
    const byTime = route && mutedByTime(route, now);
    if (byTime) return byTime;
    const [silence] = this.#options.silences.silencing(notification);
    if (silence) return `silence ${silence}`;
    const inhibition = this.#inhibitor.inhibitedBy(routing.inhibitRules, notification, now);
    return inhibition && `${inhibition.rule} while ${inhibition.sourceFingerprint} fires`;
  }

  #ask(notification: Notification) {
    const { routing, predicates = new Map(), runtime } = this.#options;
    return askPredicates(routing.current().predicates, predicates, notification, runtime);
  }

  #usable() {
    const { usable } = this.#options;
    return usable ? { usable } : {};
  }
}
