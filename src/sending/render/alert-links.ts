import { encodedUrl, type UrlPolicy, urlProblem } from '../../cards/index.ts';
import { below } from '../../messages/oddities.ts';
import type { Notification } from '../../messages/types.ts';
import { cutText } from './cut-text.ts';
import { nameOf } from './state-words.ts';

/** A link that a card may hold, with the alerts it belongs to. */
export interface AlertLink {
  readonly title: string;
  readonly url: string;
  readonly owners: readonly Notification[];
}

/** What came as a link and may not be one: it is told as text. */
export interface RefusedLink {
  readonly title: string;
  /** The text that came, without a password. */
  readonly text: string;
  readonly reason: string;
  /** Where it stood in the notification, and why it is none: for logs. */
  readonly place: string;
}

export interface AlertLinks {
  /** Each address once, the most useful first. */
  readonly usable: readonly AlertLink[];
  readonly refused: ReadonlyMap<Notification, readonly RefusedLink[]>;
  /** Pictures that Teams may fetch. */
  readonly images: ReadonlyMap<Notification, string>;
}

/** Links whose names senders have agreed on, in the order in which they help. Others follow under their own names. */
const TITLES: Readonly<Record<string, string>> = {
  runbook: 'Runbook',
  dashboard: 'Dashboard',
  panel: 'Panel',
  generator: 'Source',
  silence: 'Silence',
  image: 'Image',
};
const KNOWN = Object.keys(TITLES);

const IMAGE = 'image';
const MAX_TITLE_LENGTH = 60;

/** An annotation that is nothing but a link: `runbook_url`. */
export const isLinkAnnotation = (value: string): boolean => /^https?:\/\/\S+$/i.test(value.trim());

/** All links of notifications, those of their annotations too, sorted by what may be done with them. */
export function linksOf(notifications: readonly Notification[], policy: UrlPolicy): AlertLinks {
  const usable = new Map<string, { title: string; owners: Notification[] }>();
  const refused = new Map<Notification, RefusedLink[]>();
  const images = new Map<Notification, string>();
  for (const notification of notifications) {
    for (const [name, value, path] of namedLinks(notification)) {
      const title = Object.hasOwn(TITLES, name) ? TITLES[name]! : cutText(name, MAX_TITLE_LENGTH);
      const url = encodedUrl(value);
      const reason = urlProblem(url, 'open', policy);
      if (name === IMAGE && !images.has(notification) && urlProblem(url, 'image', policy) === undefined) {
        images.set(notification, url);
      } else if (reason === undefined) {
        const known = usable.get(url);
        if (known) known.owners.push(notification);
        else usable.set(url, { title, owners: [notification] });
      } else {
        const told = { title, text: withoutPassword(value), reason, place: `${path}: ${reason}` };
        refused.set(notification, [...(refused.get(notification) ?? []), told]);
      }
    }
  }
  return {
    usable: [...usable].map(([url, { title, owners }]) => ({ title, url, owners: [...new Set(owners)] })),
    refused,
    images,
  };
}

/** What may not be a link, by its place. */
export const placesOf = ({ refused }: AlertLinks): readonly string[] =>
  [...refused.values()].flat().map(({ place }) => place);

function namedLinks({ links, annotations }: Notification): (readonly [name: string, value: string, path: string])[] {
  const ofLinks = Object.entries(links).map(([name, value]) => [name, value, below('links', name)] as const);
  const ofAnnotations = Object.entries(annotations)
    .filter(([, value]) => isLinkAnnotation(value))
    .map(([name, value]) => {
      return [name.replace(/_?(?:url|link)$/i, '') || name, value, below('annotations', name)] as const;
    });
  const all = [...ofLinks, ...ofAnnotations].filter(([, value]) => value.trim() !== '');
  const rank = (name: string) => (KNOWN.includes(name) ? KNOWN.indexOf(name) : KNOWN.length);
  return all.toSorted(([a], [b]) => rank(a) - rank(b));
}

/** What stands between the scheme and the host may be a password. */
const withoutPassword = (text: string) => text.replace(/^(\s*[a-z][a-z0-9+.-]*:[\\/]{2})[^/?#]*@/i, '$1***@');

/** Labels that tell one alert from another, the most telling first. */
const TELLING = ['instance', 'host', 'hostname', 'node', 'pod', 'container', 'service', 'job', 'device', 'cluster'];

/** A short name for each of several alerts: by the label in which all differ, else by all labels in which some do. */
export function whoseOf(notifications: readonly Notification[]): ReadonlyMap<Notification, string> {
  const names = [...new Set([...TELLING, ...notifications.flatMap(({ labels }) => Object.keys(labels))])];
  const valuesOf = (name: string) => new Set(notifications.map(({ labels }) => ownLabel(labels, name)));
  const differing = names.filter((name) => valuesOf(name).size > 1);
  const telling = differing.find((name) => {
    const values = valuesOf(name);
    return values.size === notifications.length && !values.has('');
  });
  const told = telling === undefined ? differing : [telling];
  return new Map(
    notifications.map((notification) => {
      const values = told.map((name) => ownLabel(notification.labels, name)).filter((value) => value !== '');
      return [notification, cutTitle(values.join(' ') || notification.annotations['summary'] || nameOf(notification))];
    }),
  );
}

const ownLabel = (labels: Notification['labels'], name: string) => (Object.hasOwn(labels, name) ? labels[name]! : '');

/** The title of a button; with more than one alert in the card it says whose it is. */
export function buttonTitle(link: AlertLink, whose: ReadonlyMap<Notification, string>): string {
  const [first, ...others] = link.owners;
  if (!first || whose.size === 1 || link.owners.length === whose.size) return link.title;
  const more = others.length > 0 ? ` and ${others.length} more` : '';
  return `${link.title}: ${whose.get(first) ?? nameOf(first)}${more}`;
}

const cutTitle = (text: string) =>
  text.length > MAX_TITLE_LENGTH ? `${text.slice(0, MAX_TITLE_LENGTH).replace(/[\ud800-\udbff]$/, '')}…` : text;
