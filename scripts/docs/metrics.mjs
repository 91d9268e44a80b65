import { logCatalogue, spanCatalogue } from '../../dist/telemetry/catalogue.js';
import { metricCatalogue } from '../../dist/telemetry/metric-catalogue.js';
import { markdownTable } from './markdown.mjs';

export function metricPage() {
  const metrics = Object.entries(metricCatalogue).map(([name, { kind, unit, labels, description }]) => [
    `\`${name}\``,
    kind,
    unit,
    labels.join(', '),
    description,
  ]);
  const spans = Object.entries(spanCatalogue).map(([name, { kind, attributes }]) => [
    `\`${name}\``,
    kind.toLowerCase(),
    attributes.join(', '),
  ]);
  const logs = Object.entries(logCatalogue).map(([name, { level, fields }]) => [
    `\`${name}\``,
    level,
    fields.join(', '),
  ]);
  return `# Metrics, spans, logs

Names go through the OpenTelemetry API; without an SDK in the process they cost nothing. Labels hold route templates, statuses and names from closed sets, never ids, URLs or text.

## Metrics

${markdownTable(['metric', 'kind', 'unit', 'labels', 'meaning'], metrics)}

## Spans

${markdownTable(['span', 'kind', 'attributes'], spans)}

## Log events

${markdownTable(['event', 'level', 'fields'], logs)}
`;
}
