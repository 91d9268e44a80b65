import type { GraphCall } from '../graph/call.ts';
import { horizonMs, readPosition, refuseExpired } from '../graph/delta.ts';
import { indexed } from '../graph/export-messages.ts';
import { plainRow } from '../graph/message-rows.ts';
import { modifiedRange, rangeOf } from '../graph/modified-range.ts';
import { context, graphContentType, link, messagePage, rowsOfPage, slice } from '../graph/page.ts';
import { pageSize } from '../graph/query-options.ts';
import type { GraphRoute } from '../graph/route.ts';
import { GraphRefusal, refusals } from '../protocol/graph-refusal.ts';
import type { TwinChatMessage } from '../tenant/types.ts';
import { exportFilter } from './chat-message-filter.ts';
import { chatPath, hostedChatOf, teamsUserOf } from './find-chat.ts';

/** https://learn.microsoft.com/en-us/graph/api/chat-list-messages */
const roles = ['Chat.Read.All', 'Chat.ReadWrite.All'];
const top = { default: 20, maximum: 50 };

/** The orders there are, newest first each, with what a filter on the same property takes. */
const orders = {
  lastModifiedDateTime: {
    index: 'modified',
    timeOf: ({ modifiedMs }: TwinChatMessage) => modifiedMs,
    operators: ['gt', 'lt'],
  },
  createdDateTime: { index: 'created', timeOf: ({ createdMs }: TwinChatMessage) => createdMs, operators: ['lt'] },
} as const;

type Order = keyof typeof orders;

/** Only descending. Undefined: none is asked for. */
function orderOf(query: URLSearchParams): Order | undefined {
  const text = query.get('$orderby');
  if (text === null) return undefined;
  const name = (Object.keys(orders) as Order[]).find((order) =>
    new RegExp(`^\\s*${order}\\s+desc\\s*$`, 'i').test(text),
  );
  if (name) return name;
  throw new GraphRefusal(
    refusals.badRequest(
      `The $orderby '${text}' is not supported. Only descending order of ${Object.keys(orders).join(' or ')} is.`,
    ),
  );
}

/** Compared with `ge` or `le` the option itself is refused. A filter on another property than the order is ignored. */
function rangeOfList(query: URLSearchParams, order: Order | undefined) {
  const filter = query.get('$filter');
  if (filter === null) return {};
  if (/\s(ge|le|eq|ne)\s/i.test(filter)) throw new GraphRefusal(refusals.optionNotAllowed('Filter'));
  if (order === undefined || !filter.includes(order)) return {};
  return rangeOf(filter, order, orders[order].operators);
}

/** Newest first. A message that changes meanwhile moves to the top and leaves every other place as it was. */
function listMessages(call: GraphCall) {
  const chat = hostedChatOf(call);
  const asked = orderOf(call.query);
  const { gtMs = -Infinity, ltMs = Infinity } = rangeOfList(call.query, asked);
  const { index, timeOf } = orders[asked ?? 'lastModifiedDateTime'];
  const [lastMs = Infinity, lastSequence = Infinity] = call.position?.split(',').map(Number) ?? [];
  const isBelow = (message: TwinChatMessage) => (timeOf(message) - lastMs || message.sequence - lastSequence) < 0;
  const isAsked = (message: TwinChatMessage) => timeOf(message) > gtMs && timeOf(message) < ltMs;
  const rest = call.tenant.chats
    .messages(chat.id, index)
    .filter((message) => (call.position === undefined || isBelow(message)) && isAsked(message));
  const size = rowsOfPage(call, pageSize(call.query, top, call.behaviour), rest.length);
  const rows = rest.slice(0, size);
  const last = rows.at(-1);
  const path = `${chatPath(call, chat)}/messages`;
  const more = last !== undefined && size < rest.length;
  return messagePage(
    {
      context: context(call, path.slice(1)),
      counted: true,
      ...(more && { nextLink: link(call, path, '$skiptoken', `${timeOf(last)},${last.sequence}`) }),
    },
    rows.map((message) => plainRow(call, message)),
  );
}

/** One message: its bytes with the context in front. */
function getMessage(call: GraphCall) {
  const chat = hostedChatOf(call);
  const message = call.tenant.chats.message(chat.id, call.ids['chatMessage-id']!);
  if (!message) throw new GraphRefusal(refusals.messageNotFound());
  const path = `${chatPath(call, chat).slice(1)}/messages/$entity`;
  const start = Buffer.from(`{"@odata.context":${JSON.stringify(context(call, path))},`);
  const body = Buffer.concat([start, plainRow(call, message).subarray(1)]);
  return { status: 200, headers: { 'content-type': graphContentType }, body };
}

/** What is in all chats of a user. Pages by skip over what matches now, as the service does over mailbox folders. */
function exportMessages(call: GraphCall) {
  const user = teamsUserOf(call);
  const { range, keep } = exportFilter(call.query);
  const messages = indexed(call, call.tenant.chats.messagesOf(user.id, range)).filter(keep);
  const maximum = call.behaviour.exportPageMaximum;
  const { rows, next } = slice(call, messages, pageSize(call.query, { default: 20, maximum }, call.behaviour));
  const path = `/users('${user.id}')/chats/getallMessages`;
  return messagePage(
    {
      context: context(call, 'Collection(chatMessage)'),
      counted: true,
      ...(next !== undefined && { nextLink: link(call, path, '$skiptoken', String(next)) }),
    },
    rows.map((message) => plainRow(call, message)),
  );
}

/** What changed in the chats of a user: one stream per user, within eight months. */
function delta(call: GraphCall) {
  const user = teamsUserOf(call);
  const path = `/users('${user.id}')/chats/getAllMessages/delta`;
  const { since, issuedMs } = readPosition(call);
  refuseExpired(call, path, issuedMs);
  const { gtMs = 0 } = modifiedRange(call.query, ['gt']);
  const oldestMs = Math.max(gtMs, call.nowMs - horizonMs);
  const changed = call.tenant.chats.changesOf(user.id, since).filter(({ modifiedMs }) => modifiedMs > oldestMs);
  const size = rowsOfPage(call, pageSize(call.query, top, call.behaviour), changed.length);
  const rows = changed.slice(0, size);
  const isEnd = rows.length === changed.length;
  const reached = isEnd ? call.tenant.chats.revision : rows.at(-1)!.changeSequence;
  const next = link(call, path, isEnd ? '$deltatoken' : '$skiptoken', `${reached},${call.nowMs}`);
  const head = { context: context(call, 'Collection(chatMessage)') };
  return messagePage(
    { ...head, ...(isEnd ? { deltaLink: next } : { nextLink: next }) },
    rows.map((message) => plainRow(call, message)),
  );
}

export const chatMessageRoutes: readonly GraphRoute[] = [
  ...['/chats/{chat-id}/messages', '/users/{user-id}/chats/{chat-id}/messages'].flatMap((pattern): GraphRoute[] => [
    // https://learn.microsoft.com/en-us/graph/api/chat-list-messages
    { pattern, roles, query: { top: true, allowed: ['$filter', '$orderby'] }, handle: listMessages },
    // https://learn.microsoft.com/en-us/graph/api/chatmessage-get
    { pattern: `${pattern}/{chatMessage-id}`, roles, query: {}, handle: getMessage },
  ]),
  {
    // https://learn.microsoft.com/en-us/graph/api/chats-getallmessages
    pattern: '/users/{user-id}/chats/getAllMessages',
    roles,
    query: { top: true, allowed: ['$filter'] },
    handle: exportMessages,
  },
  {
    // https://learn.microsoft.com/en-us/graph/api/chatmessage-delta
    pattern: '/users/{user-id}/chats/getAllMessages/delta',
    roles,
    query: { top: true, allowed: ['$filter'] },
    handle: delta,
  },
];
