import { isSluiceError, SluiceError } from '../errors/sluice-error.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { daysUntilExpiry, urlsToTry, type WebhookDestination } from '../webhooks/destination.ts';
import {
  afterOutcome,
  type EndpointPolicy,
  type EndpointState,
  isRefusedUrl,
  newEndpoint,
} from '../webhooks/endpoint.ts';
import { sendWebhook, type WebhookMessage } from '../webhooks/send.ts';
import type { WebhookUrl } from '../webhooks/webhook-url.ts';
import type { Notifier, Outcome } from './types.ts';

export interface WebhookNotifierOptions {
  /** Default `webhook`. */
  readonly name?: string;
  /** The destination of that name now; asked at every attempt, so a reload needs nothing else. May throw SluiceError. */
  readonly resolve: (destination: string) => WebhookDestination | undefined;
  /** Normally that of `guardedTransport`. */
  readonly send: WebhookMessage['send'];
  readonly runtime: Runtime;
  readonly telemetry: Telemetry;
  readonly policy?: EndpointPolicy;
  /** What an earlier process knew, by identity of the URL: {@link WebhookNotifier.endpoints}. */
  readonly endpoints?: Readonly<Record<string, EndpointState>>;
}

/** Sends a message, whole as it goes over the wire, to a webhook. */
export interface WebhookNotifier extends Notifier {
  /** Health of every URL that was used, by its identity; of a destination without a usable URL, by its name. Plain JSON. */
  endpoints(): Record<string, EndpointState>;
  /** Forgets what is known of a URL, so that it is used again. */
  enable(identity: string): void;
}

type Attempted = Parameters<Notifier['notify']>[0];

/** A notifier for Workflows webhooks: one attempt, at the second URL too when the first is refused. */
export function createWebhookNotifier(options: WebhookNotifierOptions): WebhookNotifier {
  const { runtime, telemetry } = options;
  const states = new Map(Object.entries(options.endpoints ?? {}));
  const warned = new Set<string>();
  const stateOf = ({ identity }: WebhookUrl) => states.get(identity) ?? newEndpoint(runtime.now());

  /** Time on the wire: a message that is not sent has none. */
  const send: WebhookMessage['send'] = async (request, signal) => {
    const startedAtMs = runtime.now();
    const record = () => telemetry.record('teams.webhook.latency_ms', runtime.now() - startedAtMs, {});
    try {
      const answer = await options.send(request, signal);
      record();
      return answer;
    } catch (error) {
      if (!isSluiceError(error) || error.details['sent'] !== false) record();
      throw error;
    }
  };

  function remember(webhook: string, outcome: Outcome): void {
    const before = states.get(webhook) ?? newEndpoint(runtime.now());
    const after = afterOutcome(before, outcome, runtime.now(), options.policy);
    states.set(webhook, after);
    if (after.health === before.health) return;
    const { health, reason } = after;
    telemetry.log('webhook.health', { webhook, health, ...(reason && { reason }) });
  }

  function warnAhead(destination: WebhookDestination): void {
    const { identity } = destination.primary;
    const daysLeft = daysUntilExpiry(destination, runtime.now());
    if (daysLeft === undefined || warned.has(identity)) return;
    warned.add(identity);
    const expiresAt = new Date(destination.expiresAtMs!).toISOString();
    telemetry.log('webhook.expires', { webhook: identity, expiresAt, daysLeft });
  }

  async function attempt(url: WebhookUrl, destination: WebhookDestination, message: Attempted, signal: AbortSignal) {
    const startedAtMs = runtime.now();
    const outcome = await telemetry.span('teams.webhook.send', { webhook: url.identity }, async (annotate) => {
      const { receipt, maxBytes } = destination;
      const given = { ...(receipt !== undefined && { receipt }), ...(maxBytes !== undefined && { maxBytes }) };
      const { id, payload } = message;
      const result = await sendWebhook({ url, id, payload, send, runtime, ...given }, signal);
      annotate(attributesOf(result));
      return result;
    });
    const durationMs = runtime.now() - startedAtMs;
    const fields = { webhook: url.identity, messageId: message.id, outcome: outcome.kind, durationMs };
    if ('error' in outcome) telemetry.log('webhook.failed', { ...fields, code: outcome.error.code });
    else telemetry.log('webhook.sent', fields);
    remember(url.identity, outcome);
    return outcome;
  }

  /** The destination now. One whose URL is refused, a retired one above all, has a health under its own name. */
  function find(name: string): WebhookDestination | Extract<Outcome, { kind: 'permanent' }> {
    try {
      const destination = options.resolve(name);
      if (!destination) return { kind: 'permanent', error: unknownDestination(name) };
      states.delete(name);
      return destination;
    } catch (error) {
      if (!isSluiceError(error)) throw error;
      const outcome = { kind: 'permanent', error } as const;
      remember(name, outcome);
      return outcome;
    }
  }

  async function notify(message: Attempted, signal: AbortSignal): Promise<Outcome> {
    const destination = find(message.destination);
    if ('kind' in destination) return destination;
    warnAhead(destination);
    const [first, second] = urlsToTry(destination, stateOf, runtime.now());
    let outcome = await attempt(first, destination, message, signal);
    // A refused URL posted nothing, so the other one cannot post it twice.
    if (second && isRefusedUrl(outcome)) outcome = await attempt(second, destination, message, signal);
    return outcome;
  }

  return {
    name: options.name ?? 'webhook',
    notify,
    endpoints: () => Object.fromEntries(states),
    enable: (identity) => {
      states.delete(identity);
    },
  };
}

function attributesOf(outcome: Outcome) {
  if (!('error' in outcome)) return { outcome: outcome.kind };
  const { code, request } = outcome.error;
  const status = request?.status;
  return {
    outcome: outcome.kind,
    'error.type': code,
    ...(status !== undefined && { 'http.response.status_code': status }),
  };
}

const unknownDestination = (name: string) =>
  new SluiceError({
    code: 'destination_unknown',
    recovery: 'user_action',
    surface: 'webhook',
    message: `There is no webhook destination "${name}".`,
    hint: 'Add it to the configuration, or redrive the message once it is there.',
    details: { destination: name },
  });
