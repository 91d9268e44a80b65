import type { GraphCall } from '../graph/call.ts';
import { deltaPage, horizonMs, knownChange } from '../graph/delta.ts';
import { exportPage, indexed, oneMessage, plainRow } from '../graph/message-rows.ts';
import { modifiedRange, rangeOf } from '../graph/modified-range.ts';
import { context, link, messagePage, rowsOfPage } from '../graph/page.ts';
import { pageSize } from '../graph/query-options.ts';
import type { GraphRoute } from '../graph/route.ts';
import { GraphRefusal, refusals } from '../protocol/graph-refusal.ts';
import type { Tenant, TwinChatMessage } from '../tenant/types.ts';
import { chatMessageFile } from './chat-lines.ts';
import { exportFilter } from './chat-message-filter.ts';
import type { TwinCollection } from './collection.ts';
import { chatPath, hostedChatOf, teamsUserOf } from './find-chat.ts';
import { readableChats } from './listed-chats.ts';
import { listRows, timesOf } from './message-ledger.ts';

/** https://learn.microsoft.com/en-us/graph/api/chat-list-messages */
export const chatMessageRoles = ['Chat.Read.All', 'Chat.ReadWrite.All'];
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
      nextLink: more ? link(call, path, '$skiptoken', `${timeOf(last)},${last.sequence}`) : undefined,
    },
    rows.map((message) => plainRow(call, message)),
  );
}

function getMessage(call: GraphCall) {
  const chat = hostedChatOf(call);
  const message = call.tenant.chats.message(chat.id, call.ids['chatMessage-id']!);
  if (!message) throw new GraphRefusal(refusals.messageNotFound());
  return oneMessage(call, message, `${chatPath(call, chat).slice(1)}/messages`);
}

/** What is in all chats of a user. */
function exportMessages(call: GraphCall) {
  const { id } = teamsUserOf(call);
  const { range, keep } = exportFilter(call.query);
  const messages = indexed(call, call.tenant.chats.messagesOf(id, range)).filter(keep);
  return exportPage(call, `/users('${id}')/chats/getallMessages`, messages);
}

/** What changed in the chats of a user: one stream per user, within eight months. */
function delta(call: GraphCall) {
  const { id } = teamsUserOf(call);
  const path = `/users('${id}')/chats/getAllMessages/delta`;
  const since = knownChange(call, path);
  const { gtMs = 0 } = modifiedRange(call.query, ['gt']);
  const oldestMs = Math.max(gtMs, call.nowMs - horizonMs);
  return deltaPage(call, {
    path,
    top,
    changed: call.tenant.chats.changesOf(id, since).filter(({ modifiedMs }) => modifiedMs > oldestMs),
    revision: call.tenant.chats.revision,
    row: (message) => plainRow(call, message),
  });
}

const routes: readonly GraphRoute[] = [
  ...['/chats/{chat-id}/messages', '/users/{user-id}/chats/{chat-id}/messages'].flatMap((pattern): GraphRoute[] => [
    // https://learn.microsoft.com/en-us/graph/api/chat-list-messages
    { pattern, roles: chatMessageRoles, query: { top: true, allowed: ['$filter', '$orderby'] }, handle: listMessages },
    // https://learn.microsoft.com/en-us/graph/api/chatmessage-get
    { pattern: `${pattern}/{chatMessage-id}`, roles: chatMessageRoles, query: {}, handle: getMessage },
  ]),
  {
    // https://learn.microsoft.com/en-us/graph/api/chats-getallmessages
    pattern: '/users/{user-id}/chats/getAllMessages',
    roles: chatMessageRoles,
    query: { top: true, allowed: ['$filter'] },
    handle: exportMessages,
  },
  {
    // https://learn.microsoft.com/en-us/graph/api/chatmessage-delta
    pattern: '/users/{user-id}/chats/getAllMessages/delta',
    roles: chatMessageRoles,
    query: { top: true, allowed: ['$filter'] },
    handle: delta,
  },
];

export function* everyChatMessage(tenant: Tenant): Iterable<TwinChatMessage> {
  // A copy: the index may be sorted anew while a slow reader is between two rows.
  for (const { id } of readableChats(tenant)) yield* [...tenant.chats.messages(id, 'created')];
}

/** Generated with their chats. */
export const chatMessages: TwinCollection = {
  name: 'chat_messages',
  permissions: ['Chat.Read.All'],
  routes,
  ledger: {
    *chat_messages(tenant) {
      for (const message of everyChatMessage(tenant)) {
        yield { chat_id: message.chat.id, id: message.id, ...timesOf(message) };
      }
    },
    ...listRows('chat_message', everyChatMessage, ({ chat }) => ({ chat_id: chat.id })),
  },
  files: [chatMessageFile],
};
