import { createHash } from 'node:crypto';
import type { Tenant, TwinUser } from '../tenant/types.ts';

/** A message that is still being written, or was. */
export interface TwinStream {
  readonly beganAtMs: number;
  lastAtMs: number;
  sequence: number;
  kind: unknown;
  state: 'open' | 'done' | 'stopped';
}

/** One message as the people of a conversation see it. */
export interface TwinPost {
  readonly id: string;
  readonly by: 'bot' | 'person';
  readonly name: string;
  readonly atMs: number;
  text: string | undefined;
  attachments: readonly unknown[];
  edited: boolean;
  deleted: boolean;
  /** What it answers, or the thread of a channel it stands in. */
  readonly replyToId: string | undefined;
  reactions: readonly string[];
  /** Undefined: it was said at once. */
  stream?: TwinStream | undefined;
  /** The one person who sees it. */
  readonly visibleTo?: TwinUser | undefined;
  /** Whether it has buttons for feedback, and whose dialog they open. */
  readonly feedback?: 'default' | 'custom' | undefined;
}

export type ConversationType = 'personal' | 'groupChat' | 'channel';

/** A conversation that the bot may be in. */
export interface TwinConversation {
  readonly id: string;
  readonly alias: string;
  readonly type: ConversationType;
  readonly name: string | undefined;
  readonly teamId: string | undefined;
  readonly people: readonly TwinUser[];
  readonly posts: TwinPost[];
  installed: boolean;
  blocked: boolean;
  /** First part of the path of its service URL. */
  region: string;
  /** When the bot was last seen typing. */
  typingAtMs: number | undefined;
}

const digest = (...parts: readonly string[]) => createHash('sha256').update(parts.join('\n')).digest('hex');

/** A person as one bot knows them: no other bot knows this id. */
export const personId = (appId: string, user: TwinUser): string => `29:${digest(appId, user.id)}`;

type Given = Pick<TwinConversation, 'id' | 'alias' | 'type' | 'name' | 'people'> & { readonly teamId?: string };

const conversation = (given: Given): TwinConversation => ({
  teamId: undefined,
  ...given,
  posts: [],
  installed: false,
  blocked: false,
  region: 'teams',
  typingAtMs: undefined,
});

/** The chat of one person with the bot: the same each time it is asked for. */
export function personalConversation(appId: string, user: TwinUser): TwinConversation {
  const id = `a:${digest(appId, user.id, 'personal').slice(0, 40)}`;
  return conversation({ id, alias: id, type: 'personal', name: undefined, people: [user] });
}

/** A personal chat, a group chat and a channel of the tenant, each with its people. */
export function createConversations(tenant: Tenant, appId: string): TwinConversation[] {
  const users = tenant.users();
  const team = tenant.teams()[0];
  const channel = team && tenant.channels(team.id)[0];
  const members = new Set(team ? tenant.teamMembers(team.id).map(({ userId }) => userId) : []);
  return [
    ...users.slice(0, 1).map((user) => ({ ...personalConversation(appId, user), alias: 'personal' })),
    conversation({
      id: `19:${digest(tenant.id, 'group').slice(0, 32)}@thread.v2`,
      alias: 'group',
      type: 'groupChat',
      name: 'Launch',
      people: users.slice(0, 4),
    }),
    ...(channel
      ? [
          conversation({
            id: channel.id,
            alias: 'channel',
            type: 'channel',
            name: channel.displayName,
            teamId: team.id,
            people: users.filter(({ id }) => members.has(id)),
          }),
        ]
      : []),
  ];
}

/** The conversation of an id or an alias; a thread of a channel is the channel's. */
export function findConversation(
  conversations: readonly TwinConversation[],
  name: string,
): { readonly conversation: TwinConversation; readonly threadId: string | undefined } | undefined {
  const [id, threadId] = name.split(';messageid=');
  const conversation = conversations.find((one) => one.id === id || one.alias === id);
  return conversation && { conversation, threadId };
}

/** What a person would see, as plain text, oldest first. */
export function conversationText({ alias, name, posts }: TwinConversation, render: (card: unknown) => string): string {
  const title = name === undefined ? alias : `${alias}: ${name}`;
  const shown = posts.map(({ name: who, atMs, text, attachments, deleted, replyToId, ...post }) => {
    const marks = marksOf(post).join(', ');
    const head = `${replyToId === undefined ? '' : '↳ '}${new Date(atMs).toISOString()}  ${who}${marks && ` (${marks})`}`;
    const parts = deleted
      ? ['This message has been deleted.']
      : [...(text === undefined ? [] : [text]), ...attachments.map((one) => render(contentOf(one)))];
    return `${head}\n${parts.join('\n').replace(/^(?=.)/gm, '  ')}`;
  });
  return `${[title, ...(shown.length > 0 ? shown : ['nothing yet.'])].join('\n\n')}\n`;
}

function marksOf({
  edited,
  stream,
  visibleTo,
  reactions,
}: Pick<TwinPost, 'edited' | 'stream' | 'visibleTo' | 'reactions'>) {
  return [
    ...(edited ? ['edited'] : []),
    ...(stream?.state === 'open' ? ['writing'] : []),
    ...(stream?.state === 'stopped' ? ['stopped'] : []),
    ...(visibleTo ? [`only for ${visibleTo.displayName}`] : []),
    ...reactions,
  ];
}

const contentOf = (attachment: unknown) => Object(attachment).content as unknown;
