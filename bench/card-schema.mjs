// JSON Schema of the card catalogue, for the comparison with ajv: what a schema can say of it (types, enums, required).
import { CATALOGUE, namesFor } from '../dist/cards/catalogue/catalogue.js';

/** The whole catalogue as one schema, written the way ajv is fastest with: a discriminator instead of trying each kind. */
export function catalogueSchema() {
  return {
    $ref: '#/definitions/AdaptiveCard',
    definitions: Object.fromEntries([...CATALOGUE].map(([name, type]) => [name, nodeSchema(name, type)])),
  };
}

function nodeSchema(name, { typed, properties }) {
  const required = Object.keys(properties).filter((key) => properties[key].required);
  const own = Object.entries(properties).map(([key, property]) => [key, ruleSchema(property)]);
  return {
    type: 'object',
    properties: { ...Object.fromEntries(own), ...(typed !== false && { type: { const: name } }) },
    required: [...required, ...(typed === false ? [] : ['type'])],
    additionalProperties: name === 'AdaptiveCard',
  };
}

function ruleSchema(rule) {
  switch (rule.is) {
    case 'any':
      return {};
    case 'boolean':
    case 'number':
      return { type: rule.is };
    case 'enum':
      return { enum: rule.values };
    case 'pattern':
      return { type: 'string', pattern: rule.pattern.source };
    case 'list':
      return { type: 'array', items: ruleSchema(rule.of) };
    case 'either':
      return { anyOf: rule.of.map(ruleSchema) };
    case 'node':
      return slotSchema(namesFor(rule).map((name) => ({ $ref: `#/definitions/${name}` })));
    default:
      return { type: 'string' };
  }
}

function slotSchema(kinds) {
  if (kinds.length === 1) return kinds[0];
  return { type: 'object', required: ['type'], discriminator: { propertyName: 'type' }, oneOf: kinds };
}
