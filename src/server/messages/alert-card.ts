import {
  type AdaptiveCard,
  card,
  container,
  factSet,
  type HostProfile,
  openUrl,
  textBlock,
  type UrlPolicy,
  urlProblem,
} from '../../cards/index.ts';
import { PlainText } from '../../html/index.ts';
import type { Message, Notification } from '../../notifiers/types.ts';

/** Alerts shown one by one; of the rest only the count is told. */
const MAX_ALERTS_SHOWN = 50;

/** Labels and annotations shown of one alert. */
const MAX_FACTS = 20;

/** Links shown as buttons. */
const MAX_LINKS = 4;

const looks = {
  firing: { word: 'Firing', style: 'attention' },
  resolved: { word: 'Resolved', style: 'good' },
  event: { word: 'Event', style: 'default' },
} as const;

const linkTitles: Readonly<Record<string, string>> = {
  generator: 'Source',
  dashboard: 'Dashboard',
  panel: 'Panel',
  silence: 'Silence',
  image: 'Image',
};

/** The card of notifications that bring none of their own: what fires, since when, with which labels. Not yet checked. */
export function alertCard(message: Message, profile: HostProfile, policy: UrlPolicy): AdaptiveCard {
  const shown = message.notifications.slice(0, MAX_ALERTS_SHOWN);
  const hidden = message.notifications.length - shown.length;
  const built = card().title(new PlainText(titleOf(message)));
  built.add(...shown.map(alertOf));
  if (hidden > 0) built.add(textBlock(`and ${hidden} more`, { isSubtle: true }));
  const links = linksOf(shown, policy);
  if (links.length > 0) built.actions(...links);
  return { ...built.part(), version: profile.version };
}

function titleOf({ status, notifications, groupLabels }: Message): string {
  const { word } = looks[status];
  const names = [...new Set(notifications.map(nameOf))];
  const name = groupLabels['alertname'] ?? (names.length === 1 ? names[0] : `${names.length} alerts`);
  return notifications.length === 1 ? `${word}: ${name}` : `${word} (${notifications.length}): ${name}`;
}

const nameOf = ({ labels, annotations, fingerprint }: Notification) =>
  labels['alertname'] || annotations['summary'] || fingerprint;

function alertOf(notification: Notification) {
  const { annotations, labels, startsAt } = notification;
  const heading = annotations['summary'] || nameOf(notification);
  const description = annotations['description'] || annotations['message'];
  const facts = [...Object.entries(labels), ['since', new Date(startsAt).toISOString()] as const]
    .filter(([, value]) => value !== '')
    .slice(0, MAX_FACTS)
    .map(([name, value]) => [new PlainText(name), new PlainText(value)] as const);
  return container(
    [
      textBlock(new PlainText(heading), { weight: 'Bolder' }),
      ...(description ? [textBlock(new PlainText(description))] : []),
      factSet(facts),
    ],
    { style: looks[notification.status].style },
  );
}

/** Links that a card may hold, each address once. */
function linksOf(notifications: readonly Notification[], policy: UrlPolicy) {
  const links = notifications.flatMap(({ links }) => Object.entries(links));
  const good = links.filter(([, url]) => urlProblem(url, policy) === undefined);
  const unique = [...new Map(good.map(([name, url]) => [url, name]))];
  return unique.slice(0, MAX_LINKS).map(([url, name]) => openUrl(linkTitles[name] ?? 'Link', url));
}
