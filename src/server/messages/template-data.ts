import type { Message, Notification } from '../../notifiers/types.ts';

/** What a receiver's card template can use. Part of the public interface: names stay. */
export function templateData(message: Message): Readonly<Record<string, unknown>> {
  const { status, receiver, groupLabels, notifications } = message;
  return {
    status,
    receiver,
    count: notifications.length,
    groupLabels,
    commonLabels: common(notifications.map(({ labels }) => labels)),
    commonAnnotations: common(notifications.map(({ annotations }) => annotations)),
    alerts: notifications.map(alertData),
  };
}

function alertData({ content, startsAt, endsAt, ...rest }: Notification) {
  const { status, labels, annotations, tags, severity, source, links } = rest;
  return {
    status,
    labels,
    annotations,
    tags,
    links,
    severity: severity ?? labels['severity'] ?? '',
    source: source ?? '',
    text: content?.kind === 'text' ? content.text : (annotations['summary'] ?? ''),
    startsAt: new Date(startsAt).toISOString(),
    // The end of a firing alert is when it would be given up, as in Alertmanager's own template data.
    endsAt: endsAt === undefined || status === 'firing' ? '' : new Date(endsAt).toISOString(),
  };
}

/** Entries that are the same in all records. */
function common(records: readonly Readonly<Record<string, string>>[]): Record<string, string> {
  const [first = {}, ...rest] = records;
  return Object.fromEntries(
    Object.entries(first).filter(([name, value]) =>
      rest.every((record) => Object.hasOwn(record, name) && record[name] === value),
    ),
  );
}
