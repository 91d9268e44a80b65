export { type GuardedTransportOptions, guardedTransport } from './guarded-transport.ts';
export type { WebhookOutcome } from './outcome.ts';
export { sendWebhook, type WebhookMessage } from './send.ts';
export { WebhookUrl } from './webhook-url.ts';
