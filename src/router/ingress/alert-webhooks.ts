import { z } from 'zod';
import type { Notification } from '../../notifiers/types.ts';
import { digest, sortedEntries } from '../notification.ts';
import { type IngressContext, parseBody } from './body.ts';
import { annotations, instant, labels, webLinks } from './fields.ts';

/** Most alerts in one body. */
const MAX_ALERTS = 10_000;

const link = z.string().max(8_192).optional();

const HOUR_MS = 3_600_000;

/**
 * Both senders say themselves when an alert is over, and repeat one that still fires, at the latest when they have
 * forgotten that they sent it: after `--data.retention`, 120 h. One that is not heard of for longer is over, or its
 * sender is; until then the resolve timeout is none of ours. The hour is for the group's own pace.
 *
 * @see https://prometheus.io/docs/alerting/latest/configuration/#route (repeat_interval)
 */
const LONGEST_SILENCE_MS = 121 * HOUR_MS;

/** The alert of both senders; Grafana adds links. Unknown fields are ignored: newer versions add some. */
const alert = z.object({
  status: z.enum(['firing', 'resolved']),
  labels,
  annotations: annotations.default({}),
  startsAt: instant,
  endsAt: instant.optional(),
  generatorURL: link,
  fingerprint: z.string().max(256).optional(),
  silenceURL: link,
  dashboardURL: link,
  panelURL: link,
  imageURL: link,
});

const alerts = z.array(alert).min(1).max(MAX_ALERTS);

const alertmanagerWebhook = z.object({ version: z.literal('4'), alerts });

const grafanaWebhook = z.object({ alerts });

/**
 * Reads the body of Alertmanager's webhook receiver, version 4.
 *
 * @throws SluiceError `body_invalid`
 * @see https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
 */
export function parseAlertmanagerWebhook(body: string | Uint8Array, context: IngressContext): Notification[] {
  const parsed = parseBody(body, alertmanagerWebhook, 'Alertmanager webhook');
  return parsed.alerts.map((one) => toNotification(one, 'alertmanager', context));
}

/**
 * Reads the body of Grafana's webhook contact point.
 *
 * @throws SluiceError `body_invalid`
 * @see https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/
 */
export function parseGrafanaWebhook(body: string | Uint8Array, context: IngressContext): Notification[] {
  const parsed = parseBody(body, grafanaWebhook, 'Grafana webhook');
  return parsed.alerts.map((one) => toNotification(one, 'grafana', context));
}

function toNotification(one: z.output<typeof alert>, source: string, { tenant, now }: IngressContext): Notification {
  const endsAt = one.status === 'firing' ? now + LONGEST_SILENCE_MS : one.endsAt;
  return {
    tenant,
    status: one.status,
    fingerprint: one.fingerprint || digest(sortedEntries(one.labels)),
    labels: one.labels,
    annotations: one.annotations,
    tags: [],
    source,
    links: webLinks({
      generator: one.generatorURL,
      silence: one.silenceURL,
      dashboard: one.dashboardURL,
      panel: one.panelURL,
      image: one.imageURL,
    }),
    startsAt: one.startsAt ?? now,
    ...(endsAt !== undefined && { endsAt }),
    trail: [],
  };
}
