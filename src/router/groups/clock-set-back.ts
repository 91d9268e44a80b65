import type { Notification } from '../../messages/types.ts';
import type { Silence } from '../mute/silence.ts';
import type { GroupHead } from './group.ts';

/**
 * The wall clock can be set back, and stored instants stay what they were. What was done later than now counts as done
 * now, and a wait is never longer than it was meant. Each of these gives the same object when nothing is to be changed.
 */

/** A group as it is for a clock that shows `now`. */
export function headAt(head: GroupHead, now: number): GroupHead {
  const { createdAt, nextFlushAt, lastSent, flushed, intervalMs } = head;
  const waitMs = flushed ? intervalMs : Math.max(0, nextFlushAt - createdAt);
  const early = lastSent !== undefined && lastSent.at > now;
  if (createdAt <= now && nextFlushAt <= now + waitMs && !early) return head;
  return {
    ...head,
    createdAt: Math.min(createdAt, now),
    nextFlushAt: Math.min(nextFlushAt, now + waitMs),
    lastSent: early ? { ...lastSent, at: now } : lastSent,
  };
}

/** A notification whose end the router gave; an end that its sender gave is the sender's. */
export function notificationAt(notification: Notification, now: number): Notification {
  const { heardAt, endsAt } = notification;
  if (heardAt === undefined || endsAt === undefined || heardAt <= now) return notification;
  return { ...notification, heardAt: now, endsAt: endsAt - heardAt + now };
}

/** A silence: as long as it was asked for, from the moment it was asked for. */
export function silenceAt(silence: Silence, now: number): Silence {
  const { createdAt, startsAt, endsAt } = silence;
  if (createdAt === undefined || createdAt <= now) return silence;
  const aheadMs = createdAt - now;
  return { ...silence, createdAt: now, startsAt: startsAt - aheadMs, endsAt: endsAt - aheadMs };
}
