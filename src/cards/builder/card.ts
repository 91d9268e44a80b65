import type { PlainText } from '../../html/plain-text.ts';
import type { ActionName, ElementName, Properties } from '../catalogue/catalogue.ts';
import type { CardNode } from '../catalogue/rules.ts';
import { type HostProfile, WORKFLOW } from '../host-profile.ts';
import { type AdaptiveCard, checkedCard } from '../validate.ts';
import { textBlock } from './elements.ts';
import type { MentionText } from './mention-text.ts';
import { make, mentionsIn } from './node.ts';

type CardOptions = Omit<Properties<'AdaptiveCard'>, 'version' | 'body' | 'actions'>;

/**
 * Builds one card, fluently.
 *
 * Own builder rather than `@microsoft/teams.cards`, for three reasons: that package writes every default into the JSON
 * (which eats into the 28 KB of a webhook), it knows no host (a webhook takes 1.4 and no Submit), and it leaves mention
 * texts and entities to the caller. Here the types come from the same catalogue the validator reads, and `build`
 * returns a card that is valid for the host or throws.
 */
export class CardBuilder {
  readonly #options: CardOptions;
  readonly #body: CardNode<ElementName>[] = [];
  readonly #actions: CardNode<ActionName>[] = [];

  constructor(options: CardOptions) {
    this.#options = options;
  }

  /** Adds a large bold text. */
  title(text: string | PlainText | MentionText): this {
    return this.add(textBlock(text, { size: 'Large', weight: 'Bolder' }));
  }

  add(...elements: readonly CardNode<ElementName>[]): this {
    this.#body.push(...elements);
    return this;
  }

  actions(...actions: readonly CardNode<ActionName>[]): this {
    this.#actions.push(...actions);
    return this;
  }

  /** A card to be shown inside another (`showCard`): it has no version of its own, its mentions go to the outer card. */
  part(): CardNode<'AdaptiveCard'> {
    return make('AdaptiveCard', {
      ...this.#options,
      body: this.#body,
      ...(this.#actions.length > 0 && { actions: this.#actions }),
    });
  }

  /**
   * The finished card.
   *
   * @param profile - the host it is for: gives the version, and what is allowed
   * @throws SluiceError `card_invalid` with every fault and its path
   */
  build(profile: HostProfile = WORKFLOW): AdaptiveCard {
    const { type, ...rest } = this.part();
    const entities = [...(this.#options.msteams?.entities ?? []), ...mentionsIn(rest)];
    const msteams = { ...this.#options.msteams, ...(entities.length > 0 && { entities }) };
    const card = { type, version: profile.version, ...rest, ...(Object.keys(msteams).length > 0 && { msteams }) };
    return checkedCard(JSON.parse(JSON.stringify(card)), profile);
  }
}

/** Starts a card: `card().title('Release 1.4').add(textBlock('Done.')).actions(openUrl('Notes', 'https://…')).build()`. */
export function card(options: CardOptions = {}): CardBuilder {
  return new CardBuilder(options);
}
