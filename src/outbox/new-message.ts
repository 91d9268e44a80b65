import type { Runtime } from '../runtime/runtime.ts';
import { activeTrace } from '../telemetry/trace-context.ts';
import { canonicalJson } from './canonical-json.ts';
import { outboxErrors } from './errors.ts';
import type { NewMessage } from './types.ts';

const maxNameLength = 200;
const maxPayloadBytes = 256 * 1024;

function refuse(field: string, problem: string, valid: string): never {
  throw outboxErrors.invalid_message({ field, problem, valid });
}

/** Names are shown in lists and logs, so they hold neither a URL (it may be signed) nor control characters. */
function checkName(field: string, value: unknown): void {
  const hint = `Valid: 1 to ${maxNameLength} printable characters, not a URL.`;
  if (typeof value !== 'string' || value === '') refuse(field, 'is missing', hint);
  if (value.length > maxNameLength) refuse(field, `has ${value.length} characters`, hint);
  if (/\p{Cc}|\p{Bidi_Control}/u.test(value)) refuse(field, 'holds a control character', hint);
  if (value.includes('://'))
    refuse(field, 'is a URL', `${hint} Give the receiver a name and keep its URL in the notifier.`);
}

/** The row of a new message. @throws SluiceError `invalid_message` or `payload_not_json`, naming the field */
export function newMessageRow(message: NewMessage, runtime: Runtime) {
  const { notifier, destination, lane = destination, id, dedupeKey, coalesceKey, series, ttlMs, fallback } = message;
  const optional = Object.entries({ id, dedupeKey, coalesceKey, series }).filter(([, value]) => value !== undefined);
  for (const [field, value] of [...Object.entries({ notifier, destination, lane }), ...optional])
    checkName(field, value);
  for (const name of fallback?.destinations ?? []) checkName('fallback', name);
  if (fallback) checkName('fallback.key', fallback.key);
  if (ttlMs !== undefined && !(Number.isFinite(ttlMs) && ttlMs > 0)) {
    refuse('ttlMs', 'is not a time', 'Valid: milliseconds above 0.');
  }
  const payload = canonicalJson(message.payload, 'message.payload');
  const bytes = Buffer.byteLength(payload);
  if (bytes > maxPayloadBytes) refuse('payload', `has ${bytes} bytes`, `Valid: at most ${maxPayloadBytes}.`);
  const nowMs = runtime.now();
  const trace = activeTrace();
  return {
    id: id ?? runtime.id(),
    notifier,
    destination,
    lane: `${notifier}/${lane}`,
    payload,
    dedupe_key: dedupeKey ?? null,
    coalesce_key: coalesceKey ?? null,
    series: series ?? '',
    continues: message.continues ? 1 : 0,
    state: 'pending' as const,
    attempts: 0,
    tries: 0,
    unknowns: 0,
    lost: 0,
    replaced: 0,
    wait_ms: 0,
    fell_back_to: null,
    enqueued_at: nowMs,
    news_at: nowMs,
    next_attempt_at: nowMs,
    expires_at: ttlMs === undefined ? null : nowMs + Math.ceil(ttlMs),
    fallback: fallback === undefined ? null : JSON.stringify(fallback),
    traceparent: trace?.traceparent ?? null,
    tracestate: trace?.tracestate ?? null,
  };
}
