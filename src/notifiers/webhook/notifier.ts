import { isSluiceError } from '../../errors/sluice-error.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import type { Answer, Delivery, Endpoint, OpenNotifier } from '../kind.ts';
import { daysUntilExpiry, urlsInOrder, type WebhookDestination } from './destination.ts';
import { isRefusedUrl, type WebhookOutcome } from './outcome.ts';
import { sendWebhook, type WebhookMessage } from './send.ts';
import type { WebhookUrl } from './webhook-url.ts';

export interface WebhookNotifierOptions<Receiver extends object> {
  /** The destination of a receiver now. May throw SluiceError. */
  readonly resolve: (receiver: Receiver) => WebhookDestination;
  /** Normally that of `guardedTransport`. */
  readonly send: WebhookMessage['send'];
  readonly runtime: Runtime;
  readonly telemetry: Telemetry;
}

/** What a URL's endpoint is called: its keyed hash. */
const endpointOf = ({ identity }: WebhookUrl): string => identity;

/** A notifier for Workflows webhooks: one attempt, at the second URL too when the first is refused. */
export function createWebhookNotifier<Receiver extends object>(
  options: WebhookNotifierOptions<Receiver>,
): OpenNotifier<Receiver> & { endpoints(receiver: Receiver): readonly string[] } {
  const { runtime, telemetry } = options;
  const warned = new Set<string>();

  /** Time on the wire: a message that is not sent has none. */
  const send: WebhookMessage['send'] = async (request, signal) => {
    const startedAtMs = runtime.monotonic();
    const record = () => telemetry.record('teams.webhook.latency_ms', runtime.monotonic() - startedAtMs, {});
    try {
      const answer = await options.send(request, signal);
      record();
      return answer;
    } catch (error) {
      if (!isSluiceError(error) || error.details['sent'] !== false) record();
      throw error;
    }
  };

  function warnAhead(destination: WebhookDestination): void {
    const { identity } = destination.primary;
    const daysLeft = daysUntilExpiry(destination, runtime.now());
    if (daysLeft === undefined || warned.has(identity)) return;
    warned.add(identity);
    const expiresAt = new Date(destination.expiresAtMs!).toISOString();
    telemetry.log('webhook.expires', { webhook: identity, expiresAt, daysLeft });
  }

  async function attempt(
    url: WebhookUrl,
    destination: WebhookDestination,
    message: Delivery<Receiver>,
    signal: AbortSignal,
  ) {
    const startedAtMs = runtime.monotonic();
    const outcome = await telemetry.span('teams.webhook.send', { webhook: url.identity }, async (annotate) => {
      const { receipt, maxBytes } = destination;
      const { id, body: payload } = message;
      const result = await sendWebhook({ url, id, payload, send, runtime, receipt, maxBytes }, signal);
      annotate(attributesOf(result));
      return result;
    });
    const durationMs = Math.round(runtime.monotonic() - startedAtMs);
    const fields = { webhook: url.identity, messageId: message.id, outcome: outcome.kind, durationMs };
    if ('error' in outcome) telemetry.log('webhook.failed', { ...fields, code: outcome.error.code });
    else telemetry.log('webhook.sent', fields);
    return outcome;
  }

  /** One whose URL is refused before anybody is asked, a retired one above all, is gone. */
  function find(receiver: Receiver): WebhookDestination | Extract<Answer, { kind: 'permanent' }> {
    try {
      return options.resolve(receiver);
    } catch (error) {
      if (!isSluiceError(error)) throw error;
      return { kind: 'permanent', error, blame: 'gone' };
    }
  }

  /** From the one the outbox chose: those before it are out. */
  function urlsFrom(destination: WebhookDestination, endpoint: Endpoint | undefined) {
    const urls = urlsInOrder(destination, runtime.now());
    const at = urls.findIndex((url) => endpointOf(url) === endpoint);
    return at > 0 ? urls.slice(at) : urls;
  }

  async function notify(message: Delivery<Receiver>, signal: AbortSignal): Promise<Answer> {
    const destination = find(message.receiver);
    if ('kind' in destination) return destination;
    warnAhead(destination);
    const refusals: { endpoint: string; outcome: WebhookOutcome }[] = [];
    let last: (typeof refusals)[number] | undefined;
    for (const url of urlsFrom(destination, message.endpoint)) {
      if (last) refusals.push(last);
      last = { endpoint: endpointOf(url), outcome: await attempt(url, destination, message, signal) };
      // A refused URL posted nothing, so another one cannot post it twice.
      if (!isRefusedUrl(last.outcome)) break;
    }
    const { endpoint, outcome } = last!;
    return { ...outcome, endpoint, refusals: refusals.length > 0 ? refusals : undefined };
  }

  function endpoints(receiver: Receiver): readonly string[] {
    const destination = find(receiver);
    // The attempt says why; until then it is an endpoint of the destination's own name.
    if ('kind' in destination) return [];
    return urlsInOrder(destination, runtime.now()).map(endpointOf);
  }

  return { notify, endpoints };
}

function attributesOf(outcome: WebhookOutcome) {
  if (!('error' in outcome)) return { outcome: outcome.kind };
  const { code, request } = outcome.error;
  const status = request?.status;
  return {
    outcome: outcome.kind,
    'error.type': code,
    ...(status !== undefined && { 'http.response.status_code': status }),
  };
}
