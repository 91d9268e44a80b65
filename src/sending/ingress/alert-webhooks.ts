import { below, Oddities } from '../../messages/oddities.ts';
import type { Received, ReceivedGroup } from '../../messages/received.ts';
import type { Notification } from '../../messages/types.ts';
import { inSlices } from '../../router/groups/slices.ts';
import { digest, sortedEntries } from '../../router/notification.ts';
import { type IngressContext, readJsonBody } from './body.ts';
import { MAX_LABEL_CHARS } from './fields.ts';
import {
  isRecord,
  readAnnotations,
  readCount,
  readInstant,
  readLabels,
  readLink,
  readText,
  readTexts,
} from './tolerant.ts';

/** Most alerts read of one body; those beyond are counted as left out. */
export const MAX_ALERTS = 50_000;

/** Longest key that is kept as it is; a longer one is kept as its digest. */
const MAX_GROUP_KEY_CHARS = 4_096;

/** Where each link of an alert stands. Grafana adds all but the first. */
const linkFields = {
  generator: 'generatorURL',
  silence: 'silenceURL',
  dashboard: 'dashboardURL',
  panel: 'panelURL',
  image: 'imageURL',
} as const;

type Sender = ReceivedGroup['sender'];

/**
 * Reads the body of Alertmanager's webhook receiver, version 4. Its sender takes a refusal as final, so nothing but a
 * body that is no JSON or has no list of alerts is refused: what is odd is cut, dropped or read as absent, for that
 * alert alone, and noted.
 *
 * @throws SluiceError `body_invalid`
 * @see https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
 */
export const parseAlertmanagerWebhook = (body: string | Uint8Array, context: IngressContext): Promise<Received> =>
  readAlertBody(body, { sender: 'alertmanager', what: 'Alertmanager webhook' }, context);

/**
 * Reads the body of Grafana's webhook contact point, as {@link parseAlertmanagerWebhook} does.
 *
 * @throws SluiceError `body_invalid`
 * @see https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/
 */
export const parseGrafanaWebhook = (body: string | Uint8Array, context: IngressContext): Promise<Received> =>
  readAlertBody(body, { sender: 'grafana', what: 'Grafana webhook' }, context);

async function readAlertBody(
  body: string | Uint8Array,
  { sender, what }: { readonly sender: Sender; readonly what: string },
  context: IngressContext,
): Promise<Received> {
  const oddities = new Oddities();
  const { value, bodyDigest } = readJsonBody(body, what, oddities);
  const shown = value.alerts.slice(0, MAX_ALERTS);
  const beyond = value.alerts.length - shown.length;
  if (beyond > 0) oddities.note('alerts', 'alerts', 'dropped', beyond);
  const bodyStatus = value['status'];
  const notifications: Notification[] = [];
  let index = 0;
  for await (const one of inSlices(shown)) {
    const read = readAlert(one, { path: `alerts[${index}]`, sender, bodyStatus, oddities, context });
    if (read) notifications.push(read);
    index += 1;
  }
  const read = readGroup(value, { sender, notifications, oddities });
  const group = { ...read, truncatedAlerts: read.truncatedAlerts + beyond, bodyDigest };
  return { ingress: sender, notifications, group, oddities };
}

interface AlertPlace {
  readonly path: string;
  readonly sender: Sender;
  readonly bodyStatus: unknown;
  readonly oddities: Oddities;
  readonly context: IngressContext;
}

/** Undefined: there is nothing in it that could be shown. */
function readAlert(one: unknown, place: AlertPlace): Notification | undefined {
  const { path, sender, oddities: odd, context } = place;
  const nothing = () => {
    odd.note(path, 'alert', 'dropped');
    return undefined;
  };
  if (!isRecord(one)) return nothing();
  const at = <Field extends string>(name: string, field: Field) => ({ path: below(path, name), field, odd });
  const labels = readLabels(one['labels'], at('labels', 'labels'));
  const annotations = readAnnotations(one['annotations'], at('annotations', 'annotations'));
  const links = Object.entries(linkFields).flatMap(([name, key]) => {
    const link = readLink(one[key], at(key, 'link'));
    return link === undefined ? [] : [[name, link] as const];
  });
  const hasText = Object.keys(labels).length + Object.keys(annotations).length + links.length > 0;
  if (!hasText) return nothing();
  const status = readStatus(one['status'], place);
  const startsAt = readInstant(one['startsAt'], at('startsAt', 'startsAt')) ?? context.now;
  const endsAt = status === 'resolved' ? readInstant(one['endsAt'], at('endsAt', 'endsAt')) : undefined;
  const values = readValues(one, at('values', 'values'));
  return {
    tenant: context.tenant,
    status,
    fingerprint: readFingerprint(one['fingerprint'], at('fingerprint', 'fingerprint')) ?? digest(sortedEntries(labels)),
    labels,
    annotations,
    tags: [],
    source: sender,
    links: Object.fromEntries(links),
    startsAt,
    ...(endsAt !== undefined && { endsAt }),
    ...(values && { values }),
    trail: [],
  };
}

/** An unknown status is that of the body, and else firing: an alert too many does less harm than one too few. */
function readStatus(value: unknown, { path, bodyStatus, oddities }: AlertPlace): 'firing' | 'resolved' {
  const known = knownStatus(value);
  if (known !== undefined) return known;
  oddities.note(`${path}.status`, 'status', 'absent');
  return knownStatus(bodyStatus) ?? 'firing';
}

function knownStatus(value: unknown): 'firing' | 'resolved' | undefined {
  const word = typeof value === 'string' ? value.toLowerCase() : '';
  return word === 'firing' || word === 'resolved' ? word : undefined;
}

type At = Parameters<typeof readText>[2];

function readFingerprint(value: unknown, at: At): string | undefined {
  const text = readText(value, Number.POSITIVE_INFINITY, at);
  if (text === undefined || text === '') return undefined;
  if (text.length <= MAX_LABEL_CHARS) return text;
  at.odd.note(at.path, at.field, 'cut');
  return digest([text]);
}

/** Grafana's values are numbers by the name of their expression, null where there was no data; older ones only say them in words. */
function readValues(one: Readonly<Record<string, unknown>>, at: At): Record<string, string> | undefined {
  const { values, valueString } = one;
  if (isRecord(values)) {
    const known = Object.entries(values)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [name, typeof value === 'number' ? String(value) : value]);
    const texts = readTexts(Object.fromEntries(known), MAX_LABEL_CHARS, at);
    return Object.keys(texts).length > 0 ? texts : undefined;
  }
  if (values !== undefined && values !== null) at.odd.note(at.path, at.field, 'absent');
  if (typeof valueString !== 'string') return undefined;
  const said = valueString
    .slice(0, MAX_LABEL_CHARS)
    .matchAll(/var='([^']{1,100})'[^\]]{0,1000}?value=([^\s\]]{1,100})/g);
  const texts = Object.fromEntries([...said].map(([, name, value]) => [name!, value!]));
  return Object.keys(texts).length > 0 ? texts : undefined;
}

function readGroup(
  body: Readonly<Record<string, unknown>>,
  given: { readonly sender: Sender; readonly notifications: readonly Notification[]; readonly oddities: Oddities },
): Omit<ReceivedGroup, 'bodyDigest'> {
  const { sender, notifications, oddities: odd } = given;
  if (sender === 'alertmanager' && body['version'] !== undefined && body['version'] !== '4') {
    odd.note('version', 'version', 'absent');
  }
  const groupLabels = readLabels(body['groupLabels'], { path: 'groupLabels', field: 'groupLabels', odd });
  const receiver = readText(body['receiver'], MAX_LABEL_CHARS, { path: 'receiver', field: 'receiver', odd }) ?? '';
  const groupKey = readGroupKey(body['groupKey'], { path: 'groupKey', field: 'groupKey', odd });
  return {
    sender,
    groupKey: groupKey ?? keyWithout(groupLabels, notifications),
    receiver,
    groupLabels,
    truncatedAlerts: readCount(body['truncatedAlerts'], { path: 'truncatedAlerts', field: 'truncatedAlerts', odd }),
    externalUrl: readLink(body['externalURL'], { path: 'externalURL', field: 'link', odd }),
  };
}

function readGroupKey(value: unknown, at: At): string | undefined {
  const key = readText(value, Number.POSITIVE_INFINITY, at);
  if (key === undefined || key === '') return undefined;
  return key.length <= MAX_GROUP_KEY_CHARS ? key : digest([key]);
}

/** A body that names no group is known by what it groups by, and else by its alerts: they come again when they are over. */
function keyWithout(groupLabels: Readonly<Record<string, string>>, notifications: readonly Notification[]): string {
  const labels = sortedEntries(groupLabels);
  return labels.length > 0
    ? JSON.stringify(labels)
    : digest(['alerts', ...notifications.map(({ fingerprint }) => fingerprint).sort()]);
}
