import { isBlank } from '../../html/unsafe-characters.ts';
import { CATALOGUE } from '../catalogue/catalogue.ts';
import type { CardFault } from '../fault.ts';
import type { SeenNode } from './walk.ts';

/** Elements of which a person sees nothing but what they hold. */
const FRAMES: ReadonlySet<string> = new Set([
  'Container',
  'ColumnSet',
  'ImageSet',
  'FactSet',
  'ActionSet',
  'Table',
  'Carousel',
  'RichTextBlock',
]);

/** What a person sees of an object is these properties; when all are blank it is a gap. */
const SEEN_BY: Readonly<Record<string, readonly string[]>> = {
  TextBlock: ['text'],
  TextRun: ['text'],
  Fact: ['title', 'value'],
  CodeBlock: ['codeSnippet'],
  Badge: ['text', 'icon'],
  CompoundButton: ['title', 'description', 'icon'],
};

const SEEN_OF_AN_ACTION = ['title', 'iconUrl'];

/** Entities by which a Markdown text says blank. */
const BLANK_ENTITY = /&(?:nbsp|#0*160|#x0*a0|#0*8203|#x0*200b);/gi;

const says = (value: unknown): boolean =>
  typeof value === 'string' ? !isBlank(value.replace(BLANK_ENTITY, '')) : value !== undefined && value !== null;

/**
 * A card of which a reader would see nothing: no element and no button, blank texts alone, or all of it hidden with no
 * button to show it. Teams takes it and posts an empty frame.
 *
 * @param nodes - in document order
 */
export function nothingToShow(nodes: readonly SeenNode[]): readonly CardFault[] {
  if (nodes.some(isSeen())) return [];
  return [
    {
      code: 'nothing_to_show',
      severity: 'error',
      path: '$',
      message: 'A reader would see nothing of this card: it has no element and no button, or only blank texts.',
      allowed: 'a "body" with a text or a picture, or "actions" with a title',
    },
  ];
}

/** Asked of nodes in document order: what follows a hidden one and lies below it is hidden too. */
function isSeen(): (seen: SeenNode) => boolean {
  let hidden: string | undefined;
  return (seen) => {
    if (hidden !== undefined && /^[.[]/.test(seen.path.slice(hidden.length)) && seen.path.startsWith(hidden)) {
      return false;
    }
    hidden = seen.node['isVisible'] === false ? seen.path : undefined;
    return hidden === undefined && shows(seen);
  };
}

function shows({ name, node, path }: SeenNode): boolean {
  if (name === 'AdaptiveCard') return says(node['backgroundImage']);
  const { group } = CATALOGUE.get(name)!;
  if (group === 'action') return /\.actions\[\d+\]$/.test(path) && SEEN_OF_AN_ACTION.some((key) => says(node[key]));
  if (name === 'RichTextBlock' && Array.isArray(node['inlines'])) {
    return node['inlines'].some((inline) => typeof inline === 'string' && says(inline));
  }
  const properties = Object.hasOwn(SEEN_BY, name) ? SEEN_BY[name]! : undefined;
  if (properties) return properties.some((key) => says(node[key]));
  return group === 'element' && !FRAMES.has(name);
}
