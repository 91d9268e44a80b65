import { hostedAddress, hostedContentId } from '../hosted-content.ts';
import type { StoredChatMessage, StoredMessage } from '../message.ts';
import type { TwinAttachment, TwinHostedContent } from '../types.ts';
import { attachmentMark } from './attachments.ts';
import { between, guid, hex, type Random } from './chance.ts';

/** How often messages of people show pictures and code, and how often the picture is one that was posted before. */
const SHARES = { pictures: 0.05, code: 0.01, posted: 0.15 };
const SIZES = { least: 200, most: 24_000 };
const MOST_PICTURES = 3;
/** A picture that is posted again and again is the same bytes under another id. */
const LOGO = { size: 4_096, seed: 'logo' };

/** New pictures for a text. */
export const pictures = (random: Random, count: number): readonly TwinHostedContent[] =>
  Array.from({ length: count }, () => picture(random));

/** Some of the messages get pictures, some a piece of code. */
export function giveHostedContents(random: Random, messages: readonly (StoredMessage | StoredChatMessage)[]): void {
  for (const message of messages) {
    const chance = random();
    if (message.eventDetail !== null || message.deletedMs !== null || message.contentType !== 'html') continue;
    if (chance < SHARES.pictures) message.hostedContents = pictures(random, between(random, 1, MOST_PICTURES));
    else if (chance < SHARES.pictures + SHARES.code) giveCode(random, message);
  }
}

function picture(random: Random): TwinHostedContent {
  const id = hostedContentId(`0-wus-d${between(random, 1, 9)}-${hex(random, 32)}`);
  const own = { size: between(random, SIZES.least, SIZES.most), seed: id };
  return { id, contentType: 'image/png', ...(random() < SHARES.posted ? LOGO : own), shownIn: 'text' };
}

/** A code snippet: an attachment says the language, the code is kept beside. */
function giveCode(random: Random, message: StoredMessage | StoredChatMessage): void {
  const id = hostedContentId(`0-wus-d1-${hex(random, 32)}`);
  const attachment: TwinAttachment = {
    id: guid(random),
    contentType: 'application/vnd.microsoft.card.codesnippet',
    contentUrl: null,
    content: JSON.stringify({ language: 'sql', lines: '1', wrap: false, codeSnippetUrl: hostedAddress(message, id) }),
    name: 'Query',
    thumbnailUrl: null,
    teamsAppId: null,
  };
  message.attachments = [...message.attachments, attachment];
  message.content += attachmentMark(attachment);
  const size = between(random, SIZES.least, SIZES.most);
  message.hostedContents = [{ id, contentType: 'text/plain', size, seed: id, shownIn: 'attachment' }];
}
