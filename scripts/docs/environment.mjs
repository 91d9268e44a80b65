import { configJsonSchema } from '../../dist/config/schema.js';
import { variables } from '../../dist/config/variables.js';
import { markdownTable } from './markdown.mjs';

export function environmentPage() {
  const schema = configJsonSchema();
  const rows = Object.entries(variables).map(([name, { path }]) => {
    const key = path.reduce((at, part) => at?.properties?.[part] ?? at?.additionalProperties, schema);
    return [`\`${name}\``, `\`${path.join('.')}\``, key?.default ?? '', key?.description ?? ''];
  });
  return `# Environment variables\n\n${markdownTable(['variable', 'key of sluice.yaml', 'default', 'meaning'], rows)}\n`;
}
