import { isSluiceError } from '../../errors/sluice-error.ts';
import { webhookLimits } from '../../limits/webhook-limits.ts';
import { Secret } from '../../runtime/secret.ts';
import type { HouseHost } from '../house-host.ts';
import type { FieldFault, NotifierKind } from '../kind.ts';
import type { AllowedHosts } from './allowed-hosts.ts';
import type { WebhookDestination } from './destination.ts';
import { createWebhookNotifier } from './notifier.ts';
import { WebhookUrl } from './webhook-url.ts';

/** The fields of a receiver that is a webhook. */
export interface WebhookReceiver {
  readonly webhook: Secret | readonly [Secret, Secret];
  readonly max_bytes: number;
  readonly receipt?: string | undefined;
  readonly expires?: string | undefined;
}

export interface WebhookSettings {
  readonly webhooks: { readonly allowed_hosts: readonly string[]; readonly twin_hosts: readonly string[] };
  readonly resilience: { readonly webhook_rate_limit_per_second: number };
}

/** Keys of webhook identities in a check; a running sender has its own. */
const CHECK_KEY = new Secret('check');

const { windows, maxMessageBytes } = webhookLimits.workflow;

/** Workflows webhooks: the way into a channel that needs no bot. */
export const webhook: NotifierKind<WebhookReceiver, WebhookSettings> = {
  api: 1,
  name: 'webhook',

  fields: ({ z, secret, text }) => ({
    webhook: z
      .union([secret, z.tuple([secret, secret])])
      .describe('Webhook URL; or two while the first is being replaced: [old, new].'),
    max_bytes: z
      .int()
      .min(1_024)
      .max(maxMessageBytes)
      .default(maxMessageBytes)
      .describe('Largest message in bytes; some flows refuse from 21 KB.'),
    receipt: text.optional().describe("Body that the flow's own Response action answers after it posted."),
    expires: z.iso.date({ error: 'Expected a date such as 2026-12-31.' }).optional().describe('When to replace it.'),
  }),

  settings: ({ z, text }) => ({
    webhooks: {
      allowed_hosts: z.array(text).default([]).describe('Further https hosts that may be sent to, exact names.'),
      twin_hosts: z
        .array(z.string().regex(/^(\[[\da-f:]+\]|[\w.-]+):\d{1,5}$/i, 'Expected host:port.'))
        .default([])
        .describe('host:port of test twins; there http and private addresses are allowed.'),
    },
    resilience: {
      webhook_rate_limit_per_second: z
        .int()
        .min(1)
        .max(4)
        .default(4)
        .describe('Sending only, messages per webhook. The published limit is 4.'),
    },
  }),

  check: (receiver, settings) =>
    urlsOf(receiver).flatMap((url) => faultOf(() => parsed(url, settings, CHECK_KEY)) ?? []),

  profile: ({ max_bytes: maxBytes }) => ({ name: 'workflow', maxBytes }),

  windows: (_, { resilience }) =>
    windows.map(({ limit, windowMs }) => ({
      windowMs,
      limit: windowMs === 1_000 ? Math.min(limit, resilience.webhook_rate_limit_per_second) : limit,
    })),

  open(host: HouseHost<WebhookSettings>) {
    const { runtime, telemetry, identityKey } = host;
    const transport = host.connect(
      () => ({ ...host.network(), allow: allowedBy(host.settings()) }),
      async ({ allow, timeoutMs, connectTimeoutMs, ca, proxy }) => {
        const { guardedTransport } = await import('./guarded-transport.ts');
        return guardedTransport({ runtime, allow, timeoutMs, connectTimeoutMs, ca, proxy });
      },
    );
    // The receivers of a configuration that is not in use any more are forgotten with it.
    const made = new WeakMap<WebhookReceiver, WebhookDestination>();
    const resolve = (receiver: WebhookReceiver): WebhookDestination => {
      const destination = made.get(receiver) ?? destinationOf(receiver, host.settings(), identityKey);
      made.set(receiver, destination);
      return destination;
    };
    const notifier = createWebhookNotifier({ resolve, send: transport.send, runtime, telemetry });
    return { ...notifier, close: transport.close };
  },
};

const urlsOf = ({ webhook: given }: WebhookReceiver): readonly Secret[] => (given instanceof Secret ? [given] : given);

const allowedBy = ({ webhooks }: WebhookSettings): AllowedHosts => ({
  hosts: webhooks.allowed_hosts,
  twins: webhooks.twin_hosts,
});

const parsed = (url: Secret, settings: WebhookSettings, identityKey: Secret): WebhookUrl =>
  WebhookUrl.parse(url, { allow: allowedBy(settings), identityKey });

/**
 * What a webhook URL may be shown as.
 *
 * @throws SluiceError as {@link WebhookUrl.parse}, with the field that it was given in
 */
export function maskedWebhook(url: string, settings: WebhookSettings, given: { identityKey: Secret; field: string }) {
  return WebhookUrl.parse(url, { allow: allowedBy(settings), ...given }).masked;
}

function destinationOf(receiver: WebhookReceiver, settings: WebhookSettings, key: Secret): WebhookDestination {
  const [primary, secondary] = urlsOf(receiver).map((url) => parsed(url, settings, key));
  const { receipt, expires, max_bytes: maxBytes } = receiver;
  const expiresAtMs = expires === undefined ? undefined : Date.parse(expires);
  return { primary: primary!, secondary, receipt, expiresAtMs, maxBytes };
}

function faultOf(parse: () => unknown): FieldFault | undefined {
  try {
    parse();
    return undefined;
  } catch (error) {
    if (!isSluiceError(error)) throw error;
    return { field: 'webhook', problem: error.message };
  }
}
