import type { GraphCall } from '../graph/call.ts';
import { exportPage, indexed, oneMessage, plainRow } from '../graph/message-rows.ts';
import { modifiedRange } from '../graph/modified-range.ts';
import { context, link, messagePage, rowsOfPage } from '../graph/page.ts';
import { pageSize } from '../graph/query-options.ts';
import type { GraphRoute } from '../graph/route.ts';
import { GraphRefusal, refusals } from '../protocol/graph-refusal.ts';
import { generateChannelMessages } from '../tenant/generator/channel-messages.ts';
import type { Tenant, TwinMessage } from '../tenant/types.ts';
import { channelDelta } from './channel-message-delta.ts';
import { channelMessageFile } from './channel-message-lines.ts';
import { after, expandedRow, messageTop, messageRoles as roles } from './channel-message-rows.ts';
import type { TwinCollection } from './collection.ts';
import { channelOf, channelPath, everyChannel, rootOf, teamOf } from './find-channel.ts';
import { listRows, timesOf } from './message-ledger.ts';

/** Place in the order of activity. A chain that moves to the top meanwhile leaves every other place as it was. */
const placeOf = (root: TwinMessage) => `${root.activityMs},${root.createdMs},${root.sequence}`;

function firstBelow(roots: readonly TwinMessage[], position: string | undefined): number {
  if (position === undefined) return 0;
  const [activityMs = 0, createdMs = 0, sequence = 0] = position.split(',').map(Number);
  const isBelow = (root: TwinMessage) =>
    (root.activityMs - activityMs || root.createdMs - createdMs || root.sequence - sequence) < 0;
  let low = 0;
  let high = roots.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBelow(roots[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function listMessages(call: GraphCall) {
  const channel = channelOf(call);
  const roots = call.tenant.roots(channel.id);
  const start = firstBelow(roots, call.position);
  const size = rowsOfPage(call, pageSize(call.query, messageTop, call.behaviour), roots.length - start);
  const rows = roots.slice(start, start + size);
  const row = call.query.has('$expand') ? expandedRow : plainRow;
  const path = channelPath(channel);
  const last = rows.at(-1);
  const more = last !== undefined && start + size < roots.length;
  return messagePage(
    {
      context: context(call, `${path.slice(1)}/messages`),
      counted: true,
      nextLink: more ? link(call, `${path}/messages`, '$skiptoken', placeOf(last)) : undefined,
    },
    rows.map((root) => row(call, root)),
  );
}

function listReplies(call: GraphCall) {
  const root = rootOf(call);
  const last = call.position === undefined ? undefined : Number(call.position);
  const rest = call.tenant.replies(root).filter((reply) => last === undefined || reply.sequence < last);
  const size = rowsOfPage(call, pageSize(call.query, messageTop, call.behaviour), rest.length);
  const rows = rest.slice(0, size);
  const path = `${channelPath(root.channel)}/messages('${root.id}')/replies`;
  return messagePage(
    {
      context: context(call, path.slice(1)),
      counted: true,
      nextLink: size < rest.length ? link(call, path, '$skiptoken', after(rows.at(-1)!)) : undefined,
    },
    rows.map((reply) => plainRow(call, reply)),
  );
}

const routes: readonly GraphRoute[] = [
  {
    // https://learn.microsoft.com/en-us/graph/api/channel-list-messages
    pattern: '/teams/{team-id}/channels/{channel-id}/messages',
    roles,
    query: { top: true, expand: ['replies'] },
    handle: listMessages,
  },
  {
    // https://learn.microsoft.com/en-us/graph/api/chatmessage-get
    pattern: '/teams/{team-id}/channels/{channel-id}/messages/{chatMessage-id}',
    roles,
    query: {},
    handle: (call) => {
      const root = rootOf(call);
      return oneMessage(call, root, `${channelPath(root.channel).slice(1)}/messages`);
    },
  },
  {
    // https://learn.microsoft.com/en-us/graph/api/chatmessage-list-replies
    pattern: '/teams/{team-id}/channels/{channel-id}/messages/{chatMessage-id}/replies',
    roles,
    query: { top: true },
    handle: listReplies,
  },
  {
    // https://learn.microsoft.com/en-us/graph/api/chatmessage-get
    pattern: '/teams/{team-id}/channels/{channel-id}/messages/{chatMessage-id}/replies/{reply-id}',
    roles,
    query: {},
    handle: (call) => {
      const root = rootOf(call);
      const reply = call.tenant.reply(root, call.ids['reply-id']!);
      if (!reply) throw new GraphRefusal(refusals.messageNotFound());
      return oneMessage(call, reply, `${channelPath(root.channel).slice(1)}/messages('${root.id}')/replies`);
    },
  },
  {
    // Never documented; a live tenant refuses it in these words.
    pattern: '/teams/{team-id}/channels/{channel-id}/messages/{chatMessage-id}/replies/delta',
    roles,
    query: {},
    handle: () => {
      throw new GraphRefusal(
        refusals.badRequest("Change tracking is not supported against 'microsoft.graph.chatMessage'"),
      );
    },
  },
  {
    // Shared channels are not in it. https://learn.microsoft.com/en-us/graph/api/channel-getallmessages
    pattern: '/teams/{team-id}/channels/getAllMessages',
    roles: roles.slice(0, 1),
    query: { top: true, allowed: ['$filter'] },
    handle: (call) => {
      const { id } = teamOf(call);
      const messages = indexed(call, call.tenant.teamMessages(id, modifiedRange(call.query, ['gt', 'lt'])));
      return exportPage(call, `/teams('${id}')/channels/getallMessages`, messages);
    },
  },
  {
    // The contract of 2023; the endpoint is still served: https://learn.microsoft.com/en-us/graph/api/chatmessage-delta
    pattern: '/teams/{team-id}/channels/{channel-id}/messages/delta',
    roles,
    query: { top: true, expand: ['replies'], allowed: ['$filter'] },
    handle: channelDelta,
  },
];

/** Roots and replies. */
export function* everyChannelMessage(tenant: Tenant): Iterable<TwinMessage> {
  // A copy: the index may be sorted anew while a slow reader is between two rows.
  for (const { id } of everyChannel(tenant)) yield* [...tenant.changes(id, 0)];
}

const channelColumns = ({ channel }: TwinMessage) => ({ team_id: channel.teamId, channel_id: channel.id });

export const threadColumns = (message: TwinMessage) => ({
  ...channelColumns(message),
  root_message_id: (message.root ?? message).id,
});

/** Roots and replies of channels. */
export const channelMessages: TwinCollection = {
  name: 'channel_messages',
  permissions: ['ChannelMessage.Read.All'],
  routes,
  ledger: {
    *messages(tenant) {
      for (const message of everyChannelMessage(tenant)) {
        if (message.root === null) yield { ...channelColumns(message), id: message.id, ...timesOf(message) };
      }
    },
    *message_replies(tenant) {
      for (const message of everyChannelMessage(tenant)) {
        const { root, id } = message;
        if (root) yield { ...channelColumns(message), parent_message_id: root.id, id, ...timesOf(message) };
      }
    },
    ...listRows('message', everyChannelMessage, threadColumns),
  },
  files: [channelMessageFile],
  generate: generateChannelMessages,
};
