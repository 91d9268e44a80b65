import type { TwinWriting } from '../tenant/types.ts';
import type { GraphCall } from './call.ts';
import { teamOf } from './find.ts';
import { messageRoles, plainRow } from './message-rows.ts';
import { modifiedRange } from './modified-range.ts';
import { context, link, messagePage, slice } from './page.ts';
import { pageSize } from './query-options.ts';
import type { GraphRoute } from './route.ts';

/** What the index knows: what came just now is not in it yet, when it lags. */
export function indexed<M extends TwinWriting>(call: GraphCall, messages: readonly M[]): readonly M[] {
  const { exportLagMs } = call.behaviour;
  if (exportLagMs === 0) return messages;
  return messages.filter(({ arrivedMs }) => arrivedMs <= call.nowMs - exportLagMs);
}

/**
 * Pages by skip over what matches now, as the service does over mailbox folders: a row that leaves the range while a
 * client pages moves all that follow up by one. Shared channels are not in it.
 *
 * @see https://learn.microsoft.com/en-us/graph/api/channel-getallmessages
 */
export const exportRoutes: readonly GraphRoute[] = [
  {
    pattern: '/teams/{team-id}/channels/getAllMessages',
    roles: messageRoles.slice(0, 1),
    query: { top: true, allowed: ['$filter'] },
    handle: (call) => {
      const team = teamOf(call);
      const messages = indexed(call, call.tenant.teamMessages(team.id, modifiedRange(call.query, ['gt', 'lt'])));
      const maximum = call.behaviour.exportPageMaximum;
      const { rows, next } = slice(call, messages, pageSize(call.query, { default: 20, maximum }, call.behaviour));
      const path = `/teams('${team.id}')/channels/getallMessages`;
      return messagePage(
        {
          context: context(call, 'Collection(chatMessage)'),
          counted: true,
          ...(next !== undefined && { nextLink: link(call, path, '$skiptoken', String(next)) }),
        },
        rows.map((message) => plainRow(call, message)),
      );
    },
  },
];
