import { type Meter, metrics, SpanKind, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api';
import type { Logger } from 'pino';
import { isSluiceError } from '../errors/sluice-error.ts';
import {
  type LogEvent,
  type LogFields,
  logCatalogue,
  type SpanAttributes,
  type SpanName,
  spanCatalogue,
} from './catalogue.ts';
import {
  type CounterName,
  type GaugeName,
  type HistogramName,
  type MetricLabels,
  type MetricName,
  metricCatalogue,
} from './metric-catalogue.ts';
import { spanContextOf, type TraceContext } from './trace-context.ts';

/** Adds facts to the span that is under way. */
export type Annotate<N extends SpanName> = (attributes: SpanAttributes<N>) => void;

/** Metrics, traces and logs under the names of the catalogue; nothing else can be written. */
export interface Telemetry {
  count<N extends CounterName>(name: N, value: number, labels: MetricLabels<N>): void;
  record<N extends HistogramName>(name: N, value: number, labels: MetricLabels<N>): void;
  gauge<N extends GaugeName>(name: N, value: number, labels: MetricLabels<N>): void;
  /**
   * Runs `work` in a span. An error marks the span with its code only.
   *
   * @param links - spans of other traces that brought this one about
   */
  span<N extends SpanName, T>(
    name: N,
    attributes: SpanAttributes<N>,
    work: (annotate: Annotate<N>) => Promise<T>,
    links?: readonly TraceContext[],
  ): Promise<T>;
  log<E extends LogEvent>(event: E, fields: LogFields<E>): void;
}

/**
 * Telemetry over the OpenTelemetry API. Without an SDK registered in the process, and without a logger, it costs next
 * to nothing and goes nowhere.
 */
export function createTelemetry(
  options: {
    readonly meter?: Meter | undefined;
    readonly tracer?: Tracer | undefined;
    readonly logger?: Logger | undefined;
  } = {},
): Telemetry {
  const meter = options.meter ?? metrics.getMeter('sluice');
  const tracer = options.tracer ?? trace.getTracer('sluice');
  const counter = memoize((name) => meter.createCounter(name, describe(name)));
  const histogram = memoize((name) => meter.createHistogram(name, describe(name)));
  const gauge = memoize((name) => meter.createGauge(name, describe(name)));
  return {
    count: (name, value, labels) => counter(name).add(value, labels),
    record: (name, value, labels) => histogram(name).record(value, labels),
    gauge: (name, value, labels) => gauge(name).record(value, labels),
    span: (name, attributes, work, links = []) => {
      const options = { attributes, kind: SpanKind[spanCatalogue[name].kind], links: linksTo(links) };
      return tracer.startActiveSpan(name, options, async (span) => {
        try {
          return await work((more) => span.setAttributes(more));
        } catch (error) {
          span.setStatus({ code: SpanStatusCode.ERROR, message: isSluiceError(error) ? error.code : 'unexpected' });
          throw error;
        } finally {
          span.end();
        }
      });
    },
    log: (event, fields) => options.logger?.[logCatalogue[event].level](fields as object, event as string),
  };
}

/** One link per span, however often it is named. */
function linksTo(traces: readonly TraceContext[]) {
  const distinct = new Map(traces.map((one) => [one.traceparent, one]));
  return [...distinct.values()].flatMap((one) => {
    const context = spanContextOf(one);
    return context ? { context } : [];
  });
}

function describe(name: MetricName) {
  const declaration = metricCatalogue[name];
  return {
    unit: declaration.unit,
    description: declaration.description,
    ...('buckets' in declaration && { advice: { explicitBucketBoundaries: [...declaration.buckets] } }),
  };
}

function memoize<T>(create: (name: MetricName) => T): (name: MetricName) => T {
  const made = new Map<MetricName, T>();
  return (name) => {
    const known = made.get(name);
    if (known) return known;
    const instrument = create(name);
    made.set(name, instrument);
    return instrument;
  };
}
