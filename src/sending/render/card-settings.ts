import type { UrlPolicy } from '../../cards/index.ts';
import type { ReceiverConfig } from '../../config/receivers.ts';
import type { SluiceConfig } from '../../config/schema.ts';

/** Which URLs may stand in cards: what people open and what Teams fetches are two policies. */
export const urlPolicyOf = ({ cards }: Pick<SluiceConfig, 'cards'>): UrlPolicy => ({
  links: cards.links,
  imageHosts: cards.image_hosts,
});

/** The time zone in which a receiver reads. */
export const timeZoneOf = ({ cards }: SluiceConfig, receiver: ReceiverConfig | undefined): string =>
  receiver?.timezone ?? cards.timezone;
