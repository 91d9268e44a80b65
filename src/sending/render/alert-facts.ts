import { PlainText } from '../../html/index.ts';
import type { Notification } from '../../messages/types.ts';
import { type AlertLinks, isLinkAnnotation } from './alert-links.ts';
import type { TextCuts } from './cut-text.ts';
import { durationText, timeText } from './times.ts';

/** Labels, annotations and values shown of one alert; of the rest only the count is told. */
const MAX_FACTS = 40;

/** Characters of one text, and of one fact, where an alert stands alone and where it is one of several. */
const ALONE = { text: 6_000, fact: 1_500 };
const AMONG_OTHERS = { text: 1_500, fact: 300 };

/** How long texts and facts of an alert may be. */
export const lengthsOf = (alone: boolean) => (alone ? ALONE : AMONG_OTHERS);

export interface FactContext {
  readonly timeZone: string;
  readonly links: AlertLinks;
  readonly common: CommonFacts;
  readonly alone: boolean;
  /** Counts what is cut. */
  readonly cuts: TextCuts;
}

/** What stands once for all alerts. */
export interface CommonFacts {
  readonly labels: Readonly<Record<string, string>>;
  readonly source?: string | undefined;
}

export const NOTHING_COMMON: CommonFacts = { labels: {} };

/** The annotation that says it in full. */
export function descriptionOf({ annotations }: Notification): readonly [name: string, text: string] | undefined {
  return (['description', 'message'] as const)
    .map((name) => [name, annotations[name] ?? ''] as const)
    .find(([, text]) => text !== '');
}

/** Times, values, annotations, labels and links that are none: all that an alert's heading and text do not say. */
export function factsOf(notification: Notification, context: FactContext) {
  const { labels, annotations, values = {}, source, tags } = notification;
  const { fact: maxFact } = lengthsOf(context.alone);
  const told = new Set(['summary', descriptionOf(notification)?.[0]]);
  const facts = [
    ...Object.entries(values),
    ...Object.entries(annotations).filter(([name, value]) => !told.has(name) && !isLinkAnnotation(value)),
    ...Object.entries(labels).filter(([name]) => !Object.hasOwn(context.common.labels, name)),
    ['source', context.common.source === undefined ? (source ?? '') : ''] as const,
    ['tags', tags.join(', ')] as const,
  ]
    .filter(([, value]) => value !== '')
    .toSorted(([a], [b]) => Number(isInternal(a)) - Number(isInternal(b)));
  const more = facts.length - MAX_FACTS;
  const refused = context.links.refused.get(notification) ?? [];
  return [
    ...timesOf(notification, context.timeZone),
    ...facts.slice(0, MAX_FACTS),
    ...(more > 0 ? [['not shown', `${more} more labels and annotations`] as const] : []),
    ...refused.map(({ title, text, reason }) => [title, `${text} (not used as a link: ${reason})`] as const),
  ].map(
    ([name, value]) =>
      [new PlainText(context.cuts.cut(name, maxFact)), new PlainText(context.cuts.cut(value, maxFact, name))] as const,
  );
}

/** Names that a sender keeps for itself, as Grafana's `__alert_rule_uid__`: they stand last. */
const isInternal = (name: string) => /^__.+__$/.test(name);

/** How long, since when and until when, each with its word. */
export function timesOf({ status, startsAt, endsAt }: Notification, timeZone: string): (readonly [string, string])[] {
  const start = timeText(startsAt, timeZone);
  if (status === 'event') return [['at', start]];
  if (status === 'firing' || endsAt === undefined) return [['since', start]];
  return [
    ['lasted', durationText(endsAt - startsAt)],
    ['since', start],
    ['until', timeText(endsAt, timeZone)],
  ];
}

/** What all notifications share; of labels as many as can stand once for all of them. */
export function commonFactsOf(notifications: readonly Notification[]): CommonFacts {
  const [first, ...rest] = notifications;
  const labels = Object.entries(first?.labels ?? {})
    .filter(([name, value]) => rest.every((one) => Object.hasOwn(one.labels, name) && one.labels[name] === value))
    .slice(0, MAX_FACTS);
  const source = first?.source || undefined;
  return {
    labels: Object.fromEntries(labels),
    source: rest.every((one) => one.source === source) ? source : undefined,
  };
}
