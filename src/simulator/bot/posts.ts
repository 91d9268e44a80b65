import type { TwinRequest } from '../protocol/exchange.ts';
import type { TwinConversation, TwinPost } from './conversations.ts';

/** A body as it came. */
export type Body = Readonly<Record<string, unknown>>;

/** How long a targeted message is there. */
export const TARGETED_MS = 24 * 3_600_000;

export const isTargeted = ({ url }: TwinRequest) => url.searchParams.get('isTargetedActivity') === 'true';

/** @see https://learn.microsoft.com/microsoftteams/platform/bots/how-to/bot-messages-ai-generated-content#feedback-buttons */
export function feedbackOf(body: Body): TwinPost['feedback'] {
  const type = textAt(body, 'channelData', 'feedbackLoop', 'type');
  if (type === 'custom') return 'custom';
  const enabled = (Object(body['channelData']) as Body)['feedbackLoopEnabled'];
  return type === 'default' || enabled === true ? 'default' : undefined;
}

export const ownPost = ({ posts }: TwinConversation, id: string | undefined): TwinPost | undefined =>
  posts.find((post) => post.id === id && post.by === 'bot' && !post.deleted);

export function wordsOf({ text, attachments }: Body) {
  return {
    text: typeof text === 'string' && text !== '' ? text : undefined,
    attachments: Array.isArray(attachments) ? (attachments as readonly unknown[]) : [],
  };
}

export const textAt = (value: unknown, ...path: readonly string[]): string | undefined => {
  const found = path.reduce<unknown>((at, key) => (Object(at) as Body)[key], value);
  return typeof found === 'string' ? found : undefined;
};
