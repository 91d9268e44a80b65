import type { GraphCall } from '../graph/call.ts';
import { link } from '../graph/page.ts';
import type { TwinMessage } from '../tenant/types.ts';
import { channelPath } from './find-channel.ts';

/** Any of these lets an app read channel messages. https://learn.microsoft.com/en-us/graph/api/channel-list-messages */
export const messageRoles = ['ChannelMessage.Read.All', 'Group.Read.All', 'Group.ReadWrite.All'];

/** `$top` of channel messages. */
export const messageTop = { default: 20, maximum: 50 };

/** A root with its newest replies inline and a link to the others. */
export function expandedRow(call: GraphCall, root: TwinMessage): Uint8Array {
  const { inlineReplies, inlineCount, inlineLink } = call.behaviour;
  const replies = call.tenant.replies(root);
  const messages = replies.slice(0, inlineReplies);
  const isCut = messages.length < replies.length;
  return call.tenant.graphJson(root, {
    masked: call.masked,
    replies: {
      messages,
      nextLink: isCut && inlineLink === 'given' ? linkAfter(call, root, messages.at(-1)!) : undefined,
      count: inlineCount ? replies.length : undefined,
    },
  });
}

function linkAfter(call: GraphCall, root: TwinMessage, last: TwinMessage): string {
  const path = `${channelPath(root.channel)}/messages('${root.id}')/replies`;
  return link({ ...call, query: new URLSearchParams(), page: 1 }, path, '$skiptoken', after(last));
}

/** Position of a reply list: the order of creation of the last reply sent. */
export const after = (reply: TwinMessage): string => String(reply.sequence);
