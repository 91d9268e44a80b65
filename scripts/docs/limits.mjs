import { graphLimits } from '../../dist/limits/graph-limits.js';
import { markdownTable } from './markdown.mjs';

export function limitPage() {
  const rows = graphLimits.map((row) => [
    `\`${row.methods.join(', ')} ${row.routes[0]}\``,
    row.scope,
    row.unit === 'concurrentRequests'
      ? `${row.limit} at once`
      : `${row.limit} ${row.unit === 'requests' ? '' : 'resource units '}per ${row.windowMs / 1000} s`,
    row.sustainedFactor ?? '',
  ]);
  return `# Published limits

The rows that the governor and the simulator enforce. Sources: ${[...new Set(graphLimits.map((row) => row.source))].map((url) => `<${url}>`).join(', ')}.

${markdownTable(['request', 'counted per', 'limit', 'sustained share'], rows)}
`;
}
