import type { TwinAnswer } from '../protocol/exchange.ts';
import type { TwinChatMessage, TwinMessage, TwinWriting } from '../tenant/types.ts';
import type { GraphCall } from './call.ts';
import { context, graphContentType, link, messagePage, slice } from './page.ts';
import { pageSize } from './query-options.ts';

/** A message without its replies. */
export const plainRow = (call: GraphCall, message: TwinMessage | TwinChatMessage): Uint8Array =>
  call.tenant.graphJson(message, { masked: call.masked });

/** One message: its bytes with the context in front. */
export function oneMessage(call: GraphCall, message: TwinMessage | TwinChatMessage, path: string): TwinAnswer {
  const start = Buffer.from(`{"@odata.context":${JSON.stringify(context(call, `${path}/$entity`))},`);
  const body = Buffer.concat([start, plainRow(call, message).subarray(1)]);
  return { status: 200, headers: { 'content-type': graphContentType }, body };
}

/** What the index of an export knows: what came just now is not in it yet, when it lags. */
export function indexed<M extends TwinWriting>(call: GraphCall, messages: readonly M[]): readonly M[] {
  const { exportLagMs } = call.behaviour;
  if (exportLagMs === 0) return messages;
  return messages.filter(({ arrivedMs }) => arrivedMs <= call.nowMs - exportLagMs);
}

/**
 * A page of an export. Pages by skip over what matches now, as the service does over mailbox folders: a row that leaves
 * the range while a client pages moves all that follow up by one.
 *
 * @see https://learn.microsoft.com/en-us/graph/api/channel-getallmessages
 */
export function exportPage(
  call: GraphCall,
  path: string,
  messages: readonly (TwinMessage | TwinChatMessage)[],
): TwinAnswer {
  const maximum = call.behaviour.exportPageMaximum;
  const { rows, next } = slice(call, messages, pageSize(call.query, { default: 20, maximum }, call.behaviour));
  return messagePage(
    {
      context: context(call, 'Collection(chatMessage)'),
      counted: true,
      nextLink: next === undefined ? undefined : link(call, path, '$skiptoken', String(next)),
    },
    rows.map((message) => plainRow(call, message)),
  );
}
