import { ACTIONS } from './actions.ts';
import { CHARTS } from './charts.ts';
import { ELEMENTS } from './elements.ts';
import { INPUTS } from './inputs.ts';
import { PARTS } from './parts.ts';
import type { CardNode, Group, NodeType, PropertiesOf, Property, Rule } from './rules.ts';

const ALL = { ...PARTS, ...ELEMENTS, ...INPUTS, ...CHARTS, ...ACTIONS } as const;

type Catalogue = typeof ALL;
export type NodeName = keyof Catalogue;

/** Every kind of object a card may hold: the one source of what the validator accepts, the builder offers and the reference lists. */
export const CATALOGUE: ReadonlyMap<string, NodeType> = new Map(Object.entries<NodeType>(ALL));

type NamesIn<G extends Group> = { [N in NodeName]: Catalogue[N]['group'] extends G ? N : never }[NodeName];
export type ElementName = NamesIn<'element'>;
export type ActionName = NamesIn<'action'>;

/** Objects the builder makes, by the name a node rule uses. Parts without a `type` are written as plain objects. */
type Nodes = {
  [N in NodeName]: Catalogue[N] extends infer T extends NodeType & { typed: false }
    ? PropertiesOf<T, Nodes>
    : CardNode<N>;
} & { element: CardNode<ElementName>; action: CardNode<ActionName>; layout: CardNode<NamesIn<'layout'>> };

/** What the builder takes for one kind of object. */
export type Properties<N extends NodeName> = PropertiesOf<Catalogue[N], Nodes>;

/** The names a slot takes: all of a group, or the one name. */
export function namesFor(rule: Extract<Rule, { is: 'node' }>): readonly string[] {
  const group = [...CATALOGUE].filter(([, type]) => type.group === rule.of).map(([name]) => name);
  return (group.length > 0 ? group : [rule.of]).filter((name) => !rule.except?.includes(name));
}

function propertyNames(wanted: (property: Property) => boolean): ReadonlySet<string> {
  const all = [...CATALOGUE.values()].flatMap((type) => Object.entries(type.properties));
  return new Set(all.filter(([, property]) => wanted(property)).map(([name]) => name));
}

const holdsUrl = (rule: Rule): boolean => rule.is === 'url' || (rule.is === 'either' && rule.of.some(holdsUrl));

/** Names of the properties that carry a URL somewhere in the catalogue, for objects the catalogue does not know. */
export const URL_PROPERTIES = propertyNames(holdsUrl);
