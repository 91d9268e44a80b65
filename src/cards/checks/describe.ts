import { namesFor } from '../catalogue/catalogue.ts';
import type { Rule } from '../catalogue/rules.ts';
import type { UrlUse } from '../url-policy.ts';

export type JsonKind = 'string' | 'number' | 'boolean' | 'null' | 'list' | 'object';

export function jsonKind(value: unknown): JsonKind {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'list';
  return typeof value as JsonKind;
}

/** The JSON kind a rule takes, or undefined when it takes several. */
export function kindOf(rule: Rule): JsonKind | undefined {
  switch (rule.is) {
    case 'boolean':
    case 'number':
    case 'list':
      return rule.is;
    case 'node':
      return 'object';
    case 'any':
    case 'either':
      return undefined;
    default:
      return 'string';
  }
}

const URL_WORDS: Readonly<Record<UrlUse, string>> = {
  open: 'a http or https URL',
  image: 'a public https URL, or a data URL',
  media: 'a public https URL',
};

const NAMED_AT_MOST = 3;

/** What a rule allows, in words. */
export function describe(rule: Rule): string {
  switch (rule.is) {
    case 'enum':
      return rule.values.map((value) => JSON.stringify(value)).join(', ');
    case 'pattern':
      return `a string like "${rule.example}"`;
    case 'url':
      return URL_WORDS[rule.use];
    case 'markdown':
      return 'a string (Markdown)';
    case 'list':
      return `a list of: ${describe(rule.of)}`;
    case 'either':
      return rule.of.map(describe).join(', or ');
    case 'node': {
      const names = namesFor(rule);
      return `an object: ${names.length > NAMED_AT_MOST ? `any ${rule.of}` : names.join(', ')}`;
    }
    case 'any':
      return 'anything';
    default:
      return article(rule.is);
  }
}

/** `a string`, `an object`, `null`. */
export function article(kind: string): string {
  if (kind === 'null') return kind;
  return `${/^[aeiou]/.test(kind) ? 'an' : 'a'} ${kind}`;
}
