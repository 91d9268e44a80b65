import { type HostProfile, plainBlocks, type UrlPolicy } from '../../cards/index.ts';
import { PlainText } from '../../html/index.ts';
import type { Notification } from '../../messages/types.ts';
import { linksOf, placesOf } from './alert-links.ts';
import { inlineLinks, linkButton, pictureOf } from './link-elements.ts';

interface LinkedCard {
  readonly card: unknown;
  readonly refusedLinks: readonly string[];
}

interface OwnCard {
  readonly body?: unknown;
  readonly actions?: unknown;
}

/**
 * A card of the sender's own with the links that came beside it and that it does not hold itself: as buttons while there
 * is room, then as a line; a picture as one, and what may not be a link as text. Not yet checked.
 */
export function withOwnLinks(
  card: unknown,
  notification: Notification,
  { profile, policy }: { readonly profile: HostProfile; readonly policy: UrlPolicy },
): LinkedCard {
  const { body = [], actions = [] } = (card ?? {}) as OwnCard;
  // Of a card that is none, the check says what is wrong.
  if (!Array.isArray(body) || !Array.isArray(actions)) return { card, refusedLinks: [] };
  const links = linksOf([{ ...notification, annotations: {} }], policy);
  const held = JSON.stringify(card);
  const isNew = (url: string) => !held.includes(JSON.stringify(url));
  const usable = links.usable.filter(({ url }) => isNew(url));
  const room = Math.max(0, profile.maxActions - actions.length);
  const buttons = usable.slice(0, room).map(({ title, url }) => linkButton(title, url));
  const lines = usable.slice(room);
  const told = [...links.refused.values()].flat().map(({ title, text, reason }) => {
    return new PlainText(`${title}: ${text} (not used as a link: ${reason})`);
  });
  const more = [
    ...[...links.images.values()].filter(isNew).map((url) => pictureOf(url, notification)),
    ...(lines.length > 0 ? [inlineLinks(lines)] : []),
    ...told.flatMap((line) => plainBlocks(line, { isSubtle: true }, { profile, links: policy })),
  ];
  const linked = {
    ...(card as object),
    ...(more.length > 0 && { body: [...body, ...more] }),
    ...(buttons.length > 0 && { actions: [...actions, ...buttons] }),
  };
  return { card: linked, refusedLinks: placesOf(links) };
}
