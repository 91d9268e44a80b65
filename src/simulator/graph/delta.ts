import { GraphRefusal, refusals } from '../protocol/graph-refusal.ts';
import type { TwinChannel, TwinMessage } from '../tenant/types.ts';
import type { GraphCall } from './call.ts';
import { channelOf } from './find.ts';
import { channelPath, expandedRow, messageRoles, messageTop, plainRow } from './message-rows.ts';
import { modifiedRange } from './modified-range.ts';
import { context, link, messagePage, rowsOfPage } from './page.ts';
import { pageSize } from './query-options.ts';
import type { GraphRoute } from './route.ts';

/** "Delta will only return messages within the last eight months." */
export const horizonMs = 8 * 30.5 * 86_400_000;

/** The change up to which the client knows, and when it was told: `sequence,issuedMs`. */
export function readPosition(call: GraphCall): { since: number; issuedMs: number } {
  const [since = 0, issuedMs = call.nowMs] = call.position?.split(',').map(Number) ?? [];
  return { since, issuedMs };
}

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

/** Refuses a delta token past its life. */
export function refuseExpired(call: GraphCall, path: string, issuedMs: number): void {
  const isDelta = call.request.url.searchParams.has('$deltatoken');
  if (!isDelta || call.nowMs - issuedMs <= call.behaviour.deltaTokenLifetimeMs) return;
  if (call.behaviour.expiredDeltaToken === 'bad-request') throw new GraphRefusal(refusals.deltaTokenBad());
  throw new GraphRefusal(refusals.deltaTokenGone(`${call.root}${path}?$deltatoken=`));
}

function delta(call: GraphCall) {
  const channel = channelOf(call);
  const path = `${channelPath(channel)}/messages/delta`;
  const { since, issuedMs } = readPosition(call);
  refuseExpired(call, path, issuedMs);
  const head = { context: context(call, 'Collection(chatMessage)') };
  if (call.behaviour.emptyChannelDelta === 'refused' && call.tenant.roots(channel.id).length === 0) {
    if (call.position !== undefined) throw new GraphRefusal(refusals.deltaRefused());
    return messagePage({ ...head, nextLink: link(call, path, '$skiptoken', `0,${call.nowMs}`) }, []);
  }
  const changed = changedRoots(call, channel, since);
  const size = rowsOfPage(call, pageSize(call.query, messageTop, call.behaviour), changed.length);
  const rows = changed.slice(0, size);
  const isEnd = rows.length === changed.length;
  const reached = isEnd ? call.tenant.revision : rows.at(-1)!.changeSequence;
  const next = link(call, path, isEnd ? '$deltatoken' : '$skiptoken', `${reached},${call.nowMs}`);
  const row = call.query.has('$expand') ? expandedRow : plainRow;
  return messagePage(
    { ...head, ...(isEnd ? { deltaLink: next } : { nextLink: next }) },
    rows.map(({ root }) => row(call, root)),
  );
}

export const deltaRoutes: readonly GraphRoute[] = [
  {
    // The contract of 2023; the endpoint is still served: https://learn.microsoft.com/en-us/graph/api/chatmessage-delta
    pattern: '/teams/{team-id}/channels/{channel-id}/messages/delta',
    roles: messageRoles,
    query: { top: true, expand: ['replies'], allowed: ['$filter'] },
    handle: delta,
  },
];
