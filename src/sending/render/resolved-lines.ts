import { type CardNode, container, type PlainOptions, plainFacts, textBlock } from '../../cards/index.ts';
import { PlainText } from '../../html/index.ts';
import type { Notification } from '../../messages/types.ts';
import { type FactContext, lengthsOf, timesOf } from './alert-facts.ts';
import { countsOf, nameOf, severityOf, stateWord, styleOf } from './state-words.ts';

/** So many that are over are shown in full; of more, each has a line, so that what fires is not lost among them. */
const MAX_IN_FULL = 5;

/** Those of which a line is enough. */
export function inShort(notifications: readonly Notification[]): ReadonlySet<Notification> {
  const over = notifications.filter(({ status, content }) => status === 'resolved' && content === undefined);
  return new Set(over.length > MAX_IN_FULL ? over : []);
}

/** What is over, a line each: which it was, how long it lasted, and until when. */
export function resolvedLines(
  notifications: readonly Notification[],
  context: FactContext,
  plain: PlainOptions,
): CardNode<'Container'> {
  const lines = notifications.map(
    (one) => [new PlainText(stateWord(one.status)), new PlainText(lineOf(one, context))] as const,
  );
  return container(
    [textBlock(`${countsOf(notifications)}, in short:`, { weight: 'Bolder', wrap: true }), plainFacts(lines, plain)],
    { style: styleOf(notifications[0]!) },
  );
}

function lineOf(notification: Notification, { common, cuts, timeZone }: FactContext): string {
  const { labels, annotations, source } = notification;
  const max = lengthsOf(false).fact;
  const said = annotations['summary'] || nameOf(notification);
  const own = Object.entries(labels).filter(
    ([name, value]) => !['', said].includes(value) && name !== 'severity' && !Object.hasOwn(common.labels, name),
  );
  const from = common.source === undefined && source ? [`source=${source}`] : [];
  const which = [...own.map((label) => label.join('=')), ...from].join(', ');
  const times = timesOf(notification, timeZone);
  const told = times.filter(([word]) => word !== 'since' || times.length === 1).map((time) => time.join(' '));
  const severity = Object.hasOwn(common.labels, 'severity') ? '' : severityOf(notification);
  return [cuts.cut(said, max), severity, cuts.cut(which, max), ...told].filter((part) => part !== '').join(' · ');
}
