import { PlainText } from '../html/plain-text.ts';
import type { TeamsPayload } from './envelope.ts';
import { envelope } from './envelope.ts';
import { type HostProfile, WORKFLOW } from './host-profile.ts';
import { plainBlocks } from './plain/blocks.ts';
import type { UrlPolicy } from './url-policy.ts';
import { type AdaptiveCard, checkedCard } from './validate.ts';

/**
 * One line of text, or a few, as a card: a Workflows webhook takes nothing but cards. The text is shown as it is;
 * `*` and `<` mean themselves.
 *
 * @throws SluiceError `card_invalid` when it is too long for one message; `fitCard(textCard(text))` splits it
 */
export function textMessage(text: string | PlainText, profile: HostProfile = WORKFLOW): AdaptiveCard {
  return checkedCard(textCard(text, profile), profile);
}

/** The body of the request that posts a card or a text: what goes over the wire, to the byte. */
export function toTeamsPayload(
  message: AdaptiveCard | string | PlainText,
  profile: HostProfile = WORKFLOW,
): TeamsPayload {
  const isText = typeof message === 'string' || message instanceof PlainText;
  return envelope(isText ? textMessage(message, profile) : message, profile);
}

/** Characters of one text element at most: long texts get several, so that `fitCard` finds places to split. */
const PARAGRAPH_LENGTH = 4000;

/** A card with nothing but a text of any length, not yet checked: for `fitCard`. */
export function textCard(
  text: string | PlainText,
  profile: HostProfile = WORKFLOW,
  options: { readonly links?: UrlPolicy | undefined } = {},
): AdaptiveCard {
  const plain = text instanceof PlainText ? text : new PlainText(text);
  const body = paragraphs(plain.toString().replace(/^\n+|\s+$/g, '')).flatMap((paragraph) =>
    plainBlocks(new PlainText(paragraph), {}, { profile, links: options.links }),
  );
  return { type: 'AdaptiveCard', version: profile.version, body };
}

/** The text in pieces, broken at line ends, else between words, else anywhere but within a character. */
function paragraphs(text: string): string[] {
  const pieces: string[] = [];
  let rest = text;
  while (rest.length > PARAGRAPH_LENGTH) {
    const window = rest.slice(0, PARAGRAPH_LENGTH);
    const lineEnd = window.lastIndexOf('\n');
    const space = window.lastIndexOf(' ');
    const end = lineEnd > 0 ? lineEnd : space > 0 ? space : window.replace(/[\ud800-\udbff]$/, '').length;
    pieces.push(rest.slice(0, end));
    rest = rest.slice(end).replace(/^[\n ]/, '');
  }
  return [...pieces, rest];
}
