import { configJsonSchema } from '../../dist/config/schema.js';
import { markdownTable } from './markdown.mjs';

/** Told on a page of its own. */
const ELSEWHERE = { routing: 'See [routing.md](../routing.md).' };

export function configurationPage() {
  const rows = rowsOf(configJsonSchema(), []);
  return `# Configuration

The keys of \`sluice.yaml\`. NAME is a name of your own. Unknown keys are refused. A secret is written as \`\${env:NAME}\`, as \`file:PATH\`, or as itself.

${markdownTable(['key', 'values', 'default', 'meaning'], rows)}
`;
}

function rowsOf(schema, path) {
  // A receiver has the keys of its notifier, and those that all have.
  if (schema.oneOf) return distinct(schema.oneOf.flatMap((form) => rowsOf(form, path)));
  const { properties = {}, additionalProperties } = schema;
  const named = typeof additionalProperties === 'object' ? { NAME: additionalProperties } : {};
  return Object.entries({ ...properties, ...named }).flatMap(([key, value]) => {
    const at = [...path, key];
    if (at.join('.') in ELSEWHERE) return [[`\`${at.join('.')}\``, '', '', ELSEWHERE[at.join('.')]]];
    const inner =
      value.properties || value.oneOf || typeof value.additionalProperties === 'object' ? rowsOf(value, at) : [];
    const items = value.items?.properties ? rowsOf(value.items, [...path, `${key}[]`]) : [];
    const own =
      inner.length > 0 && !value.description
        ? []
        : [[`\`${at.join('.')}\``, valuesOf(value), defaultOf(value), value.description ?? '']];
    return [...own, ...inner, ...items];
  });
}

const distinct = (rows) => [...new Map(rows.map((row) => [row[0], row])).values()];

function valuesOf({ type, enum: values, const: only, anyOf, minimum, maximum }) {
  if (only !== undefined) return only;
  if (values) return values.join(', ');
  if (anyOf) return anyOf.map((one) => valuesOf(one)).join(' or ');
  if (type === 'integer') return `${minimum} to ${maximum}`;
  return { string: 'text', array: 'list', object: '', boolean: 'true, false' }[type] ?? '';
}

function defaultOf({ default: value }) {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return '';
  return typeof value === 'object' ? '' : String(value);
}
