import type { Notification } from '../../messages/types.ts';
import type { RoutingConfig } from '../config/schema.ts';
import { notificationAt } from '../groups/clock-set-back.ts';
import type { StateChange, Stateful } from '../groups/state-change.ts';
import { TrackedMap } from '../groups/tracked-map.ts';
import { compileMatchers } from '../match/compile-matchers.ts';
import type { Matcher } from '../match/matcher.ts';
import { digest, labelOf, statusAt } from '../notification.ts';

/** While a source fires, targets with the same `equal` labels are muted. */
export interface InhibitRule {
  readonly name: string;
  readonly source: readonly Matcher[];
  readonly target: readonly Matcher[];
  readonly equal: readonly string[];
}

/** Which rule mutes a notification, and by which source. */
export interface Inhibition {
  readonly rule: string;
  readonly sourceFingerprint: string;
}

/** Compiles one rule of `inhibit_rules`. */
export function compileInhibitRule(config: RoutingConfig['inhibit_rules'][number], position: number): InhibitRule {
  return {
    name: config.name ?? `inhibit_rules[${position}]`,
    source: compileMatchers(config.source_matchers),
    target: compileMatchers(config.target_matchers),
    equal: config.equal ?? [],
  };
}

const all = (matchers: readonly Matcher[], notification: Notification) =>
  matchers.every((matcher) => matcher.matches(notification));

/**
 * Remembers firing sources and says what they mute. A notification that is both source and target of a rule is never
 * muted by another such, so two alerts cannot silence each other.
 *
 * @see https://prometheus.io/docs/alerting/latest/configuration/#inhibit_rule
 */
export class Inhibitor implements Stateful {
  /** Firing sources by tenant and fingerprint. */
  readonly #sources: TrackedMap<Notification>;
  /** Sources of each rule by their `equal` labels; made when asked for, thrown away when a source comes or goes. */
  #index = new WeakMap<InhibitRule, Map<string, Notification[]>>();

  /** @param snapshot - what {@link Inhibitor.snapshot} gave before a restart */
  constructor(snapshot: readonly Notification[] = []) {
    this.#sources = new TrackedMap(snapshot.map((source) => [identity(source), source]));
  }

  /** Takes note of a notification: a firing source is kept until it resolves. */
  observe(rules: readonly InhibitRule[], notification: Notification, now: number): void {
    const known = this.#sources.get(identity(notification)) !== undefined;
    this.#sources.delete(identity(notification));
    const fires = statusAt(notification, now) === 'firing' && rules.some(({ source }) => all(source, notification));
    if (fires) this.#sources.set(identity(notification), notification);
    if (fires || known) this.#index = new WeakMap();
  }

  /** The first rule that mutes a notification now. */
  inhibitedBy(rules: readonly InhibitRule[], target: Notification, now: number): Inhibition | undefined {
    for (const rule of rules) {
      if (!all(rule.target, target)) continue;
      const sources = this.#sourcesOf(rule).get(equalKey(rule, target)) ?? [];
      const twoSided = all(rule.source, target);
      const found = sources.find((one) => statusAt(one, now) === 'firing' && !(twoSided && all(rule.target, one)));
      if (found) return { rule: rule.name, sourceFingerprint: found.fingerprint };
    }
    return undefined;
  }

  /** Bounds every wait by its own length, for a clock that was set back. */
  boundWaits(now: number): void {
    for (const source of this.#sources.values()) {
      const bounded = notificationAt(source, now);
      if (bounded === source) continue;
      this.#sources.set(identity(source), bounded);
      this.#index = new WeakMap();
    }
  }

  /** Drops sources that have ended without anybody saying so. */
  forgetEnded(now: number): void {
    for (const source of this.#sources.values()) {
      if (statusAt(source, now) === 'firing') continue;
      this.#sources.delete(identity(source));
      this.#index = new WeakMap();
    }
  }

  /** Everything that must survive a restart, as plain JSON. */
  snapshot(): Notification[] {
    return [...this.#sources.values()];
  }

  changes(): StateChange[] {
    return this.#sources.changes().map(({ key, value }) => ({ kind: 'source', key: digest([key]), value }));
  }

  commit(): void {
    this.#sources.commit();
  }

  rollback(): void {
    this.#sources.rollback();
    this.#index = new WeakMap();
  }

  #sourcesOf(rule: InhibitRule): Map<string, Notification[]> {
    const known = this.#index.get(rule);
    if (known) return known;
    const made = new Map<string, Notification[]>();
    for (const source of this.#sources.values()) {
      if (!all(rule.source, source)) continue;
      const key = equalKey(rule, source);
      if (made.has(key)) made.get(key)!.push(source);
      else made.set(key, [source]);
    }
    this.#index.set(rule, made);
    return made;
  }
}

/** Alike for source and target of one tenant whose `equal` labels agree; a missing label is the empty string. */
const equalKey = ({ equal }: InhibitRule, notification: Notification) =>
  JSON.stringify([notification.tenant, ...equal.map((name) => labelOf(notification, name))]);

const identity = ({ tenant, fingerprint }: Notification) => JSON.stringify([tenant, fingerprint]);
