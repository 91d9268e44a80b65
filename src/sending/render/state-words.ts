import type { Message, Notification, NotificationStatus } from '../../messages/types.ts';
import { cutText } from './cut-text.ts';

/** States in the order in which they are told: what needs somebody first. */
const STATES = ['firing', 'event', 'resolved'] as const satisfies readonly NotificationStatus[];

const WORDS: Readonly<Record<NotificationStatus, { one: string; few: (count: number) => string }>> = {
  firing: { one: 'Firing', few: (count) => `${count} firing` },
  resolved: { one: 'Resolved', few: (count) => `${count} resolved` },
  event: { one: 'Event', few: (count) => (count === 1 ? '1 event' : `${count} events`) },
};

/** Names in a title before the rest is counted. */
const MAX_NAMES = 3;
const MAX_NAME_LENGTH = 200;

/** The word for a state: `Firing`. */
export const stateWord = (status: NotificationStatus): string => WORDS[status].one;

/** How many are in which state: `1 firing, 60 resolved`. */
export function countsOf(notifications: readonly Notification[]): string {
  return STATES.flatMap((state) => {
    const count = notifications.filter(({ status }) => status === state).length;
    return count > 0 ? [WORDS[state].few(count)] : [];
  }).join(', ');
}

/** Firing first, then events, then what is over; of each the newest first. */
export function inOrder(notifications: readonly Notification[]): Notification[] {
  const since = ({ status, startsAt, endsAt }: Notification) => (status === 'resolved' && endsAt) || startsAt;
  return notifications.toSorted(
    (a, b) => STATES.indexOf(a.status) - STATES.indexOf(b.status) || since(b) - since(a) || 0,
  );
}

/** What a message is about, in one line: `Firing: DiskFull`, `1 firing, 60 resolved: DiskFull`. */
export function titleOf({ notifications, groupLabels }: Message): string {
  const [only, second] = notifications;
  const state = only && !second ? stateWord(only.status) : countsOf(notifications);
  return `${state}: ${cutText(groupLabels['alertname'] || namesOf(notifications), MAX_NAME_LENGTH)}`;
}

/** What an alert is called: its name, else what it says, else its fingerprint. */
export const nameOf = ({ labels, annotations, fingerprint }: Notification): string =>
  labels['alertname'] || annotations['summary'] || fingerprint;

function namesOf(notifications: readonly Notification[]): string {
  const names = [...new Set(inOrder(notifications).map(nameOf))];
  const more = names.length - MAX_NAMES;
  return more > 1 ? `${names.slice(0, MAX_NAMES).join(', ')} and ${more} more` : names.join(', ');
}

/** The severity as the sender wrote it, or an empty text. */
export const severityOf = ({ severity, labels }: Notification): string => severity || labels['severity'] || '';

/** Words for severities that are in use. What is not known and fires is shown as grave. */
const GRAVITY: Readonly<Record<string, 'attention' | 'warning' | 'accent'>> = {
  warning: 'warning',
  warn: 'warning',
  medium: 'warning',
  moderate: 'warning',
  minor: 'warning',
  info: 'accent',
  information: 'accent',
  informational: 'accent',
  notice: 'accent',
  low: 'accent',
  debug: 'accent',
  none: 'accent',
};

const GRAVE: ReadonlySet<string> = new Set([
  'critical',
  'error',
  'high',
  'major',
  'fatal',
  'page',
  'emergency',
  'alert',
]);

/** The colour of a notification; its words say the same. */
export function styleOf(notification: Notification): 'attention' | 'warning' | 'accent' | 'good' | 'default' {
  if (notification.status === 'resolved') return 'good';
  const severity = severityOf(notification).toLowerCase();
  const known = Object.hasOwn(GRAVITY, severity) ? GRAVITY[severity] : undefined;
  if (known) return known;
  return notification.status === 'firing' || GRAVE.has(severity) ? 'attention' : 'default';
}

const COLORS = {
  attention: 'Attention',
  warning: 'Warning',
  accent: 'Accent',
  good: 'Good',
  default: 'Default',
} as const;

/** The same colour for a text. */
export const colorOf = (notification: Notification) => COLORS[styleOf(notification)];

/** `Firing · critical · Disk is full`. */
export function headingOf(notification: Notification): string {
  const { status, annotations } = notification;
  const said = annotations['summary'] || nameOf(notification);
  return [stateWord(status), severityOf(notification), said].filter((part) => part !== '').join(' · ');
}
