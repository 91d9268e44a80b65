import type { Meter } from '@opentelemetry/api';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';

/** Metrics of one process, to be read as Prometheus text. */
export interface Metrics {
  readonly meter: Meter;
  /** Prometheus text format 0.0.4. */
  render(): Promise<string>;
  close(): Promise<void>;
}

/** A meter whose values are rendered on request, without a port of its own. */
export function createMetrics(): Metrics {
  const reader = new PrometheusExporter({ preventServerStart: true });
  const provider = new MeterProvider({ readers: [reader] });
  const serializer = new PrometheusSerializer(undefined, false, undefined, true, true);
  return {
    meter: provider.getMeter('sluice'),
    render: async () => serializer.serialize((await reader.collect()).resourceMetrics),
    close: () => provider.shutdown(),
  };
}
