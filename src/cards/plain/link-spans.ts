import { type UrlPolicy, urlProblem } from '../url-policy.ts';

/** A run of a line: text, or an address that a person can open. */
export interface LinkSpan {
  readonly text: string;
  readonly href?: string | undefined;
}

const ADDRESS = /https?:\/\/[^\s<>"`{}|\\^]+/gi;

/** Longest address that becomes a link: browsers and Teams take no longer one. */
const MAX_ADDRESS = 2_048;

/** The line cut at its bare addresses. What the policy refuses stays text, and so does punctuation that ends a sentence. */
export function linkSpans(line: string, policy: UrlPolicy): readonly LinkSpan[] {
  const spans: LinkSpan[] = [];
  let from = 0;
  for (const { 0: found, index } of line.matchAll(ADDRESS)) {
    const address = withoutPunctuation(found);
    const inWord = index > 0 && /[\p{L}\p{N}_]/u.test(line[index - 1]!);
    const href = inWord ? undefined : hrefOf(address, policy);
    if (href === undefined) continue;
    if (index > from) spans.push({ text: line.slice(from, index) });
    spans.push({ text: address, href });
    from = index + address.length;
  }
  if (from < line.length) spans.push({ text: line.slice(from) });
  return spans;
}

function hrefOf(address: string, policy: UrlPolicy): string | undefined {
  if (address.length > MAX_ADDRESS || !URL.canParse(address)) return undefined;
  const { href } = new URL(address);
  return urlProblem(href, 'open', policy) === undefined ? href : undefined;
}

const OPENERS: Readonly<Record<string, string | undefined>> = { ')': '(', ']': '[' };

/** The address without what follows it in a sentence: a closing bracket belongs to it only when it opened one. */
function withoutPunctuation(found: string): string {
  const counts = new Map<string, number>();
  for (const character of found) counts.set(character, (counts.get(character) ?? 0) + 1);
  let end = found.length;
  for (; end > 0; end--) {
    const last = found[end - 1]!;
    const opener = OPENERS[last];
    const unopened = opener !== undefined && counts.get(last)! > (counts.get(opener) ?? 0);
    if (!unopened && !/[.,;:!?'*_~…]/.test(last)) break;
    counts.set(last, counts.get(last)! - 1);
  }
  return found.slice(0, end);
}
