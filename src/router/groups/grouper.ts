import type { Notification } from '../../messages/types.ts';
import type { Assignment } from '../config/route.ts';
import { digest } from '../notification.ts';
import { headAt, notificationAt } from './clock-set-back.ts';
import { type Flush, firstFlushAt, flushGroup, type Group, type GroupHead, groupOf, type Muting } from './group.ts';
import type { StateChange, Stateful } from './state-change.ts';
import { TrackedMap } from './tracked-map.ts';

/** What is stored of one notification of a group: the group by its digest. */
export interface StoredAlert {
  readonly group: string;
  readonly notification: Notification;
}

type Members = TrackedMap<Notification>;

/**
 * Collects notifications into groups and says when a group speaks. It does no I/O and has no timer: the caller asks
 * {@link Grouper.due} at {@link Grouper.nextAt}, settles each flush, and stores its messages and
 * {@link Grouper.changes} in one transaction. After a crash in between, the same flush gives messages with the same ids.
 */
export class Grouper implements Stateful {
  readonly #heads: TrackedMap<GroupHead>;
  readonly #members: Map<string, Members>;
  /** Groups whose notifications have changed. */
  readonly #touched = new Set<string>();

  /** @param snapshot - what {@link Grouper.groups} gave before a restart */
  constructor(snapshot: readonly Group[] = []) {
    this.#heads = new TrackedMap(snapshot.map(({ notifications, ...head }) => [head.key, head]));
    this.#members = new Map(
      snapshot.map(({ key, notifications }) => [
        key,
        new TrackedMap(notifications.map((one) => [one.fingerprint, one] as const)),
      ]),
    );
  }

  /** Adds a notification to its group, or replaces what the group knew of it. Its cost is not that of the group. */
  insert(assignment: Assignment, notification: Notification, now: number): void {
    const { route, receivers } = assignment;
    const { key, labels } = groupOf(assignment, notification);
    const known = this.#heads.get(key);
    const firstAt = firstFlushAt(route.grouping, notification, now);
    const head: GroupHead = {
      ...(known ?? { createdAt: now, sequence: 0, flushed: false }),
      key,
      labels: known?.labels ?? labels,
      tenant: notification.tenant,
      routeId: route.id,
      receivers: known && same(known.receivers, receivers) ? known.receivers : receivers,
      fallbackReceiver: route.fallbackReceiver,
      stopOnError: route.stopOnError,
      intervalMs: route.grouping.intervalMs,
      repeatMs: route.grouping.repeatMs,
      nextFlushAt: known?.flushed ? known.nextFlushAt : Math.min(known?.nextFlushAt ?? firstAt, firstAt),
    };
    if (!known || !sameHead(known, head)) this.#heads.set(key, head);
    this.#membersOf(key).set(notification.fingerprint, notification);
  }

  /** Bounds every wait by its own length, for a clock that was set back. */
  boundWaits(now: number): void {
    for (const head of this.#heads.values()) {
      const bounded = headAt(head, now);
      if (bounded !== head) this.#heads.set(head.key, bounded);
    }
    for (const [key, members] of this.#members) {
      for (const one of members.values()) {
        const bounded = notificationAt(one, now);
        if (bounded !== one) this.#membersOf(key).set(one.fingerprint, bounded);
      }
    }
  }

  /** When the next group is due (milliseconds since 1970); undefined without groups. */
  nextAt(): number | undefined {
    let next: number | undefined;
    for (const { nextFlushAt } of this.#heads.values()) next = Math.min(next ?? nextFlushAt, nextFlushAt);
    return next;
  }

  /** Keys of the groups whose time has come, the longest waiting first. */
  dueKeys(now: number): string[] {
    return [...this.#heads.values()]
      .filter(({ nextFlushAt }) => nextFlushAt <= now)
      .sort((a, b) => a.nextFlushAt - b.nextFlushAt)
      .map(({ key }) => key);
  }

  /** What a group says now; undefined when there is no such group, or its time has not come. Changes nothing. */
  flushOf(key: string, now: number, muting: Muting): Flush | undefined {
    const head = this.#heads.get(key);
    return head && head.nextFlushAt <= now ? flushGroup(this.#group(head), now, muting) : undefined;
  }

  /** What the groups whose time has come say. Nothing changes until {@link Grouper.settle}. */
  due(now: number, muting: Muting): Flush[] {
    return this.dueKeys(now).flatMap((key) => this.flushOf(key, now, muting) ?? []);
  }

  /** Takes note of a flush. What arrived since stays in the group. */
  settle(flush: Flush): void {
    const head = this.#heads.get(flush.groupKey);
    if (!head) return;
    const members = this.#membersOf(head.key);
    const left = new Set(flush.after.notifications);
    for (const one of flush.seen) {
      if (!left.has(one) && members.get(one.fingerprint) === one) members.delete(one.fingerprint);
    }
    const { notifications, ...after } = flush.after;
    if (members.size === 0) this.#heads.delete(head.key);
    else this.#heads.set(head.key, { ...after, receivers: head.receivers });
  }

  /** Everything that must survive a restart, as plain JSON. */
  groups(): readonly Group[] {
    return [...this.#heads.values()].map((head) => this.#group(head));
  }

  changes(): StateChange[] {
    const heads = this.#heads.changes();
    const alerts = [...this.#touched].flatMap((group) => {
      const id = digest([group]);
      return this.#members
        .get(group)!
        .changes()
        .map(({ key, value }) => ({
          kind: 'alert' as const,
          key: digest([group, key]),
          value: value && ({ group: id, notification: value } satisfies StoredAlert),
        }));
    });
    return [...heads.map(({ key, value }) => ({ kind: 'group' as const, key: digest([key]), value })), ...alerts];
  }

  commit(): void {
    this.#heads.commit();
    this.#settleMembers((members) => members.commit());
  }

  rollback(): void {
    this.#heads.rollback();
    this.#settleMembers((members) => members.rollback());
  }

  #settleMembers(settle: (members: Members) => void): void {
    for (const key of this.#touched) {
      settle(this.#members.get(key)!);
      if (this.#members.get(key)!.size === 0) this.#members.delete(key);
    }
    this.#touched.clear();
  }

  #group(head: GroupHead): Group {
    return { ...head, notifications: [...(this.#members.get(head.key)?.values() ?? [])] };
  }

  #membersOf(key: string): Members {
    const members = this.#members.get(key) ?? new TrackedMap<Notification>();
    this.#members.set(key, members);
    this.#touched.add(key);
    return members;
  }
}

const same = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.every((one, at) => one === b[at]);

/** Whether nothing of a head is new: then it is not written again. */
const sameHead = (a: GroupHead, b: GroupHead) =>
  (Object.keys(b) as (keyof GroupHead)[]).every((key) => a[key] === b[key]);
