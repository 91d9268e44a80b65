import { GraphRefusal, refusals } from '../protocol/graph-refusal.ts';
import type { TwinMessage } from '../tenant/types.ts';
import type { GraphCall } from './call.ts';
import { channelOf, rootOf } from './find.ts';
import { after, channelPath, expandedRow, messageRoles, messageTop, plainRow } from './message-rows.ts';
import { context, graphContentType, link, messagePage, rowsOfPage } from './page.ts';
import { pageSize } from './query-options.ts';
import type { GraphRoute } from './route.ts';

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
      ...(more && { nextLink: link(call, `${path}/messages`, '$skiptoken', placeOf(last)) }),
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
      ...(size < rest.length && { nextLink: link(call, path, '$skiptoken', after(rows.at(-1)!)) }),
    },
    rows.map((reply) => plainRow(call, reply)),
  );
}

/** One message: its bytes with the context in front. */
function single(call: GraphCall, message: TwinMessage, path: string) {
  const start = Buffer.from(`{"@odata.context":${JSON.stringify(context(call, `${path}/$entity`))},`);
  const body = Buffer.concat([start, plainRow(call, message).subarray(1)]);
  return { status: 200, headers: { 'content-type': graphContentType }, body };
}

export const channelMessageRoutes: readonly GraphRoute[] = [
  {
    // https://learn.microsoft.com/en-us/graph/api/channel-list-messages
    pattern: '/teams/{team-id}/channels/{channel-id}/messages',
    roles: messageRoles,
    query: { top: true, expand: ['replies'] },
    handle: listMessages,
  },
  {
    // https://learn.microsoft.com/en-us/graph/api/chatmessage-get
    pattern: '/teams/{team-id}/channels/{channel-id}/messages/{chatMessage-id}',
    roles: messageRoles,
    query: {},
    handle: (call) => {
      const root = rootOf(call);
      return single(call, root, `${channelPath(root.channel).slice(1)}/messages`);
    },
  },
  {
    // https://learn.microsoft.com/en-us/graph/api/chatmessage-list-replies
    pattern: '/teams/{team-id}/channels/{channel-id}/messages/{chatMessage-id}/replies',
    roles: messageRoles,
    query: { top: true },
    handle: listReplies,
  },
  {
    // https://learn.microsoft.com/en-us/graph/api/chatmessage-get
    pattern: '/teams/{team-id}/channels/{channel-id}/messages/{chatMessage-id}/replies/{reply-id}',
    roles: messageRoles,
    query: {},
    handle: (call) => {
      const root = rootOf(call);
      const reply = call.tenant.reply(root, call.ids['reply-id']!);
      if (!reply) throw new GraphRefusal(refusals.messageNotFound());
      return single(call, reply, `${channelPath(root.channel).slice(1)}/messages('${root.id}')/replies`);
    },
  },
  {
    // Never documented; a live tenant refuses it in these words.
    pattern: '/teams/{team-id}/channels/{channel-id}/messages/{chatMessage-id}/replies/delta',
    roles: messageRoles,
    query: {},
    handle: () => {
      throw new GraphRefusal(
        refusals.badRequest("Change tracking is not supported against 'microsoft.graph.chatMessage'"),
      );
    },
  },
];
