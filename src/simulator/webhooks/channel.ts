import type { Post, TwinWebhook } from './webhook.ts';

/** Where the channel is looked at: their parsers of Markdown differ. */
export const CHANNEL_VIEWS = ['web', 'phone'] as const;
export type ChannelView = (typeof CHANNEL_VIEWS)[number];

export const CHANNEL_THEMES = ['auto', 'light', 'dark'] as const;

/** A picture of a card in characters. Passed in: the twin knows no card renderer. */
export type RenderCard = (card: unknown, view: ChannelView) => string;

/** A page of posts. Passed in, as {@link RenderCard}. */
export type RenderPage = (
  posts: readonly { readonly head: string; readonly text?: string | undefined; readonly cards: readonly unknown[] }[],
  options: { readonly view: ChannelView; readonly theme: (typeof CHANNEL_THEMES)[number]; readonly title: string },
) => string;

/** The texts of a card, a line each, in reading order. */
export const drawTexts: RenderCard = (card) => textsOf(card).join('\n');

function textsOf(part: unknown): string[] {
  if (Array.isArray(part)) return part.flatMap(textsOf);
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([name, value]) =>
    typeof value === 'string' ? (['text', 'title', 'value'].includes(name) ? [value] : []) : textsOf(value),
  );
}

/** What a person would see in the channel, as plain text: every post with its time, oldest first. */
export function channelText({ id, posts }: TwinWebhook, render: (card: unknown) => string): string {
  if (posts.length === 0) return `#${id}: nothing posted yet.\n`;
  return [`#${id}`, ...posts.map((post) => postText(post, render))].join('\n\n') + '\n';
}

function postText(post: Post, render: (card: unknown) => string): string {
  const parts = [...(post.text === undefined ? [] : [post.text]), ...post.cards.map((card) => render(card))];
  const indented = parts.join('\n\n').replace(/^(?=.)/gm, '  ');
  return `${headOf(post)}\n${indented}`;
}

/** The posts for a page. */
export const channelPosts = ({ posts }: TwinWebhook) =>
  posts.map((post) => ({ head: headOf(post), text: post.text, cards: post.cards }));

const headOf = ({ atMs }: Post) => `${new Date(atMs).toISOString()}  Workflows`;

/** The same as data. */
export function channelJson({ id, kind, posts }: TwinWebhook, render: (card: unknown) => string) {
  return {
    webhook: id,
    kind,
    posts: posts.map(({ atMs, messageId, text, cards }) => ({
      at: new Date(atMs).toISOString(),
      ...(messageId !== undefined && { messageId }),
      ...(text !== undefined && { text }),
      cards: cards.map((card) => ({ card, text: render(card) })),
    })),
  };
}
