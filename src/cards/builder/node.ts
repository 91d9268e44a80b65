import { PlainText } from '../../html/plain-text.ts';
import { CATALOGUE, type NodeName, type Properties } from '../catalogue/catalogue.ts';
import type { CardNode, Rule } from '../catalogue/rules.ts';
import { type MentionEntity, MentionText } from './mention-text.ts';

/** Where a node keeps the mentions of its own texts until the card is built. Symbols never reach JSON. */
const MENTIONS = Symbol('mentions');

/** Makes one node. Only what the caller set is written: no defaults, which would eat into the size limit. */
export function make<N extends NodeName>(name: N, properties: Properties<N>): CardNode<N> {
  const mentions: MentionEntity[] = [];
  const json = (value: unknown, rule: Rule | undefined): unknown => {
    if (value instanceof MentionText) {
      mentions.push(...value.mentions);
      return value.markdown;
    }
    if (value instanceof PlainText) return isMarkdown(rule) ? value.toMarkdown() : value.toString();
    if (Array.isArray(value)) return value.map((item) => json(item, rule?.is === 'list' ? rule.of : undefined));
    if (typeof value !== 'object' || value === null || 'type' in value) return value;
    return object(value, rule?.is === 'node' ? rule.of : undefined);
  };
  const object = (value: object, of: string | undefined) =>
    Object.fromEntries(
      Object.entries(value)
        .filter(([, item]) => item !== undefined)
        .map(([key, item]) => [key, json(item, of === undefined ? undefined : CATALOGUE.get(of)?.properties[key])]),
    );
  return { type: name, ...object(properties, name), ...(mentions.length > 0 && { [MENTIONS]: mentions }) };
}

function isMarkdown(rule: Rule | undefined): boolean {
  return rule?.is === 'markdown';
}

/** The mentions of all nodes below a value, each once. */
export function mentionsIn(root: unknown): readonly MentionEntity[] {
  const found = new Map<string, MentionEntity>();
  const pending: unknown[] = [root];
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value !== 'object' || value === null) continue;
    const own = (value as { [MENTIONS]?: readonly MentionEntity[] })[MENTIONS] ?? [];
    for (const entity of own) found.set(JSON.stringify([entity.text, entity.mentioned.id]), entity);
    for (const child of Object.values(value)) pending.push(child);
  }
  return [...found.values()];
}
