import { originalVariables } from '../../dist/config/original-environment.js';
import { configJsonSchema } from '../../dist/config/schema.js';
import { variables } from '../../dist/config/variables.js';
import { markdownTable } from './markdown.mjs';

/** What stands below a key; a receiver has the keys of its notifier. */
const below = (at, part) =>
  (at?.oneOf ?? [at]).map((form) => form?.properties?.[part] ?? form?.additionalProperties).find(Boolean);

export function environmentPage() {
  const schema = configJsonSchema();
  const rows = Object.entries(variables).map(([name, { path }]) => {
    const key = path.reduce(below, schema);
    return [`\`${name}\``, `\`${path.join('.')}\``, key?.default ?? '', key?.description ?? ''];
  });
  const original = Object.entries(originalVariables).map(([name, says]) => [`\`${name}\``, says]);
  return `# Environment variables\n\n${markdownTable(['variable', 'key of sluice.yaml', 'default', 'meaning'], rows)}\n\n## Of the original attendance job\n\n\`sluice attendance\` takes these as well, and no other command does. A variable from above is stronger.\n\n${markdownTable(['variable', 'meaning'], original)}\n`;
}
