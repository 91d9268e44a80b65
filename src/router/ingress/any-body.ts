import { z } from 'zod';
import type { Notification } from '../../notifiers/types.ts';
import { parseAlertmanagerWebhook, parseGrafanaWebhook } from './alert-webhooks.ts';
import { type IngressContext, parseBody } from './body.ts';
import { parseNotification } from './notification.ts';

const shape = z.looseObject({ alerts: z.unknown().optional(), version: z.unknown().optional() });

/**
 * Reads a body in any form that the server takes, by its fields: Alertmanager's has `alerts` and `version`, Grafana's
 * has `orgId` besides or no version "4", everything else is Sluice's own.
 *
 * @throws SluiceError `body_invalid`
 */
export function parseAlerts(body: Uint8Array, context: IngressContext): Notification[] {
  const given = parseBody(body, shape, 'Notification');
  if (given.alerts === undefined) return [parseNotification(body, context)];
  const isAlertmanager = given.version === '4' && !Object.hasOwn(given, 'orgId');
  return isAlertmanager ? parseAlertmanagerWebhook(body, context) : parseGrafanaWebhook(body, context);
}
