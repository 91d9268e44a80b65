import {
  type AdaptiveCard,
  CardCache,
  expandTemplate,
  fitCard,
  type HostProfile,
  type TeamsPayload,
  textCard,
  toTeamsPayload,
  WORKFLOW,
} from '../../cards/index.ts';
import type { LoadedConfig } from '../../config/load.ts';
import type { ReceiverConfig, SluiceConfig } from '../../config/schema.ts';
import { isSluiceError, type SluiceError, unknownValue } from '../../errors/sluice-error.ts';
import type { Content, Message } from '../../notifiers/types.ts';
import { alertCard } from './alert-card.ts';
import { templateData } from './template-data.ts';

/** A message as it goes over the wire: one body, or several when it was too large for one. */
export interface Rendered {
  readonly bodies: readonly TeamsPayload[];
  /** Why a card or template of its own could not be used and the plain form was sent instead. */
  readonly fellBack?: SluiceError;
}

/** Turns messages into bodies that their receivers take. */
export class Renderer {
  readonly #loaded: () => LoadedConfig;
  readonly #cache = new CardCache();

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
    await this.#content(content, { profile: WORKFLOW, tenant, tooLarge: 'split' });
  }

  /** Every message has a body: what cannot be shown as wanted is shown from its labels and annotations. */
  async render(message: Message): Promise<Rendered> {
    const { config } = this.#loaded();
    const receiver = Object.hasOwn(config.receivers, message.receiver) ? config.receivers[message.receiver] : undefined;
    const target = targetOf(message.tenant, receiver);
    const wrap = (cards: readonly AdaptiveCard[]) => cards.map((card) => toTeamsPayload(card, target.profile));
    try {
      return { bodies: wrap(await this.#cards(message, receiver, target)) };
    } catch (error) {
      if (!isSluiceError(error)) throw error;
      const plain = message.notifications.map(({ content, ...rest }) => rest);
      return { bodies: wrap(this.#alerts({ ...message, notifications: plain }, target)), fellBack: error };
    }
  }

  async #cards(message: Message, receiver: ReceiverConfig | undefined, target: Target): Promise<AdaptiveCard[]> {
    if (receiver?.template !== undefined) {
      return await this.#content(
        { kind: 'template', template: receiver.template, data: templateData(message) },
        target,
      );
    }
    const bare = message.notifications.filter(({ content }) => content === undefined);
    const cards = bare.length > 0 ? this.#alerts({ ...message, notifications: bare }, target) : [];
    for (const { content } of message.notifications) {
      if (content) cards.push(...(await this.#content(content, target)));
    }
    return cards;
  }

  #alerts(message: Message, target: Target): AdaptiveCard[] {
    return this.#fit(alertCard(message, target.profile, this.#policy()), target);
  }

  async #content(content: Content, target: Target): Promise<AdaptiveCard[]> {
    const { profile, tenant } = target;
    if (content.kind === 'text') return this.#fit(textCard(content.text, profile), target);
    if (content.kind === 'card') return this.#fit(content.card, target);
    const { config } = this.#loaded();
    const { data } = content;
    const template = templateOf(config, content.template);
    const key = { tenantId: tenant, clientId: config.auth.client_id ?? '', host: profile.name, template, data };
    const card = await this.#cache.get(key, async () => (await expandTemplate(template, data)) as AdaptiveCard);
    return this.#fit(card, target);
  }

  #fit(card: unknown, { profile, tooLarge }: Target): AdaptiveCard[] {
    return [...fitCard(card, profile, { ...this.#policy(), prefer: tooLarge }).cards];
  }

  #policy() {
    return { allowedHosts: this.#loaded().config.webhooks.allowed_hosts };
  }
}

interface Target {
  readonly profile: HostProfile;
  readonly tenant: string;
  readonly tooLarge: 'split' | 'shorten';
}

function targetOf(tenant: string, receiver: ReceiverConfig | undefined): Target {
  if (!receiver) return { profile: WORKFLOW, tenant, tooLarge: 'split' };
  return { profile: { ...WORKFLOW, maxBytes: receiver.max_bytes }, tenant, tooLarge: receiver.too_large };
}

function templateOf(config: SluiceConfig, name: string): unknown {
  if (Object.hasOwn(config.templates, name)) return config.templates[name];
  const valid = Object.keys(config.templates);
  throw unknownValue({ field: 'template', value: name, valid, surface: 'card', code: 'template_unknown' });
}
