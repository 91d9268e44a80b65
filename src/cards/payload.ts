import { PlainText } from '../html/plain-text.ts';
import { isBlank } from '../html/unsafe-characters.ts';
import type { TeamsPayload } from './envelope.ts';
import { envelope } from './envelope.ts';
import { cardErrors } from './errors.ts';
import { type HostProfile, WORKFLOW } from './host-profile.ts';
import { isPreformatted, plainBlocks } from './plain/blocks.ts';
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

/** A message holds several text elements, however its characters are counted: one takes this part of it at most. */
const SHARE_OF_MESSAGE = 8;

/**
 * A card with nothing but a text of any length, not yet checked: for `fitCard`.
 *
 * @throws SluiceError `text_blank` when a reader would see nothing
 */
export function textCard(
  text: string | PlainText,
  profile: HostProfile = WORKFLOW,
  options: { readonly links?: UrlPolicy | undefined; readonly title?: PlainText | undefined } = {},
): AdaptiveCard {
  const plain = text instanceof PlainText ? text : new PlainText(text);
  if (plain.isBlank) throw cardErrors.text_blank();
  const shown = plain.toString().replace(/^\n+|\s+$/g, '');
  const own = { profile, links: options.links, preformatted: isPreformatted(shown.split('\n')) };
  const length = Math.min(PARAGRAPH_LENGTH, Math.floor(profile.maxBytes / SHARE_OF_MESSAGE));
  const pieces = paragraphs(shown, length).map((piece) => plainBlocks(new PlainText(piece), {}, own));
  const joined = pieces.flatMap(([first, ...rest], index) =>
    first === undefined ? [] : [index === 0 ? first : { ...first, spacing: 'None' }, ...rest],
  );
  const heading = options.title ? plainBlocks(options.title, { size: 'Large', weight: 'Bolder' }, { profile }) : [];
  const fallbackText = fallbackTextOf(options.title ?? plain);
  return {
    type: 'AdaptiveCard',
    version: profile.version,
    body: [...heading, ...joined],
    fallbackText,
    speak: fallbackText,
  };
}

/** Characters of the text for clients and readers that show no card. */
const FALLBACK_LENGTH = 200;

/** The first line of a text, for `fallbackText` and `speak`: neither is Markdown. */
export function fallbackTextOf(text: PlainText): string {
  const line =
    text
      .toString()
      .split('\n')
      .find((one) => !isBlank(one)) ?? '';
  return line
    .trim()
    .slice(0, FALLBACK_LENGTH)
    .replace(/[\ud800-\udbff]$/, '');
}

/** The text in pieces, broken at line ends, else between words, else anywhere but within a character. */
function paragraphs(text: string, length: number): string[] {
  const pieces: string[] = [];
  let from = 0;
  while (text.length - from > length) {
    const window = text.slice(from, from + length);
    const lineEnd = window.lastIndexOf('\n');
    const space = window.lastIndexOf(' ');
    const size = lineEnd > 0 ? lineEnd : space > 0 ? space : window.replace(/[\ud800-\udbff]$/, '').length;
    pieces.push(window.slice(0, size));
    from += size;
    if (/[\n ]/.test(text[from]!)) from++;
  }
  return [...pieces, text.slice(from)];
}
