import { PlainText } from '../html/plain-text.ts';
import type { TeamsPayload } from './envelope.ts';
import { envelope } from './envelope.ts';
import { type HostProfile, WORKFLOW } from './host-profile.ts';
import { type AdaptiveCard, checkedCard } from './validate.ts';

/**
 * One line of text, or a few, as a card: a Workflows webhook takes nothing but cards. The text is shown as it is;
 * `*` and `<` mean themselves.
 *
 * @throws SluiceError `card_invalid` when it is too long; `fitCard` splits
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

/** A card with nothing but a text, not yet checked. */
export function textCard(text: string | PlainText, profile: HostProfile): AdaptiveCard {
  const plain = typeof text === 'string' ? new PlainText(text) : text;
  return {
    type: 'AdaptiveCard',
    version: profile.version,
    body: [{ type: 'TextBlock', text: plain.toMarkdown(), wrap: true }],
  };
}
