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

/** The properties each kind of object must have. */
export const REQUIRED: ReadonlyMap<string, readonly (readonly [key: string, property: Property])[]> = new Map(
  [...CATALOGUE].map(([name, type]) => [name, Object.entries(type.properties).filter(([, { required }]) => required)]),
);

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

export type NodeRule = Extract<Rule, { is: 'node' }>;

const NAMES_BY_GROUP = groupNames();

function groupNames(): ReadonlyMap<Group, readonly string[]> {
  const groups = new Map<Group, string[]>();
  for (const [name, { group }] of CATALOGUE) groups.set(group, [...(groups.get(group) ?? []), name]);
  return groups;
}

/** The names a slot takes: all of a group, or the one name. */
export function namesFor(rule: NodeRule): readonly string[] {
  const names = NAMES_BY_GROUP.get(rule.of as Group) ?? [rule.of];
  return names.filter((name) => !rule.except?.includes(name));
}

/** The object a slot takes under that name, or undefined when it takes none. */
export function nodeFor(rule: NodeRule, name: string): NodeType | undefined {
  const type = CATALOGUE.get(name);
  return type && (type.group === rule.of || name === rule.of) && !rule.except?.includes(name) ? type : undefined;
}

/** The name of the object in a slot: its `type`, or the slot's own where that takes one kind alone. */
export function nameIn(rule: NodeRule, node: Readonly<Record<string, unknown>>): unknown {
  const single = CATALOGUE.get(rule.of);
  const isImplied = single && (single.typed === false || node['type'] === undefined);
  return isImplied ? rule.of : node['type'];
}
