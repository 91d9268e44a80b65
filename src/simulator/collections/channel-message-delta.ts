import type { GraphCall } from '../graph/call.ts';
import { changePosition, deltaPage, horizonMs, knownChange } from '../graph/delta.ts';
import { plainRow } from '../graph/message-rows.ts';
import { modifiedRange } from '../graph/modified-range.ts';
import { context, link, messagePage } from '../graph/page.ts';
import { GraphRefusal, refusals } from '../protocol/graph-refusal.ts';
import type { TwinChannel, TwinMessage } from '../tenant/types.ts';
import { expandedRow, messageTop } from './channel-message-rows.ts';
import { channelOf, channelPath } from './find-channel.ts';

interface Changed {
  readonly root: TwinMessage;
  readonly changeSequence: number;
}

/**
 * Roots that changed after `since`, each at its last change. With replies expanded the whole chain counts; without,
 * a reply does not bring its root back.
 */
function changedRoots(call: GraphCall, channel: TwinChannel, since: number): Changed[] {
  const withReplies = call.query.has('$expand');
  const { gtMs = 0 } = modifiedRange(call.query, ['gt']);
  const oldestMs = Math.max(gtMs, call.nowMs - horizonMs);
  const last = new Map<TwinMessage, number>();
  for (const message of call.tenant.changes(channel.id, since)) {
    const root = message.root ? (withReplies ? message.root : undefined) : message;
    if (!root || root.activityMs <= oldestMs) continue;
    last.delete(root);
    last.set(root, message.changeSequence);
  }
  return [...last].map(([root, changeSequence]) => ({ root, changeSequence }));
}

/** What changed in a channel. */
export function channelDelta(call: GraphCall) {
  const channel = channelOf(call);
  const path = `${channelPath(channel)}/messages/delta`;
  const since = knownChange(call, path);
  if (call.behaviour.emptyChannelDelta === 'refused' && call.tenant.roots(channel.id).length === 0) {
    if (call.position !== undefined) throw new GraphRefusal(refusals.deltaRefused());
    const nextLink = link(call, path, '$skiptoken', changePosition(call, 0));
    return messagePage({ context: context(call, 'Collection(chatMessage)'), nextLink }, []);
  }
  const row = call.query.has('$expand') ? expandedRow : plainRow;
  return deltaPage(call, {
    path,
    top: messageTop,
    changed: changedRoots(call, channel, since),
    revision: call.tenant.revision,
    row: ({ root }) => row(call, root),
  });
}
