import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type AdaptiveCard,
  CardCache,
  type ExpandOptions,
  expandLeniently,
  expandTemplate,
  type Filled,
  type FittedCard,
  fitCard,
  type HostProfile,
  MAX_TEXT_PARTS,
  type Refused,
  strictest,
  type TeamsPayload,
  textCard,
  toTeamsPayload,
  usableCard,
  WORKFLOW,
} from '../../cards/index.ts';
import type { LoadedConfig } from '../../config/load.ts';
import type { ReceiverConfig } from '../../config/receivers.ts';
import type { SluiceConfig } from '../../config/schema.ts';
import { isSluiceError, type SluiceError } from '../../errors/sluice-error.ts';
import type { Content, Message, Notification } from '../../messages/types.ts';
import { receiverOf } from '../destinations.ts';
import { contentErrors } from '../errors.ts';
import { type AlertCard, type AlertCardOptions, alertCard, MAX_ALERTS_SHOWN } from './alert-card.ts';
import { timeZoneOf, urlPolicyOf } from './card-settings.ts';
import { withOwnLinks } from './own-links.ts';
import { removedFromAll } from './removed.ts';
import { withStateLine } from './state-line.ts';
import { inOrder } from './state-words.ts';
import { isTemplateName, templateData } from './template-data.ts';
import { notedTextCard } from './text-card.ts';

/** A message as it goes over the wire: one body, or several when it was too large for one. */
export interface Rendered {
  readonly bodies: readonly TeamsPayload[];
  /** Characters of the message that are in none of the bodies. */
  readonly charactersNotSent: number;
  /** Control and direction characters that were taken away. */
  readonly removedCharacters: number;
  /** Why a card or template of its own could not be used and the plain form was sent instead. */
  readonly fellBack?: SluiceError;
  /** Links that may not be used, each by its place and why. */
  readonly refusedLinks: readonly string[];
  /** Values that a template was filled with and that their properties do not know, each by its place and why. */
  readonly droppedValues: readonly string[];
}

/** Turns messages into bodies that their receivers take. */
export class Renderer {
  readonly #loaded: () => LoadedConfig;
  readonly #cache = new CardCache<Filled>();

  /** @param loaded - the configuration in use */
  constructor(loaded: () => LoadedConfig) {
    this.#loaded = loaded;
  }

  /**
   * Refuses content that no receiver could be sent.
   *
   * @throws SluiceError `card_invalid`, `template_invalid`, `template_unfilled` or `template_unknown`
   */
  async check(content: Content, tenant: string): Promise<void> {
    const { config } = this.#loaded();
    let refusal: unknown;
    for (const profile of profilesOf(config)) {
      try {
        await this.#content(content, { ...targetOf(tenant, undefined, config), profile });
        return;
      } catch (error) {
        refusal ??= error;
      }
    }
    throw refusal;
  }

  /** Every message has a body: what cannot be shown as wanted is shown from its labels and annotations. */
  async render(message: Message): Promise<Rendered> {
    const { config } = this.#loaded();
    const receiver = receiverOf(config, message.receiver);
    const fallback = message.fallback && receiverOf(config, message.fallback.receiver);
    const target = targetOf(message.tenant, receiver, config, fallback);
    try {
      return rendered(await this.#cards(message, receiver, target), message, target);
    } catch (error) {
      if (!isSluiceError(error)) throw error;
      const plain = message.notifications.map(({ content, ...rest }) => rest);
      return {
        ...rendered([await this.#alerts({ ...message, notifications: plain }, target)], message, target),
        fellBack: error,
      };
    }
  }

  async #cards(message: Message, receiver: ReceiverConfig | undefined, target: Target): Promise<Fitted[]> {
    const { notifications } = message;
    const template = receiver?.template;
    // A receiver's template has a place for texts; a card or template of the sender's own stands beside it.
    const isOwn = ({ content }: Notification) =>
      content !== undefined && (template === undefined || content.kind !== 'text');
    const alerts = { ...message, notifications: notifications.filter((one) => !isOwn(one)) };
    const cards: Fitted[] = [];
    if (alerts.notifications.length > 0) {
      cards.push(
        await (template === undefined ? this.#alerts(alerts, target) : this.#filledAlerts(template, alerts, target)),
      );
    }
    for (const notification of notifications.filter(isOwn)) cards.push(await this.#own(notification, target));
    return cards;
  }

  /** What a notification brings itself. */
  async #own(notification: Notification, target: Target): Promise<Fitted> {
    const content = notification.content!;
    if (content.kind === 'text') return this.#text(notification, content.text, target);
    return await this.#content(content, target, notification);
  }

  async #filledAlerts(name: string, message: Message, target: Target): Promise<Fitted> {
    const from = { name, data: templateData(message, target.timeZone) };
    const { card, ...lost } = await this.#filled(from, target, { mayMiss: isTemplateName });
    return { ...this.#fit(inState(card, message.status), target), ...lost };
  }

  /** As many alerts as fit whole: better fewer, and counted, than the ends of all cut off. */
  async #alerts({ notifications, ...rest }: Message, target: Target): Promise<Fitted> {
    const message = { ...rest, notifications: inOrder(notifications) };
    const show = (maxAlerts: number) => {
      return this.#fitted(alertCard(message, { ...this.#options(target), maxAlerts }), target);
    };
    const all = show(MAX_ALERTS_SHOWN);
    if (all.how !== 'shortened') return all;
    let [fits, tooMany] = [1, Math.min(MAX_ALERTS_SHOWN, message.notifications.length)];
    let best = show(fits);
    while (tooMany - fits > 1) {
      await nextTurn();
      const middle = Math.floor((fits + tooMany) / 2);
      const tried = show(middle);
      if (tried.how === 'shortened') tooMany = middle;
      else [fits, best] = [middle, tried];
    }
    return best;
  }

  #text(notification: Notification, text: string, target: Target): Fitted {
    return this.#fitted(notedTextCard(notification, text, this.#options(target)), target, MAX_TEXT_PARTS);
  }

  async #content(content: Content, target: Target, notification?: Notification): Promise<Fitted> {
    const { profile } = target;
    if (content.kind === 'text') return this.#fit(textCard(content.text, profile, { links: this.#policy() }), target);
    const own =
      content.kind === 'card'
        ? { card: content.card, refusedLinks: [], droppedValues: [] }
        : await this.#filled({ name: content.template, data: content.data }, target);
    if (!notification) return this.#fit(own.card, target);
    const stated = inState(own.card, notification.status);
    const { card, refusedLinks } = withOwnLinks(stated, notification, { profile, policy: this.#policy() });
    return {
      ...this.#fit(card, target),
      refusedLinks: [...own.refusedLinks, ...refusedLinks],
      droppedValues: own.droppedValues,
    };
  }

  /** A template with its data, without the links in it that may not be used. */
  async #filled({ name, data }: FilledFrom, { profile, tenant }: Target, options: ExpandOptions = {}) {
    const { config } = this.#loaded();
    const template = templateOf(config, name);
    const key = { tenantId: tenant, clientId: config.auth.client_id ?? '', host: profile.name, template, data };
    const filled = await this.#cache.get(key, async () =>
      options.mayMiss
        ? await expandLeniently(template, data, options)
        : { card: await expandTemplate(template, data), failed: [] },
    );
    const { card, refused, dropped } = usableCard(filled.card, profile, this.#policy());
    const failed = filled.failed.map((path) => ({ path, reason: 'its expression cannot be evaluated' }));
    return { card, refusedLinks: refused.map(placeOf), droppedValues: [...failed, ...dropped].map(placeOf) };
  }

  #fitted({ card, refusedLinks, charactersCut }: AlertCard, target: Target, maxParts?: number): Fitted {
    const fitted = this.#fit(card, target, maxParts);
    return { ...fitted, refusedLinks, charactersNotSent: fitted.charactersNotSent + charactersCut };
  }

  #fit(card: unknown, { profile, tooLarge }: Target, maxParts?: number): Fitted {
    return {
      ...fitCard(card, profile, { ...this.#policy(), prefer: tooLarge, maxParts }),
      refusedLinks: [],
      droppedValues: [],
    };
  }

  #options({ profile, timeZone }: Target): AlertCardOptions {
    return { profile, timeZone, policy: this.#policy() };
  }

  #policy() {
    return urlPolicyOf(this.#loaded().config);
  }
}

interface FilledFrom {
  readonly name: string;
  readonly data: unknown;
}

const placeOf = ({ path, reason }: Refused) => `${path}: ${reason}`;

const inState = (card: unknown, status: Notification['status']) =>
  status === 'resolved' ? withStateLine(card as AdaptiveCard) : card;

/** A card as the messages that it needs, and what could not stand in it as it came. */
interface Fitted extends FittedCard {
  readonly refusedLinks: readonly string[];
  readonly droppedValues: readonly string[];
}

function rendered(parts: readonly Fitted[], { notifications }: Message, { profile }: Target): Rendered {
  return {
    bodies: parts.flatMap(({ cards }) => cards.map((card) => toTeamsPayload(card, profile))),
    charactersNotSent: parts.reduce((sum, part) => sum + part.charactersNotSent, 0),
    removedCharacters: removedFromAll(notifications),
    refusedLinks: parts.flatMap(({ refusedLinks }) => refusedLinks),
    droppedValues: parts.flatMap(({ droppedValues }) => droppedValues),
  };
}

interface Target {
  readonly profile: HostProfile;
  readonly tenant: string;
  readonly tooLarge: 'split' | 'shorten';
  readonly timeZone: string;
}

/** What the receivers of a configuration take, each profile once; without receivers what a webhook does. */
function profilesOf({ receivers }: SluiceConfig): readonly HostProfile[] {
  const profiles = Object.values(receivers).map(({ profile }) => [JSON.stringify(profile), profile] as const);
  return profiles.length > 0 ? [...new Map(profiles).values()] : [WORKFLOW];
}

/** @param fallback - the receiver that must be able to take the same body, if there is one */
function targetOf(
  tenant: string,
  receiver: ReceiverConfig | undefined,
  config: SluiceConfig,
  fallback?: ReceiverConfig | undefined,
): Target {
  const own = receiver?.profile ?? WORKFLOW;
  const profile = fallback ? strictest(own, fallback.profile) : own;
  return { profile, tenant, tooLarge: receiver?.too_large ?? 'split', timeZone: timeZoneOf(config, receiver) };
}

function templateOf(config: SluiceConfig, name: string): unknown {
  if (Object.hasOwn(config.templates, name)) return config.templates[name];
  const valid = Object.keys(config.templates);
  throw contentErrors.template_unknown({ field: 'template', value: name, valid });
}
