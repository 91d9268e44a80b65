import { type UrlPolicy, urlProblem } from '../url-policy.ts';
import { CATALOGUE } from './catalogue.ts';
import type { Rule } from './rules.ts';

export type UrlRule = Extract<Rule, { is: 'url' }>;

/** Teams takes an icon's name in place of a URL. Source: https://adaptivecards.microsoft.com/?topic=Action.OpenUrl */
const ICON = /^icon:[A-Za-z0-9]+(,(regular|filled))?$/i;

/** Why a string may not stand where the rule wants a URL, or undefined when it may. Never names the URL. */
export function urlFault(rule: UrlRule, url: string, policy: UrlPolicy): string | undefined {
  return rule.icon && ICON.test(url) ? undefined : urlProblem(url, rule.use, policy);
}

/** What a rule says of URLs, its alternatives too. */
export const urlRulesIn = (rule: Rule): readonly UrlRule[] => {
  if (rule.is === 'url') return [rule];
  return rule.is === 'either' ? rule.of.flatMap(urlRulesIn) : [];
};

/** Properties that carry a URL wherever the catalogue has them, with the rules they have there. */
const URL_PROPERTIES = urlProperties();

function urlProperties(): ReadonlyMap<string, readonly UrlRule[]> {
  const found = new Map<string, UrlRule[]>();
  const others = new Set<string>();
  for (const { properties } of CATALOGUE.values()) {
    for (const [name, property] of Object.entries(properties)) {
      const rules = urlRulesIn(property);
      if (rules.length === 0) others.add(name);
      else found.set(name, [...(found.get(name) ?? []), ...rules]);
    }
  }
  return new Map([...found].filter(([name]) => !others.has(name)));
}

/** The rule for a property of an object that the catalogue does not know: actions open their `url`, all else fetches it. */
export function looseUrlRule(node: object, key: string): UrlRule | undefined {
  const rules = URL_PROPERTIES.get(key);
  const { type } = node as { readonly type?: unknown };
  const use = typeof type === 'string' && type.startsWith('Action.') ? 'open' : 'image';
  return rules?.find((rule) => rule.use === use) ?? rules?.[0];
}
