import type { Notification } from '../notifiers/types.ts';
import { compileMatchers } from './compile-matchers.ts';
import type { RoutingConfig } from './config-schema.ts';
import type { Matcher } from './matcher.ts';
import { labelOf, statusAt } from './notification.ts';

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
export class Inhibitor {
  /** Firing sources by tenant and fingerprint. */
  readonly #sources: Map<string, Notification>;

  /** @param snapshot - what {@link Inhibitor.snapshot} gave before a restart */
  constructor(snapshot: readonly Notification[] = []) {
    this.#sources = new Map(snapshot.map((source) => [keyOf(source), source]));
  }

  /** Takes note of a notification: a firing source is kept until it resolves. */
  observe(rules: readonly InhibitRule[], notification: Notification, now: number): void {
    const fires = statusAt(notification, now) === 'firing';
    if (fires && rules.some(({ source }) => all(source, notification))) {
      this.#sources.set(keyOf(notification), notification);
    } else {
      this.#sources.delete(keyOf(notification));
    }
  }

  /** The first rule that mutes a notification now. */
  inhibitedBy(rules: readonly InhibitRule[], target: Notification, now: number): Inhibition | undefined {
    for (const rule of rules) {
      if (!all(rule.target, target)) continue;
      const targetIsSource = all(rule.source, target);
      for (const source of this.#sources.values()) {
        if (statusAt(source, now) === 'firing' && mutes(rule, source, target, targetIsSource)) {
          return { rule: rule.name, sourceFingerprint: source.fingerprint };
        }
      }
    }
    return undefined;
  }

  /** Everything that must survive a restart, as plain JSON. Sources that have ended are left out. */
  snapshot(now: number): Notification[] {
    return [...this.#sources.values()].filter((source) => statusAt(source, now) === 'firing');
  }
}

function mutes(rule: InhibitRule, source: Notification, target: Notification, targetIsSource: boolean): boolean {
  return (
    source.tenant === target.tenant &&
    rule.equal.every((name) => labelOf(source, name) === labelOf(target, name)) &&
    all(rule.source, source) &&
    !(targetIsSource && all(rule.target, source))
  );
}

const keyOf = ({ tenant, fingerprint }: Notification) => `${tenant}\0${fingerprint}`;
