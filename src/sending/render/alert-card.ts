import {
  type AdaptiveCard,
  type CardNode,
  card,
  container,
  type HostProfile,
  NOT_SHOWN_ID,
  type PlainOptions,
  plainBlocks,
  plainFacts,
  textBlock,
  type UrlPolicy,
} from '../../cards/index.ts';
import { PlainText } from '../../html/index.ts';
import type { Message, Notification } from '../../messages/types.ts';
import {
  type CommonFacts,
  commonFactsOf,
  descriptionOf,
  type FactContext,
  factsOf,
  lengthsOf,
  NOTHING_COMMON,
} from './alert-facts.ts';
import { type AlertLink, buttonTitle, linksOf, placesOf, whoseOf } from './alert-links.ts';
import { cutText, TextCuts } from './cut-text.ts';
import { inlineLinks, linkButton, pictureOf } from './link-elements.ts';
import { inShort, resolvedLines } from './resolved-lines.ts';
import { colorOf, countsOf, headingOf, inOrder, styleOf, titleOf } from './state-words.ts';

/** Alerts shown in full, and with those that have a line each; of the rest only the count is told. */
const MAX_IN_FULL = 50;
export const MAX_ALERTS_SHOWN = 100;

/** Alerts named where only a line of text is shown. */
const MAX_SPOKEN = 3;
const MAX_SPOKEN_LENGTH = 200;

export interface AlertCardOptions {
  readonly profile: HostProfile;
  readonly policy: UrlPolicy;
  readonly timeZone: string;
  /** Default 100. */
  readonly maxAlerts?: number | undefined;
}

/** A card, and what it could not show as it came. */
export interface AlertCard {
  readonly card: AdaptiveCard;
  /** Links that may not be used and stand as text, each by its place and why. */
  readonly refusedLinks: readonly string[];
  /** Characters of texts that were too long. */
  readonly charactersCut: number;
}

type Element = Parameters<typeof container>[0][number];

/**
 * The card of notifications that bring none of their own: state and severity in words, what fires first, every
 * annotation, value, label and link, and how much is not shown. Not yet checked.
 */
export function alertCard(message: Message, options: AlertCardOptions): AlertCard {
  const { profile, policy, maxAlerts = MAX_ALERTS_SHOWN } = options;
  const short = inShort(message.notifications);
  const shown = shownOf(inOrder(message.notifications), short, maxAlerts);
  const inFull = shown.filter((one) => !short.has(one));
  const links = linksOf(inFull, policy);
  const buttons = links.usable.slice(0, profile.maxActions);
  const whose = whoseOf(inFull);
  const common = shown.length > 1 ? commonFactsOf(message.notifications) : NOTHING_COMMON;
  const cuts = new TextCuts();
  const context = {
    ...options,
    cuts,
    links,
    inline: links.usable.slice(profile.maxActions),
    common,
    alone: shown.length === 1,
  };
  const title = titleOf(message);
  const plain = { profile, links: policy };
  const spoken = shown.slice(0, MAX_SPOKEN).map((one) => cutText(headingOf(one), MAX_SPOKEN_LENGTH));
  const words = new PlainText([title, ...spoken].join('. ')).toString();
  const built = card({ fallbackText: words, speak: words })
    .add(
      ...plainBlocks(
        new PlainText(title),
        { size: 'Large', weight: 'Bolder', color: shown[0] && colorOf(shown[0]) },
        plain,
      ),
    )
    .add(...notShownLine(message, shown), ...commonBlock(common, cuts, plain))
    .add(...inFull.map((notification) => alertOf(notification, context)));
  const over = shown.filter((one) => short.has(one));
  if (over.length > 0) built.add(resolvedLines(over, context, plain));
  if (buttons.length > 0) {
    built.actions(...buttons.map((link) => linkButton(buttonTitle(link, whose), link.url)));
  }
  const sent = { ...built.part(), version: profile.version };
  return { card: sent, refusedLinks: placesOf(links), charactersCut: cuts.missing };
}

/** As many as a card has room for, from the beginning. */
function shownOf(ordered: readonly Notification[], short: ReadonlySet<Notification>, maxAlerts: number) {
  const inFull = ordered.filter((one) => !short.has(one));
  const end = inFull.length > MAX_IN_FULL ? ordered.indexOf(inFull[MAX_IN_FULL]!) : ordered.length;
  return ordered.slice(0, Math.min(end, maxAlerts));
}

/** Says how many alerts the reader does not see. It stands above them, and is the last thing that is cut. */
function notShownLine({ notifications, senderGroup }: Message, shown: readonly Notification[]): Element[] {
  const hidden = inOrder(notifications).slice(shown.length);
  const truncated = senderGroup?.truncatedAlerts ?? 0;
  const parts = [
    ...(hidden.length > 0 ? [`${hidden.length} not shown (${countsOf(hidden)}).`] : []),
    ...(truncated > 0 ? [`${truncated} more left out by the sender.`] : []),
  ];
  return parts.length > 0 ? [textBlock(parts.join(' '), { id: NOT_SHOWN_ID, weight: 'Bolder' })] : [];
}

function commonBlock({ labels, source }: CommonFacts, cuts: TextCuts, plain: PlainOptions): Element[] {
  const facts = [...Object.entries(labels), ...(source === undefined ? [] : [['source', source] as const])];
  if (facts.length === 0) return [];
  const texts = facts.map(
    ([name, value]) => [new PlainText(name), new PlainText(cuts.cut(value, lengthsOf(true).fact, name))] as const,
  );
  return [plainFacts(texts, plain)];
}

interface Context extends AlertCardOptions, FactContext {
  /** Links that have no button. */
  readonly inline: readonly AlertLink[];
}

function alertOf(notification: Notification, context: Context): CardNode<'Container'> {
  const { links, inline, alone, profile, policy, cuts } = context;
  const plain = { profile, links: policy };
  const { text: maxText } = lengthsOf(alone);
  const description = descriptionOf(notification);
  const picture = links.images.get(notification);
  const own = inline.filter(({ owners }) => owners[0] === notification);
  return container(
    [
      ...plainBlocks(new PlainText(cuts.cut(headingOf(notification), maxText)), { weight: 'Bolder' }, plain),
      ...(description ? plainBlocks(new PlainText(cuts.cut(description[1], maxText)), {}, plain) : []),
      plainFacts(factsOf(notification, context), plain),
      ...(picture === undefined ? [] : [pictureOf(picture, notification)]),
      ...(own.length > 0 ? [inlineLinks(own)] : []),
    ],
    { style: styleOf(notification) },
  );
}
