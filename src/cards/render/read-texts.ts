import { CATALOGUE } from '../catalogue/catalogue.ts';
import type { Rule } from '../catalogue/rules.ts';
import { type CardView, type Line, textOfLines } from '../markdown/lines.ts';
import { parseMarkdown } from '../markdown/markdown.ts';
import type { DrawnNode } from './drawn-node.ts';

/** Elements that phones do not know; they show the fallback. Source: https://github.com/microsoft/AdaptiveCards/issues/9072 */
const NOT_ON_PHONES: ReadonlySet<string> = new Set(['CodeBlock']);

/** A card as a client has read it: Markdown texts are lines, and what the client does not know is its fallback. */
export function readTexts(card: DrawnNode, view: CardView): DrawnNode {
  return readNode(card, 'AdaptiveCard', view);
}

/** The lines of a text that {@link readTexts} has read. */
export function linesOf(node: DrawnNode, key: string): readonly Line[] {
  const value = node[key];
  return Array.isArray(value) ? (value as readonly Line[]) : [];
}

export const plainLines = (node: DrawnNode, key: string): string => textOfLines(linesOf(node, key));

function readNode(node: DrawnNode, name: string, view: CardView): DrawnNode {
  const known = typeof node['type'] === 'string' ? node['type'] : name;
  const { fallback } = node;
  if (view === 'phone' && NOT_ON_PHONES.has(known) && isNode(fallback)) return readNode(fallback, name, view);
  if (view === 'phone' && NOT_ON_PHONES.has(known) && fallback !== 'drop') return { type: `${known}: not on phones` };
  const properties = CATALOGUE.get(known)?.properties ?? CATALOGUE.get(name)?.properties ?? {};
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => {
      if (key === 'fallback' && isNode(value)) return [key, readNode(value, name, view)];
      return [key, Object.hasOwn(properties, key) ? readValue(value, properties[key]!, view) : value];
    }),
  );
}

function readValue(value: unknown, rule: Rule, view: CardView): unknown {
  if (rule.is === 'markdown') return parseMarkdown(typeof value === 'string' ? value : '', view);
  if (rule.is === 'list' && Array.isArray(value)) return value.map((item) => readValue(item, rule.of, view));
  if (rule.is === 'node' && isNode(value)) return readNode(value, rule.of, view);
  const node = rule.is === 'either' && isNode(value) ? rule.of.find((option) => option.is === 'node') : undefined;
  return node ? readValue(value, node, view) : value;
}

const isNode = (value: unknown): value is DrawnNode =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
