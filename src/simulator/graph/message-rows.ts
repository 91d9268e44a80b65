import type { TwinChannel, TwinChatMessage, TwinMessage } from '../tenant/types.ts';
import type { GraphCall } from './call.ts';
import { link } from './page.ts';

/** Any of these lets an app read channel messages. https://learn.microsoft.com/en-us/graph/api/channel-list-messages */
export const messageRoles = ['ChannelMessage.Read.All', 'Group.Read.All', 'Group.ReadWrite.All'];

/** `$top` of channel messages: default 20, at most 50. */
export const messageTop = { default: 20, maximum: 50 };

/** Path of a channel in the form Graph's links have. */
export const channelPath = (channel: TwinChannel): string =>
  `/teams('${channel.teamId}')/channels('${encodeURIComponent(channel.id)}')`;

/** A message without its replies. */
export const plainRow = (call: GraphCall, message: TwinMessage | TwinChatMessage): Uint8Array =>
  call.tenant.graphJson(message, { masked: call.masked });

/** A root with its newest replies inline and a link to the others. */
export function expandedRow(call: GraphCall, root: TwinMessage): Uint8Array {
  const replies = call.tenant.replies(root);
  const inline = call.behaviour.inlineReplies;
  const count = call.behaviour.inlineCount ? replies.length : undefined;
  if (replies.length <= inline) {
    return call.tenant.graphJson(root, { masked: call.masked, replies: { messages: replies, count } });
  }
  const messages = replies.slice(0, inline);
  if (call.behaviour.inlineLink === 'absent')
    return call.tenant.graphJson(root, { masked: call.masked, replies: { messages, count } });
  const path = `${channelPath(root.channel)}/messages('${root.id}')/replies`;
  const nextLink = link(
    { ...call, query: new URLSearchParams(), page: 1 },
    path,
    '$skiptoken',
    after(messages.at(-1)!),
  );
  return call.tenant.graphJson(root, { masked: call.masked, replies: { messages, nextLink, count } });
}

/** Position of a reply list: the order of creation of the last reply sent. */
export const after = (reply: TwinMessage): string => String(reply.sequence);
