import { PlainText } from '../../html/index.ts';
import type { Message, Notification } from '../../messages/types.ts';
import { countsOf, inOrder, severityOf, titleOf } from './state-words.ts';
import { durationText, isoText, timeText } from './times.ts';

/** Alerts handed to a template: more than any message could show. */
const MAX_ALERTS = 100;

/** Names that a template may use although this message has no value for them. */
const NAMES: ReadonlySet<string> = new Set([
  ...['status', 'receiver', 'count', 'title', 'counts', 'groupKey', 'groupLabels', 'commonLabels', 'commonAnnotations'],
  ...['alerts', 'notShown', 'truncatedAlerts', 'senderReceiver', 'externalUrl', 'timezone', 'labels', 'annotations'],
  ...['tags', 'links', 'values', 'severity', 'source', 'text', 'startsAt', 'endsAt', 'startsAtLocal', 'endsAtLocal'],
  ...['duration', 'name', 'value', '$data', '$root', '$index'],
]);

/** Whether a name belongs to the data of alerts: then a missing value is an empty one, as in Alertmanager's templates. */
export const isTemplateName = (name: string): boolean => NAMES.has(name);

/** What a receiver's card template can use. Part of the public interface: names stay. */
export function templateData(message: Message, timeZone: string): Readonly<Record<string, unknown>> {
  const { status, receiver, groupLabels, notifications, groupKey, senderGroup } = message;
  const truncated = senderGroup?.truncatedAlerts ?? 0;
  const alerts = inOrder(notifications).slice(0, MAX_ALERTS);
  return {
    status,
    receiver,
    count: notifications.length,
    title: clean(titleOf(message)),
    counts: countsOf(notifications),
    groupKey: clean(senderGroup?.groupKey ?? groupKey),
    senderReceiver: clean(senderGroup?.receiver ?? ''),
    externalUrl: clean(senderGroup?.externalUrl ?? ''),
    truncatedAlerts: truncated,
    notShown: notifications.length - alerts.length + truncated,
    timezone: timeZone,
    groupLabels: cleanRecord(groupLabels),
    commonLabels: common(notifications.map(({ labels }) => labels)),
    commonAnnotations: common(notifications.map(({ annotations }) => annotations)),
    alerts: alerts.map((notification) => alertData(notification, timeZone)),
  };
}

function alertData(notification: Notification, timeZone: string) {
  const { status, labels, annotations, tags, source, links, values = {}, content, startsAt, endsAt } = notification;
  // The end of a firing alert is when it would be given up, as in Alertmanager's own template data.
  const over = status === 'firing' ? undefined : endsAt;
  return {
    status,
    labels: cleanRecord(labels),
    annotations: cleanRecord(annotations),
    tags: tags.map(clean),
    links: cleanRecord(links),
    values: cleanRecord(values),
    severity: clean(severityOf(notification)),
    source: clean(source ?? ''),
    text: clean(content?.kind === 'text' ? content.text : (annotations['summary'] ?? '')),
    startsAt: isoText(startsAt),
    endsAt: over === undefined ? '' : isoText(over),
    startsAtLocal: timeText(startsAt, timeZone),
    endsAtLocal: over === undefined ? '' : timeText(over, timeZone),
    duration: over === undefined ? '' : durationText(over - startsAt),
  };
}

const clean = (text: string) => new PlainText(text).toString();

/** Names that no template may use as they are: they get an underscore. */
const RESERVED: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

const cleanRecord = (record: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(record).map(([name, value]) => [RESERVED.has(name) ? `${name}_` : clean(name), clean(value)]),
  );

/** Entries that are the same in all records. */
function common(records: readonly Readonly<Record<string, string>>[]): Record<string, string> {
  const [first = {}, ...rest] = records;
  return cleanRecord(
    Object.fromEntries(
      Object.entries(first).filter(([name, value]) =>
        rest.every((record) => Object.hasOwn(record, name) && record[name] === value),
      ),
    ),
  );
}
