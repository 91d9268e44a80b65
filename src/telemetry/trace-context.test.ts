import { createTraceState, trace } from '@opentelemetry/api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { registerTracing } from '../../test/support/tracing.ts';
import { activeTrace, spanContextOf, withinTrace } from './trace-context.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';
const traceparent = `00-${traceId}-${spanId}-01`;

describe('a stored trace context', () => {
  it('reads what it wrote', () => {
    using _ = registerTracing();
    const headers = { traceparent, tracestate: 'vendor=a,other=b' };
    withinTrace(headers, () => {
      expect(activeTrace()).toEqual(headers);
      expect(spanContextOf(activeTrace()!)).toEqual({
        traceId,
        spanId,
        traceFlags: 1,
        isRemote: true,
        traceState: createTraceState('vendor=a,other=b'),
      });
    });
  });

  it.each([
    ['', 'empty'],
    [`00-${traceId}-${spanId}`, 'too short'],
    [`00-${traceId}-${spanId}-01-more`, 'more than version 00 has'],
    [`ff-${traceId}-${spanId}-01`, 'a version that is not allowed'],
    [`00-${'0'.repeat(32)}-${spanId}-01`, 'no trace'],
    [`00-${traceId}-${'0'.repeat(16)}-01`, 'no span'],
    [`00-${traceId.toUpperCase()}-${spanId}-01`, 'upper case'],
  ])('is nothing when the text is %j: %s', (text) => {
    expect(spanContextOf({ traceparent: text })).toBeUndefined();
  });

  it('may be of a later version', () => {
    expect(spanContextOf({ traceparent: `01-${traceId}-${spanId}-03-more` })).toMatchObject({ traceId, spanId });
  });

  it('is nothing, or a valid one, whatever a header holds', () => {
    const part = fc.oneof(fc.stringMatching(/^[\da-f]{2}$/), fc.constantFrom(traceId, spanId), fc.string());
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), fc.string(), (parts, tracestate) => {
        const found = spanContextOf({ traceparent: parts.join('-'), tracestate });
        if (found) expect(parts).toEqual(expect.arrayContaining([found.traceId, found.spanId]));
      }),
    );
  });
});

describe("the caller's trace", () => {
  it('is left alone when a span is under way already', async () => {
    using _ = registerTracing();
    await trace.getTracer('http').startActiveSpan('server', async (span) => {
      withinTrace({ traceparent, tracestate: undefined }, () => {
        expect(activeTrace()?.traceparent).toContain(span.spanContext().spanId);
      });
    });
  });

  it('costs nothing and is nowhere without an SDK', () => {
    expect(withinTrace({ traceparent, tracestate: undefined }, activeTrace)).toBeUndefined();
  });

  it('is not that of an invalid header', () => {
    using _ = registerTracing();
    expect(withinTrace({ traceparent: 'nonsense', tracestate: 'x' }, activeTrace)).toBeUndefined();
  });
});
