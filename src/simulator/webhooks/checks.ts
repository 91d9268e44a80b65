import { webhookLimits } from '../../limits/webhook-limits.ts';

/** What a person would see of one message: its cards and its text. */
export interface Shown {
  readonly text?: string;
  readonly cards: readonly unknown[];
}

/** What comes of a message: it is shown, or the reason why not. */
export type Verdict = { readonly shown: Shown } | { readonly reason: string };

/** Newest card version that a flow posts. https://github.com/prometheus/alertmanager/issues/3920 */
const MAX_CARD_VERSION = [1, 4] as const;
const CARD_TYPE = 'application/vnd.microsoft.card.adaptive';

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/**
 * What a flow made from the template does with the body: it posts every attachment as a card. All of this happens after
 * the 202, so the sender learns nothing of it.
 *
 * @see https://learn.microsoft.com/connectors/teams/ ("Request Entity too large")
 */
export function runFlow(body: string): Verdict {
  const attachments = readAttachments(JSON.parse(body));
  // The template loops over `attachments`: a bare card or a text passes the trigger and fails here.
  if (!attachments) return { reason: "Property 'type' must be 'AdaptiveCard'." };
  if (Buffer.byteLength(body) > webhookLimits.workflow.maxMessageBytes) return { reason: 'Request Entity too large' };
  const cards = attachments.map((attachment) => (isRecord(attachment) ? attachment['content'] : undefined));
  const reason = cards.map(cardFault).find((fault) => fault !== undefined);
  return reason ? { reason } : { shown: { cards } };
}

/** What a connector did: it took text as well as cards. */
export function runConnector(body: string): Verdict {
  const message: unknown = JSON.parse(body);
  const field = (name: string) => (isRecord(message) && typeof message[name] === 'string' ? message[name] : undefined);
  const text = field('text') ?? field('summary');
  const cards = (readAttachments(message) ?? []).map((attachment) =>
    isRecord(attachment) ? attachment['content'] : undefined,
  );
  if (text === undefined && cards.length === 0) return { reason: 'Summary or Text is required.' };
  return { shown: { ...(text !== undefined && { text }), cards } };
}

function readAttachments(message: unknown): readonly unknown[] | undefined {
  const attachments = isRecord(message) ? message['attachments'] : undefined;
  const usable = Array.isArray(attachments) && attachments.length > 0;
  const cardsOnly = usable && attachments.every((one) => isRecord(one) && one['contentType'] === CARD_TYPE);
  return cardsOnly ? attachments : undefined;
}

function cardFault(card: unknown): string | undefined {
  if (!isRecord(card) || card['type'] !== 'AdaptiveCard') return "Property 'type' must be 'AdaptiveCard'.";
  const [, major, minor] = /^(\d+)\.(\d+)$/.exec(String(card['version'])) ?? [];
  if (!major || !minor) return "Property 'version' must be specified.";
  const [maxMajor, maxMinor] = MAX_CARD_VERSION;
  const isNewer = Number(major) > maxMajor || (Number(major) === maxMajor && Number(minor) > maxMinor);
  return isNewer ? `Card couldn't be displayed: version ${major}.${minor} is newer than 1.4.` : undefined;
}
