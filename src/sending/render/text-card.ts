import { type AdaptiveCard, type CardNode, plainBlocks, plainFacts, textCard } from '../../cards/index.ts';
import { PlainText } from '../../html/index.ts';
import type { Notification } from '../../messages/types.ts';
import type { AlertCard, AlertCardOptions } from './alert-card.ts';
import { factsOf, NOTHING_COMMON } from './alert-facts.ts';
import { linksOf, placesOf } from './alert-links.ts';
import { TextCuts } from './cut-text.ts';
import { inlineLinks, linkButton, pictureOf } from './link-elements.ts';
import { colorOf, severityOf, stateWord } from './state-words.ts';

/**
 * The card of a notification that brings its own text: the text as it is, above it the state, if it has one, below it
 * what else came with it. Not yet checked.
 */
export function notedTextCard(notification: Notification, text: string, options: AlertCardOptions): AlertCard {
  const { profile, policy, timeZone } = options;
  const links = linksOf([notification], policy);
  const hasState = notification.status !== 'event';
  const state = [...(hasState ? [stateWord(notification.status)] : []), severityOf(notification)].filter(Boolean);
  const cuts = new TextCuts();
  const facts = factsOf(notification, { timeZone, links, common: NOTHING_COMMON, alone: true, cuts });
  const told = hasState ? facts : facts.filter(([name]) => name.toString() !== 'at');
  const pictures = [...links.images.values()];
  const more = links.usable.slice(profile.maxActions);
  const own = { profile, links: policy };
  const { content } = notification;
  const title = content?.kind === 'text' && content.title !== undefined ? new PlainText(content.title) : undefined;
  const plain = textCard(text, profile, { links: policy, title });
  const body: readonly CardNode[] = [
    ...plainBlocks(new PlainText(state.join(' · ')), { weight: 'Bolder', color: colorOf(notification) }, own),
    ...(plain['body'] as readonly CardNode[]),
    ...(told.length > 0 ? [plainFacts(told, own)] : []),
    ...pictures.map((url) => pictureOf(url, notification)),
    ...(more.length > 0 ? [inlineLinks(more)] : []),
  ];
  const shown = links.usable.slice(0, profile.maxActions);
  const actions = shown.map(({ title, url }) => linkButton(title, url));
  const card: AdaptiveCard = { ...plain, body, ...(actions.length > 0 && { actions }) };
  return { card, refusedLinks: placesOf(links), charactersCut: cuts.missing };
}
