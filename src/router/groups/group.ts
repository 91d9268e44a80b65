import type { Message, Notification } from '../../messages/types.ts';
import type { Assignment, Grouping } from '../config/route.ts';
import { digest, labelOf, severityOf, sortedEntries, statusAt } from '../notification.ts';
import { routeGroupKey } from './group-key.ts';

/** What a group told its receivers last. */
export interface LastSent {
  readonly at: number;
  readonly firing: readonly string[];
  readonly resolved: readonly string[];
}

/** What is known of a group besides its notifications. Plain JSON: this is what a restart reads back. */
export interface GroupHead {
  readonly key: string;
  readonly tenant: string;
  readonly routeId: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly receivers: readonly string[];
  readonly fallbackReceiver?: string | undefined;
  readonly stopOnError: boolean;
  readonly intervalMs: number;
  readonly repeatMs: number;
  readonly nextFlushAt: number;
  readonly createdAt: number;
  /** Counts the messages of this group. */
  readonly sequence: number;
  /** Whether the group has had its first flush. */
  readonly flushed: boolean;
  readonly lastSent?: LastSent | undefined;
}

/** One group of one route. */
export interface Group extends GroupHead {
  /** By fingerprint, as first seen. */
  readonly notifications: readonly Notification[];
}

/** A group whose time has come: `messages` (one per receiver) is empty when there is nothing to say. */
export interface Flush {
  readonly groupKey: string;
  readonly messages: readonly Message[];
  readonly stopOnError: boolean;
  /** The group as it is once the messages are stored; it is over when it has no notifications. */
  readonly after: Group;
  /** The notifications this flush looked at. */
  readonly seen: readonly Notification[];
  /** Those left out of the message, with the reason. */
  readonly muted: readonly { readonly fingerprint: string; readonly reason: string }[];
}

/** Why a notification must not be sent now; undefined when it may. */
export type Muting = (group: Group, notification: Notification) => string | undefined;

const DEFAULT_WAIT_MS = 30_000;

/**
 * The key and labels of the group that a notification belongs to. A notification of which an earlier route already
 * served some receivers is grouped apart, so that no receiver sees it twice.
 */
export function groupOf({ route, receivers }: Assignment, notification: Notification): Pick<Group, 'key' | 'labels'> {
  const { by } = route.grouping;
  const labels = Object.fromEntries(
    by === 'all'
      ? sortedEntries(notification.labels)
      : by.map((name) => [name, labelOf(notification, name)]).filter(([, value]) => value !== ''),
  );
  const alone = by === 'all' ? [notification.fingerprint] : [];
  const apart = receivers.length < route.receivers.length ? [receivers] : [];
  return { key: routeGroupKey([notification.tenant, route.id, sortedEntries(labels), ...alone, ...apart]), labels };
}

/**
 * When a new group with this notification is first sent: at once if the alert has already been firing for longer than
 * the wait.
 */
export function firstFlushAt(grouping: Grouping, notification: Notification, now: number): number {
  const waitMs = grouping.waitMs ?? (severityOf(notification) === 'critical' ? 0 : DEFAULT_WAIT_MS);
  return notification.startsAt + waitMs < now ? now : now + waitMs;
}

/**
 * Works out what a group says at an instant and what it is afterwards; changes nothing. It speaks when something new
 * fires, when something has resolved since, for every event, and for an unchanged firing group once `repeatMs` has passed.
 *
 * @param muting - silenced, inhibited or outside its times: left out of the message
 * @see https://github.com/prometheus/alertmanager/blob/main/notify/notify.go (DedupStage.needsUpdate)
 */
export function flushGroup(group: Group, now: number, muting: Muting): Flush {
  const reasons = new Map(group.notifications.map((notification) => [notification, muting(group, notification)]));
  const audible = group.notifications.filter((notification) => reasons.get(notification) === undefined);
  const current = partition(audible, now);
  const speech = speechOf(group, current, audible.length, now);
  const speaks = speech !== undefined;
  const lastSent = speaks ? { at: now, firing: ids(current.firing), resolved: ids(current.resolved) } : group.lastSent;
  const left = group.notifications.filter((notification) => statusAt(notification, now) === 'firing');
  const after: Group = {
    ...group,
    notifications: left,
    nextFlushAt: now + group.intervalMs,
    flushed: true,
    sequence: group.sequence + (speaks ? 1 : 0),
    lastSent,
  };
  return {
    groupKey: group.key,
    messages: speaks
      ? messagesOf(group, audible, { fires: current.firing.length > 0, again: speech === 'repeat', now })
      : [],
    stopOnError: group.stopOnError,
    after,
    seen: group.notifications,
    muted: [...reasons].flatMap(([{ fingerprint }, reason]) => (reason === undefined ? [] : { fingerprint, reason })),
  };
}

type Current = Record<'firing' | 'resolved' | 'event', readonly Notification[]>;

function partition(notifications: readonly Notification[], now: number): Current {
  const of = (status: string) => notifications.filter((notification) => statusAt(notification, now) === status);
  return { firing: of('firing'), resolved: of('resolved'), event: of('event') };
}

/** What a group has to say: something new, the same again because it is time, or nothing. */
function speechOf(
  { lastSent, repeatMs }: Group,
  current: Current,
  audible: number,
  now: number,
): 'news' | 'repeat' | undefined {
  if (current.event.length > 0) return 'news';
  if (audible === 0) return undefined;
  if (!lastSent) return current.firing.length > 0 ? 'news' : undefined;
  if (!isSubset(current.firing, lastSent.firing)) return 'news';
  if (current.firing.length === 0) return lastSent.firing.length > 0 ? 'news' : undefined;
  if (!isSubset(current.resolved, lastSent.resolved)) return 'news';
  return now - Math.min(lastSent.at, now) >= repeatMs ? 'repeat' : undefined;
}

const ids = (notifications: readonly Notification[]) => notifications.map(({ fingerprint }) => fingerprint).sort();

function isSubset(notifications: readonly Notification[], known: readonly string[]): boolean {
  const set = new Set(known);
  return notifications.every(({ fingerprint }) => set.has(fingerprint));
}

/** The id depends on nothing but the group, its place in the sequence and what is said: a repeated flush gives the same one. */
function messagesOf(
  group: Group,
  audible: readonly Notification[],
  { fires, again, now }: { readonly fires: boolean; readonly again: boolean; readonly now: number },
): Message[] {
  const notifications = audible.map((notification) => passed(notification, group.routeId, now));
  const onlyEvents = notifications.every(({ status }) => status === 'event');
  const said = notifications.map(({ fingerprint, status, startsAt }) => [fingerprint, status, startsAt]);
  const { fallbackReceiver } = group;
  const fallback =
    fallbackReceiver === undefined
      ? undefined
      : { receiver: fallbackReceiver, key: digest([group.key, group.createdAt, group.sequence, said]) };
  return group.receivers.map((receiver) => ({
    id: digest([group.key, group.createdAt, receiver, group.sequence, said]),
    tenant: group.tenant,
    receiver,
    groupKey: group.key,
    groupLabels: group.labels,
    status: fires ? 'firing' : onlyEvents ? 'event' : 'resolved',
    notifications,
    repeatMs: again ? group.repeatMs : undefined,
    fallback,
  }));
}

function passed(notification: Notification, routeId: string, now: number): Notification {
  return { ...notification, status: statusAt(notification, now), trail: [...notification.trail, routeId] };
}
