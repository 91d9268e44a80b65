import { type Endpoint, expandRoute } from '../graph/endpoint.ts';
import type { GraphClient, PageRequest } from '../graph/types.ts';
import { channelMembers } from '../resources/channel-members.ts';
import { channelMessages } from '../resources/channel-messages.ts';
import { channels as channelsOfTeam } from '../resources/channels.ts';
import { chatMembers } from '../resources/chat-members.ts';
import { chatMessages } from '../resources/chat-messages.ts';
import { chats as chatsOfUser } from '../resources/chats.ts';
import { teamMembers } from '../resources/team-members.ts';
import { teams as teamsOfTenant } from '../resources/teams.ts';
import { listingRead, type Resource } from '../resources/types.ts';
import { recordLost } from '../strategies/errors.ts';
import { recent } from '../strategies/index.ts';
import { pagesFrom } from '../strategies/pages.ts';
import { isDamaged, records } from '../strategies/records.ts';
import type { channels } from '../tables/channels.ts';
import type { chatMembers as chatMemberTable } from '../tables/chat-members.ts';
import type { chatMessages as chatMessageTable } from '../tables/chat-messages.ts';
import type { chats } from '../tables/chats.ts';
import type { members } from '../tables/members.ts';
import type { messageReplies } from '../tables/message-replies.ts';
import type { messages } from '../tables/messages.ts';
import type { teams } from '../tables/teams.ts';
import type { Entity } from './entity.ts';
import { entityErrors } from './errors.ts';

export type Team = Entity<typeof teams>;
export type Channel = Entity<typeof channels>;
export type Chat = Entity<typeof chats>;
export type Reply = Entity<typeof messageReplies>;
/** A message of a channel comes with its newest replies; of a chat, without any. */
export type Message = Entity<typeof messages> &
  Entity<typeof chatMessageTable> & { readonly replies?: readonly Reply[] | null };
export type Member = Entity<typeof members> & Entity<typeof chatMemberTable>;

export interface ChannelPlace {
  readonly teamId: string;
  readonly channelId: string;
}
export interface ChatPlace {
  readonly chatId: string;
}

/**
 * What an application can read of Teams, one entity set each. Lists are lazy: a page is asked for when the one before
 * was used up, and nothing more when the loop ends. Every request keeps the limits of its client and throws its errors.
 */
export interface EntitySets {
  readonly teams: {
    /** Every team. Graph lists id, name and description; `get` gives the rest. https://learn.microsoft.com/en-us/graph/api/teams-list */
    list(signal?: AbortSignal): AsyncGenerator<Team>;
    /** https://learn.microsoft.com/en-us/graph/api/team-get */
    get(of: { readonly teamId: string }, signal?: AbortSignal): Promise<Team>;
  };
  readonly channels: {
    /** https://learn.microsoft.com/en-us/graph/api/channel-list */
    list(of: { readonly teamId: string }, signal?: AbortSignal): AsyncGenerator<Channel>;
    /** https://learn.microsoft.com/en-us/graph/api/channel-get */
    get(of: ChannelPlace, signal?: AbortSignal): Promise<Channel>;
  };
  readonly chats: {
    /** The chats of a user. https://learn.microsoft.com/en-us/graph/api/chat-list */
    list(of: { readonly userId: string }, signal?: AbortSignal): AsyncGenerator<Chat>;
    /** https://learn.microsoft.com/en-us/graph/api/chat-get */
    get(of: ChatPlace, signal?: AbortSignal): Promise<Chat>;
  };
  readonly messages: {
    /** The newest first. https://learn.microsoft.com/en-us/graph/api/channel-list-messages, https://learn.microsoft.com/en-us/graph/api/chat-list-messages */
    list(of: ChannelPlace | ChatPlace, signal?: AbortSignal): AsyncGenerator<Message>;
    /** All replies to a message of a channel. https://learn.microsoft.com/en-us/graph/api/chatmessage-list-replies */
    replies(of: ChannelPlace & { readonly messageId: string }, signal?: AbortSignal): AsyncGenerator<Reply>;
    /** https://learn.microsoft.com/en-us/graph/api/chatmessage-get */
    get(of: (ChannelPlace | ChatPlace) & { readonly messageId: string }, signal?: AbortSignal): Promise<Message>;
    /**
     * Sends nothing: Graph takes messages of signed-in people only.
     *
     * @throws SluiceError `application_cannot_post`, before any request, with what to use instead
     * @see https://learn.microsoft.com/en-us/graph/api/channel-post-messages
     */
    post(to: ChannelPlace | ChatPlace, message: unknown): Promise<never>;
  };
  readonly members: {
    /** Of a team, a channel or a chat. https://learn.microsoft.com/en-us/graph/api/team-list-members */
    list(of: { readonly teamId: string } | ChannelPlace | ChatPlace, signal?: AbortSignal): AsyncGenerator<Member>;
  };
}

/** The ids of a route, as callers name them. */
interface Ids {
  readonly teamId?: string;
  readonly channelId?: string;
  readonly chatId?: string;
  readonly userId?: string;
  readonly messageId?: string;
}

type Route = Pick<Endpoint, 'route' | 'query'>;

const listOf = (resource: Resource): Route => {
  const read = listingRead(resource) ?? resource.reads.find(({ strategy }) => strategy === recent);
  if (read === undefined) throw new TypeError(`${resource.name} has no list`);
  return read;
};

const ofTeam: Route = { route: '/teams/{team-id}' };
const ofChannel: Route = { route: '/teams/{team-id}/channels/{channel-id}' };
const ofChat: Route = { route: '/chats/{chat-id}' };
const messageOf = ({ route }: Route): Route => ({ route: `${route}/messages/{message-id}` });
const repliesOf: Route = { route: `${messageOf(ofChannel).route}/replies`, query: '$top=50' };

/**
 * Typed lists and gets over a client of Graph.
 *
 * @param client - of `createGraphClient`; whoever made it closes it
 * @throws SluiceError of each request: what the client throws, and `page_invalid` after the last entity that could be
 * read of a page that is damaged
 */
export function entitySets(client: GraphClient): EntitySets {
  async function* list<E>(endpoint: Route, of: Ids, signal: AbortSignal = new AbortController().signal) {
    for await (const page of pagesFrom(client, requestOf(endpoint, of), signal)) {
      yield* records<E>(page);
      if (isDamaged(page)) throw recordLost(endpoint.route);
    }
  }
  const get = async <E>(endpoint: Route, of: Ids, signal?: AbortSignal): Promise<E> => {
    const page = await client.page({ ...requestOf(endpoint, of), shape: 'single' }, signal);
    const [entity] = records<E>(page);
    if (entity === undefined) throw recordLost(endpoint.route);
    return entity;
  };
  return {
    teams: {
      list: (signal) => list(listOf(teamsOfTenant), {}, signal),
      get: (of, signal) => get(ofTeam, of, signal),
    },
    channels: {
      list: (of, signal) => list(listOf(channelsOfTeam), of, signal),
      get: (of, signal) => get(ofChannel, of, signal),
    },
    chats: {
      list: (of, signal) => list(listOf(chatsOfUser), of, signal),
      get: (of, signal) => get(ofChat, of, signal),
    },
    messages: {
      list: (of, signal) => list(listOf('chatId' in of ? chatMessages : channelMessages), of, signal),
      replies: (of, signal) => list(repliesOf, of, signal),
      get: (of, signal) => get(messageOf('chatId' in of ? ofChat : ofChannel), of, signal),
      post: async (to) => {
        throw entityErrors.application_cannot_post({ where: 'chatId' in to ? 'a chat' : 'a channel' });
      },
    },
    members: {
      list: (of, signal) => list(listOf(membersOf(of)), of, signal),
    },
  };
}

function membersOf(of: Ids): Resource {
  if (of.chatId !== undefined) return chatMembers;
  return of.channelId === undefined ? teamMembers : channelMembers;
}

/** `teamId` is `team-id` in a route. */
function requestOf(endpoint: Route, of: Ids): PageRequest {
  const named = Object.entries(of).map(([name, id]) => [name.replace(/Id$/, '-id'), String(id)]);
  const ids: Record<string, string> = Object.fromEntries(named);
  return { url: expandRoute(endpoint, ids), route: endpoint.route, ids };
}
