import { CATALOGUE, namesFor } from '../../src/cards/catalogue/catalogue.ts';
import type { Rule } from '../../src/cards/catalogue/rules.ts';

/** A valid value for a rule: the smallest the catalogue allows. */
export function sampleValue(rule: Rule): unknown {
  switch (rule.is) {
    case 'string':
    case 'markdown':
      return 'a';
    case 'boolean':
      return true;
    case 'number':
      return 1;
    case 'any':
      return { some: 'thing' };
    case 'url':
      return 'https://example.com/a.png';
    case 'enum':
      return rule.values[0];
    case 'pattern':
      return rule.example;
    case 'list':
      return [sampleValue(rule.of)];
    case 'either':
      return sampleValue(rule.of.at(-1)!);
    case 'node':
      return sampleNode(namesFor(rule).includes('TextBlock') ? 'TextBlock' : namesFor(rule)[0]!);
  }
}

/** A valid object of the catalogue with only what it must have. */
export function sampleNode(name: string): Record<string, unknown> {
  const type = CATALOGUE.get(name)!;
  const required = Object.entries(type.properties).filter(([, property]) => property.required);
  const values = required.map(([key, property]) => [key, sampleValue(property)]);
  return {
    ...(type.typed !== false && { type: name }),
    ...(name === 'TextBlock' && { wrap: true }),
    ...Object.fromEntries(values),
  };
}

/** A bot card that holds the object somewhere the catalogue allows it, and the path to it. */
export function cardWith(name: string, node: unknown): { card: Record<string, unknown>; path: string } {
  const base = { type: 'AdaptiveCard', version: '1.5' };
  const { group } = CATALOGUE.get(name)!;
  if (name === 'AdaptiveCard') return { card: { ...base, ...(node as object) }, path: '$' };
  if (group === 'element') return { card: { ...base, body: [node] }, path: '$.body[0]' };
  if (group === 'action') return { card: { ...base, actions: [node] }, path: '$.actions[0]' };
  for (const [owner, type] of CATALOGUE) {
    for (const [key, property] of Object.entries(type.properties)) {
      const slot = slotFor(property, name);
      if (!slot || owner === name) continue;
      const outer = cardWith(owner, { ...sampleNode(owner), [key]: slot === 'list' ? [node] : node });
      return {
        card: outer.card,
        path: `${outer.path}${/^\w+$/.test(key) ? `.${key}` : `["${key}"]`}${slot === 'list' ? '[0]' : ''}`,
      };
    }
  }
  throw new Error(`Nothing holds ${name}.`);
}

function slotFor(rule: Rule, name: string): 'list' | 'one' | undefined {
  const group = CATALOGUE.get(name)!.group;
  if (rule.is === 'node') return rule.of === name || (rule.of === group && group !== 'part') ? 'one' : undefined;
  if (rule.is === 'list') return slotFor(rule.of, name) && 'list';
  return rule.is === 'either' ? rule.of.map((option) => slotFor(option, name)).find(Boolean) : undefined;
}
