import { markdownLinks } from './markdown/links.ts';
import { encodedUrl, isMeantAsLink, type UrlPolicy, urlProblem } from './url-policy.ts';

/** A card in which every URL may be used, and how many could not. */
export interface UsableCard {
  readonly card: unknown;
  readonly refused: number;
}

/**
 * A filled template with every URL that may not be used told as text: a button becomes a line, a picture its
 * description, a Markdown link its own source. Data decide what a link is worth, never whether the template is used.
 */
export function withUsableUrls(card: unknown, policy: UrlPolicy): UsableCard {
  let refused = 0;
  const told: string[] = [];
  const refuse = (text?: string): undefined => {
    refused += 1;
    if (text !== undefined) told.push(text);
    return undefined;
  };
  const visit = (value: unknown, key: string): unknown => {
    if (Array.isArray(value)) return value.map((item) => visit(item, key)).filter((item) => item !== undefined);
    if (typeof value === 'string')
      return key === 'text' || key === 'value' || key === 'title' ? markdown(value) : value;
    if (typeof value !== 'object' || value === null) return value;
    const { type, url } = value as { readonly type?: unknown; readonly url?: unknown };
    if (typeof url === 'string' && (type === 'Action.OpenUrl' || type === 'Image')) {
      const isLink = type === 'Action.OpenUrl';
      const { title, altText } = value as { readonly title?: unknown; readonly altText?: unknown };
      const name = String((isLink ? title : altText) ?? (isLink ? 'Link' : 'Image'));
      const problem = urlProblem(encodedUrl(url), isLink ? 'open' : 'image', policy);
      if (problem !== undefined && isLink) return refuse(`${name}: not used as a link, ${problem}`);
      if (problem !== undefined) {
        refuse();
        return { type: 'TextBlock', wrap: true, isSubtle: true, text: literal(`${name}: not shown, ${problem}`) };
      }
    }
    const entries = Object.entries(value).map(([name, child]) => [name, visit(child, name)] as const);
    const known = entries.filter(([, child]) => child !== undefined);
    return Object.fromEntries(known.map(([name, child]) => [name, encodedIn(name, child)]));
  };
  const markdown = (text: string): string => {
    const isRefused = (link: string) => isMeantAsLink(link) && urlProblem(link, 'open', policy) !== undefined;
    if (!markdownLinks(text).some(isRefused)) return text;
    refuse();
    return literal(text);
  };
  const usable = visit(card, '');
  if (told.length === 0 || typeof usable !== 'object' || usable === null) return { card: usable, refused };
  const { body = [] } = usable as { readonly body?: readonly unknown[] };
  const lines = told.map((text) => ({ type: 'TextBlock', wrap: true, isSubtle: true, text: literal(text) }));
  return { card: { ...usable, body: [...body, ...lines] }, refused };
}

const encodedIn = (name: string, value: unknown) =>
  name === 'url' && typeof value === 'string' && !value.startsWith('data:') ? encodedUrl(value) : value;

/** Markdown in which nothing is a link: a blank without width says so to every parser, a backslash only to some. */
const literal = (text: string) => text.replace(/\](?=[(:[])/g, ']\u200b').replace(/<(?=[a-z])/gi, '<\u200b');
