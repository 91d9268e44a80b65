import { context, createTraceState, isSpanContextValid, type SpanContext, trace } from '@opentelemetry/api';

/**
 * Where a trace stands, as text that can be stored. Holds ids only: nothing of ours is ever put into `tracestate`.
 *
 * @see https://www.w3.org/TR/trace-context/
 */
export interface TraceContext {
  readonly traceparent: string;
  readonly tracestate?: string | undefined;
}

/** The span that is under way. Undefined without one, as always where no SDK is registered. */
export function activeTrace(): TraceContext | undefined {
  const active = trace.getSpanContext(context.active());
  if (!active || !isSpanContextValid(active)) return undefined;
  const { traceId, spanId, traceFlags, traceState } = active;
  const tracestate = traceState?.serialize();
  const flags = traceFlags.toString(16).padStart(2, '0');
  return { traceparent: `00-${traceId}-${spanId}-${flags}`, tracestate: tracestate || undefined };
}

/** Versions after 00 may add fields at the end. https://www.w3.org/TR/trace-context/#versioning-of-traceparent */
const TRACEPARENT = /^(?!ff)([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/;

/** What the text says; undefined if it is not valid. */
export function spanContextOf({ traceparent, tracestate }: TraceContext): SpanContext | undefined {
  const [, version, traceId, spanId, flags, more] = TRACEPARENT.exec(traceparent) ?? [];
  if (!traceId || !spanId || !flags || (version === '00' && more !== undefined)) return undefined;
  const found: SpanContext = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  if (!isSpanContextValid(found)) return undefined;
  return tracestate ? { ...found, traceState: createTraceState(tracestate) } : found;
}

/**
 * Runs `work` as part of the caller's trace, as its headers name it. A span that is already under way stays the parent:
 * it is that of an HTTP instrumentation, which has read the same headers.
 */
export function withinTrace<T>(
  headers: { readonly traceparent: string | undefined; readonly tracestate: string | undefined },
  work: () => T,
): T {
  const { traceparent, tracestate } = headers;
  if (traceparent === undefined || activeTrace()) return work();
  const caller = spanContextOf({ traceparent, tracestate });
  return caller ? context.with(trace.setSpanContext(context.active(), caller), work) : work();
}
