import type { GraphCall } from '../graph/call.ts';
import { entity } from '../graph/page.ts';
import type { GraphRoute } from '../graph/route.ts';
import { GraphRefusal, refusals } from '../protocol/graph-refusal.ts';
import { hostedBytes, keptFor } from '../tenant/hosted-content.ts';
import type { TwinChatMessage, TwinHostedContent, TwinMessage } from '../tenant/types.ts';
import { messageRoles } from './channel-message-rows.ts';
import { everyChannelMessage, threadColumns } from './channel-messages.ts';
import { chatMessageRoles, everyChatMessage } from './chat-messages.ts';
import type { TwinCollection } from './collection.ts';
import { channelPath, rootOf } from './find-channel.ts';
import { chatPath, hostedChatOf } from './find-chat.ts';
import { listRoute } from './list-route.ts';
import { hostedContentRows } from './message-ledger.ts';

type Message = TwinMessage | TwinChatMessage;

/** Where messages with contents are found. */
interface Where {
  readonly pattern: string;
  readonly roles: readonly string[];
  message(call: GraphCall): Message;
  /** Graph's form of the path of a message. */
  path(call: GraphCall, message: Message): string;
}

/** Lists and gets say neither bytes nor type: both come with `$value`. */
const record = ({ id }: TwinHostedContent) => ({ id, contentBytes: null, contentType: null });

function contentOf(call: GraphCall, where: Where): TwinHostedContent {
  const content = keptFor(where.message(call)).find(({ id }) => id === call.ids['hostedContent-id']);
  if (!content) throw new GraphRefusal(refusals.hostedContentNotFound());
  return content;
}

const routesOf = (where: Where): readonly GraphRoute[] => {
  const pattern = `${where.pattern}/hostedContents`;
  const { roles } = where;
  return [
    // https://learn.microsoft.com/en-us/graph/api/chatmessage-list-hostedcontents
    listRoute({
      pattern,
      roles,
      path: (call) => `${where.path(call, where.message(call))}/hostedContents`,
      records: (call) => keptFor(where.message(call)).map(record),
      count: 'always',
    }),
    {
      // https://learn.microsoft.com/en-us/graph/api/chatmessagehostedcontent-get
      pattern: `${pattern}/{hostedContent-id}`,
      roles,
      query: {},
      handle: (call) => {
        const path = `${where.path(call, where.message(call)).slice(1)}/hostedContents/$entity`;
        return entity(call, path, record(contentOf(call, where)));
      },
    },
    {
      pattern: `${pattern}/{hostedContent-id}/$value`,
      roles,
      query: {},
      handle: (call) => {
        const content = contentOf(call, where);
        return { status: 200, headers: { 'content-type': content.contentType }, body: hostedBytes(content) };
      },
    },
  ];
};

const inChannels = '/teams/{team-id}/channels/{channel-id}/messages/{chatMessage-id}';

function replyOf(call: GraphCall): TwinMessage {
  const reply = call.tenant.reply(rootOf(call), call.ids['reply-id']!);
  if (!reply) throw new GraphRefusal(refusals.messageNotFound());
  return reply;
}

function channelMessagePath(_: GraphCall, message: Message): string {
  if ('chat' in message) throw new TypeError('a message of a chat is in no channel');
  const { channel, root, id } = message;
  const thread = `${channelPath(channel)}/messages('${(root ?? message).id}')`;
  return root ? `${thread}/replies('${id}')` : thread;
}

/** Pictures and code of root messages and replies. */
export const hostedContents: TwinCollection = {
  name: 'hosted_contents',
  permissions: [],
  routes: [
    ...routesOf({ pattern: inChannels, roles: messageRoles, message: rootOf, path: channelMessagePath }),
    ...routesOf({
      pattern: `${inChannels}/replies/{reply-id}`,
      roles: messageRoles,
      message: replyOf,
      path: channelMessagePath,
    }),
  ],
  ledger: { hosted_contents: hostedContentRows(everyChannelMessage, threadColumns) },
};

function chatMessageOf(call: GraphCall): TwinChatMessage {
  const message = call.tenant.chats.message(hostedChatOf(call).id, call.ids['chatMessage-id']!);
  if (!message) throw new GraphRefusal(refusals.messageNotFound());
  return message;
}

/** The same of chats. */
export const chatHostedContents: TwinCollection = {
  name: 'chat_hosted_contents',
  permissions: [],
  routes: ['/chats/{chat-id}', '/users/{user-id}/chats/{chat-id}'].flatMap((chat) =>
    routesOf({
      pattern: `${chat}/messages/{chatMessage-id}`,
      roles: chatMessageRoles,
      message: chatMessageOf,
      path: (call, { id }) => `${chatPath(call, hostedChatOf(call))}/messages('${id}')`,
    }),
  ),
  ledger: { chat_hosted_contents: hostedContentRows(everyChatMessage, ({ chat }) => ({ chat_id: chat.id })) },
};
