import type { Meter } from '@opentelemetry/api';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { isNotifierEndpoint } from '../notifiers/endpoint-name.ts';
import type { VisibleLabels } from '../sending/visible-labels.ts';

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

/** Lines of Prometheus text without those of other tenants: by their name, or by the endpoint that is theirs. */
export function ofTenant(text: string, visible: VisibleLabels): string {
  if (!visible) return text;
  const { tenant_id: tenantId, endpoints } = visible;
  const foreign = (line: string): boolean => {
    if (line.startsWith('#')) return false;
    const tenant = labelOf(line, 'tenant_id');
    const endpoint = labelOf(line, 'endpoint');
    return (
      (tenant !== undefined && tenant !== tenantId) ||
      (endpoint !== undefined && isNotifierEndpoint(endpoint) && !endpoints.includes(endpoint))
    );
  };
  return text
    .split('\n')
    .filter((line) => !foreign(line))
    .join('\n');
}

/** @see https://prometheus.io/docs/instrumenting/exposition_formats/#comments-help-text-and-type-information */
function labelOf(line: string, name: string): string | undefined {
  const [, escaped] = new RegExp(`[{,]${name}="((?:[^"\\\\]|\\\\.)*)"`).exec(line) ?? [];
  return escaped?.replace(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character));
}
