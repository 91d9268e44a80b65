import type { Notification } from '../notifiers/types.ts';
import type { Assignment } from './decide.ts';
import { type Flush, firstFlushAt, flushGroup, type Group, groupOf, type Muting } from './group.ts';

/**
 * Collects notifications into groups and says when a group speaks. It does no I/O and has no timer: the caller asks
 * {@link Grouper.due} at {@link Grouper.nextAt}, stores the messages and {@link Grouper.groups} in one transaction, and
 * then calls {@link Grouper.settle}. After a crash in between, the same flush gives messages with the same ids.
 */
export class Grouper {
  readonly #groups: Map<string, Group>;

  /** @param snapshot - what {@link Grouper.groups} gave before a restart */
  constructor(snapshot: readonly Group[] = []) {
    this.#groups = new Map(snapshot.map((group) => [group.key, group]));
  }

  /** Adds a notification to its group, or replaces what the group knew of it. */
  insert(assignment: Assignment, notification: Notification, now: number): void {
    const { route, receivers } = assignment;
    const { key, labels } = groupOf(assignment, notification);
    const known = this.#groups.get(key);
    const firstAt = firstFlushAt(route.grouping, notification, now);
    const notifications = new Map((known?.notifications ?? []).map((one) => [one.fingerprint, one]));
    this.#groups.set(key, {
      ...(known ?? { createdAt: now, sequence: 0, flushed: false }),
      key,
      labels,
      tenant: notification.tenant,
      routeId: route.id,
      receivers,
      stopOnError: route.stopOnError,
      intervalMs: route.grouping.intervalMs,
      repeatMs: route.grouping.repeatMs,
      notifications: [...notifications.set(notification.fingerprint, notification).values()],
      nextFlushAt: known?.flushed ? known.nextFlushAt : Math.min(known?.nextFlushAt ?? firstAt, firstAt),
    });
  }

  /** When the next group is due (milliseconds since 1970); undefined without groups. */
  nextAt(): number | undefined {
    let next: number | undefined;
    for (const { nextFlushAt } of this.#groups.values()) next = Math.min(next ?? nextFlushAt, nextFlushAt);
    return next;
  }

  /** What the groups whose time has come say. Nothing changes until {@link Grouper.settle}. */
  due(now: number, muting: Muting): Flush[] {
    return [...this.#groups.values()]
      .filter(({ nextFlushAt }) => nextFlushAt <= now)
      .sort((a, b) => a.nextFlushAt - b.nextFlushAt)
      .map((group) => flushGroup(group, now, muting));
  }

  /** Takes note that a flush is stored. What arrived since stays in the group. */
  settle(flush: Flush): void {
    const group = this.#groups.get(flush.groupKey);
    if (!group) return;
    const seen = new Set(flush.seen);
    const left = new Map(flush.after.notifications.map((one) => [one.fingerprint, one]));
    for (const one of group.notifications) if (!seen.has(one)) left.set(one.fingerprint, one);
    if (left.size === 0) this.#groups.delete(group.key);
    else this.#groups.set(group.key, { ...flush.after, receivers: group.receivers, notifications: [...left.values()] });
  }

  /** Everything that must survive a restart, as plain JSON. */
  groups(): readonly Group[] {
    return [...this.#groups.values()];
  }
}
