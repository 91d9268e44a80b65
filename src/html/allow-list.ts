import { withoutUnsafeCharacters } from './unsafe-characters.ts';

/**
 * The HTML that Teams messages may carry. Everything else loses its tag and keeps its text.
 *
 * Source: https://learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages
 */
export const ALLOWED_TAGS: ReadonlySet<string> = new Set(['a', 'b', 'br', 'em', 'i', 'li', 'ol', 'p', 'strong', 'ul']);

/** Elements whose content is not text for a reader: it goes with its tag. */
export const DROPPED_WITH_CONTENT: ReadonlySet<string> = new Set([
  'iframe',
  'math',
  'noembed',
  'noframes',
  'script',
  'style',
  'svg',
  'template',
  'textarea',
  'title',
  'xmp',
]);

/** Schemes a link may have. */
const LINK_SCHEMES: readonly string[] = ['https:', 'http:', 'mailto:'];

/** The link target, cleaned, or undefined when it is relative, malformed or has another scheme. */
export function allowedHref(href: string): string | undefined {
  const cleaned = withoutUnsafeCharacters(href)
    .replace(/[\t\n]/g, '')
    .trim();
  return URL.canParse(cleaned) && LINK_SCHEMES.includes(new URL(cleaned).protocol) ? cleaned : undefined;
}
