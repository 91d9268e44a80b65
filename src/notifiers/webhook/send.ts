import type { HttpRequest, Send } from '../../http/types.ts';
import { webhookLimits } from '../../limits/webhook-limits.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { answerOutcome, errorOutcome, failureOutcome, type OutcomeContext, type WebhookOutcome } from './outcome.ts';
import { sendRules } from './outcome-rules.ts';
import type { WebhookUrl } from './webhook-url.ts';

/**
 * The header that carries the message's id: the same in every attempt, so that a receiver can tell a duplicate.
 *
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#webhook-headers-sending-metadata-to-consumers
 */
export const MESSAGE_ID_HEADER = 'webhook-id';

export interface WebhookMessage {
  readonly url: WebhookUrl;
  /** Stable id of the message. */
  readonly id: string;
  /** The message as JSON: `{type: 'message', attachments: […]}`. */
  readonly payload: unknown;
  /** Normally that of `guardedTransport`. */
  readonly send: Send;
  readonly runtime: Runtime;
  /** The body that the flow's own Response action answers; with it a 200 is proof. */
  readonly receipt?: string | undefined;
  /** Largest body in bytes of UTF-8. Default 28 KB; some flows refuse from 21 KB. */
  readonly maxBytes?: number | undefined;
}

/**
 * Makes one attempt. What the webhook is known to refuse is not sent. Never rejects: an abort after the request went
 * out is `unknown`.
 */
export async function sendWebhook(message: WebhookMessage, signal?: AbortSignal): Promise<WebhookOutcome> {
  const { url, id, runtime } = message;
  const context = { webhook: url.identity, messageId: id };
  const body = toJson(message.payload);
  if (body === undefined) return failureOutcome(sendRules.not_json, context);
  const maxBytes = message.maxBytes ?? webhookLimits.workflow.maxMessageBytes;
  if (Buffer.byteLength(body) > maxBytes) return failureOutcome(sendRules.too_large, context);
  if (signal?.aborted) return failureOutcome(sendRules.given_up, context);
  const outcomeContext = (): OutcomeContext => ({
    ...context,
    nowMs: runtime.now(),
    receipt: message.receipt,
  });
  try {
    return answerOutcome(await message.send(request(message, body), signal), outcomeContext());
  } catch (error) {
    return errorOutcome(error, outcomeContext());
  }
}

function request({ url, id }: WebhookMessage, body: string): HttpRequest {
  return {
    method: 'POST',
    url: url.reveal(),
    route: '/webhook',
    ids: { webhook: url.identity },
    headers: { 'content-type': 'application/json; charset=utf-8', [MESSAGE_ID_HEADER]: headerValue(id) },
    body,
    idempotent: false,
  };
}

/** Visible ASCII, whatever the caller's id holds. The detour over UTF-8 replaces lone surrogates. */
const headerValue = (id: string) => encodeURIComponent(Buffer.from(id).toString());

/** No cause is kept of a failure: its text may quote the message. */
function toJson(payload: unknown): string | undefined {
  try {
    return JSON.stringify(payload);
  } catch {
    return undefined;
  }
}
