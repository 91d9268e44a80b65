import { z } from 'zod';
import type { IngressName, Received } from '../../messages/received.ts';
import { parseAlertmanagerWebhook, parseGrafanaWebhook } from './alert-webhooks.ts';
import { type IngressContext, parseBody } from './body.ts';
import { parseNotification } from './notification.ts';

export type { IngressName };

type Parse = (body: Uint8Array, context: IngressContext) => Received | Promise<Received>;

/** Every form in which notifications come in. */
export const ingresses: Readonly<Record<IngressName, Parse>> = {
  notification: parseNotification,
  alertmanager: parseAlertmanagerWebhook,
  grafana: parseGrafanaWebhook,
};

const formSchema = z.object({
  alerts: z.unknown().optional(),
  version: z.unknown().optional(),
  orgId: z.unknown().optional(),
});

/**
 * Tells the form of a body by its fields. Only Grafana names an organisation.
 *
 * @throws SluiceError `body_invalid`
 */
export function ingressOf(body: Uint8Array): IngressName {
  const { alerts, version, orgId } = parseBody(body, formSchema, 'Body');
  if (alerts === undefined) return 'notification';
  return version === '4' && orgId === undefined ? 'alertmanager' : 'grafana';
}
