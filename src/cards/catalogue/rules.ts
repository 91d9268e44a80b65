import type { PlainText } from '../../html/plain-text.ts';
import type { MentionText } from '../builder/mention-text.ts';
import type { UrlUse } from '../url-policy.ts';

/** Versions of the Adaptive Cards schema, oldest first. Source: https://adaptivecards.io/explorer/ */
export const CARD_VERSIONS = ['1.0', '1.1', '1.2', '1.3', '1.4', '1.5', '1.6'] as const;
export type CardVersion = (typeof CARD_VERSIONS)[number];

/** Whether a version is no newer than another. */
export function isAtMost(version: CardVersion, limit: CardVersion): boolean {
  return CARD_VERSIONS.indexOf(version) <= CARD_VERSIONS.indexOf(limit);
}

/** The version a thing came with; `teams` for Teams' own extensions, which carry no version. */
export type Since = CardVersion | 'teams';

export type HostName = 'workflow' | 'bot';

/** What a value must be. One of these per property: the validator checks by it, the builder's types and the reference derive from it. */
export type Rule =
  | { readonly is: 'string' | 'boolean' | 'number' | 'any' }
  /** A string that Teams reads as Markdown: it may carry links and mentions. */
  | { readonly is: 'markdown' }
  /** A link, or where an image or a film is fetched from. With `icon`, `icon:Name` is good too. */
  | { readonly is: 'url'; readonly use: UrlUse; readonly icon?: true }
  | { readonly is: 'enum'; readonly values: readonly string[] }
  | { readonly is: 'pattern'; readonly pattern: RegExp; readonly example: string }
  /** An object of the catalogue: any member of a group, or the one with this name. */
  | { readonly is: 'node'; readonly of: string; readonly except?: readonly string[] }
  | { readonly is: 'list'; readonly of: Rule }
  | { readonly is: 'either'; readonly of: readonly Rule[] };

export type Property = Rule & { readonly required?: true; readonly since?: CardVersion };

export type Group = 'element' | 'action' | 'layout' | 'part';

/** One kind of object in a card. */
export interface NodeType {
  /** Which slots take it: body elements, action lists, layout lists, or only the slots that name it. */
  readonly group: Group;
  readonly since: Since;
  /** Hosts that accept it; absent means all. */
  readonly hosts?: readonly HostName[];
  /** False for objects without a `type`, such as a fact. */
  readonly typed?: false;
  readonly properties: Readonly<Record<string, Property>>;
}

export const string = { is: 'string' } as const;
export const boolean = { is: 'boolean' } as const;
export const number = { is: 'number' } as const;
export const any = { is: 'any' } as const;
export const markdown = { is: 'markdown' } as const;
export const linkUrl = { is: 'url', use: 'open' } as const;
export const imageUrl = { is: 'url', use: 'image' } as const;
export const mediaUrl = { is: 'url', use: 'media' } as const;
export const iconUrl = { is: 'url', use: 'image', icon: true } as const;
export const pixels = { is: 'pattern', pattern: /^\d+px$/, example: '80px' } as const;
export const oneOf = <const V extends readonly string[]>(...values: V) => ({ is: 'enum', values }) as const;
export const node = <const N extends string>(of: N) => ({ is: 'node', of }) as const;
export const list = <const R extends Rule>(of: R) => ({ is: 'list', of }) as const;
export const either = <const R extends readonly Rule[]>(...of: R) => ({ is: 'either', of }) as const;
export const required = <const R extends Rule>(rule: R) => ({ ...rule, required: true }) as const;
export const since = <const R extends Rule>(version: CardVersion, rule: R) => ({ ...rule, since: version }) as const;

/** An object in a card, as JSON. */
export interface CardNode<T extends string = string> {
  readonly type: T;
  readonly [property: string]: unknown;
}

/** What the builder takes for a rule. `Nodes` maps the name of a node rule to the type of its object. */
export type ValueOf<R, Nodes> = R extends { is: 'markdown' }
  ? string | PlainText | MentionText
  : R extends { is: 'string' }
    ? string | PlainText
    : R extends { is: 'url' | 'pattern' }
      ? string
      : R extends { is: 'boolean' }
        ? boolean
        : R extends { is: 'number' }
          ? number
          : R extends { is: 'enum'; values: readonly (infer V)[] }
            ? V
            : R extends { is: 'list'; of: infer Item }
              ? readonly ValueOf<Item, Nodes>[]
              : R extends { is: 'either'; of: readonly (infer Option)[] }
                ? ValueOf<Option, Nodes>
                : R extends { is: 'node'; of: infer Name }
                  ? Name extends keyof Nodes
                    ? Nodes[Name]
                    : never
                  : unknown;

type RequiredKeys<P> = { [K in keyof P]: P[K] extends { required: true } ? K : never }[keyof P];

/** The properties of a node type as the builder takes them. */
export type PropertiesOf<N extends NodeType, Nodes> = {
  readonly [K in RequiredKeys<N['properties']>]: ValueOf<N['properties'][K], Nodes>;
} & {
  readonly [K in Exclude<keyof N['properties'], RequiredKeys<N['properties']>>]?: ValueOf<N['properties'][K], Nodes>;
};
