import { image, openUrl, richTextBlock, textRun } from '../../cards/index.ts';
import { PlainText } from '../../html/index.ts';
import type { Notification } from '../../messages/types.ts';
import type { AlertLink } from './alert-links.ts';
import { nameOf } from './state-words.ts';

/** Titles of buttons are no Markdown. */
const plain = (text: string) => new PlainText(text).toString();

/** A button that opens a link. */
export const linkButton = (title: string, url: string) => openUrl(plain(title), url);

/** Links that have no button stand with their alert. */
export function inlineLinks(links: readonly AlertLink[]) {
  return richTextBlock(
    links.flatMap(({ title, url }, index) => [
      ...(index > 0 ? [' · '] : []),
      textRun(plain(title), { color: 'Accent', underline: true, selectAction: linkButton(title, url) }),
    ]),
  );
}

/** A picture that came with an alert. */
export const pictureOf = (url: string, notification: Notification) =>
  image(url, {
    altText: plain(`Picture of ${nameOf(notification)}`),
    size: 'Stretch',
    selectAction: linkButton('Image', url),
  });
