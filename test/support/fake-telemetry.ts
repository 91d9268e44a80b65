import type { Telemetry } from '../../src/telemetry/telemetry.ts';

export interface RecordedTelemetry extends Telemetry {
  readonly counts: { name: string; value: number; labels: object }[];
  readonly records: { name: string; value: number }[];
  readonly logs: { event: string; fields: object }[];
  readonly spans: { name: string; attributes: object }[];
}

/** Keeps everything that is measured, traced and logged. */
export function fakeTelemetry(): RecordedTelemetry {
  const [counts, records, logs, spans]: [
    RecordedTelemetry['counts'],
    RecordedTelemetry['records'],
    RecordedTelemetry['logs'],
    RecordedTelemetry['spans'],
  ] = [[], [], [], []];
  return {
    counts,
    records,
    logs,
    spans,
    count: (name, value, labels) => counts.push({ name, value, labels }),
    record: (name, value) => records.push({ name, value }),
    gauge: () => {},
    log: (event, fields) => logs.push({ event, fields }),
    span: (name, attributes, work) => {
      const span = { name, attributes: { ...attributes } };
      spans.push(span);
      return work((more) => Object.assign(span.attributes, more));
    },
  };
}
