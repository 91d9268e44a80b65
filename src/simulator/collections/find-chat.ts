import type { GraphCall } from '../graph/call.ts';
import { GraphRefusal, refusals } from '../protocol/graph-refusal.ts';
import type { TwinChat, TwinUser } from '../tenant/types.ts';
import { userOf } from './users.ts';

/**
 * The user of the path, who must have a licence for Teams.
 *
 * @see https://github.com/OfficeDev/microsoft-teams-apps-requestateam/issues/355 (the refusal as met)
 */
export function teamsUserOf(call: GraphCall): TwinUser {
  const user = userOf(call);
  if (user.isLicensed === false) throw new GraphRefusal(refusals.licenceMissing());
  return user;
}

/** The chat of the path. Below a user it must be one of theirs. */
export function chatOf(call: GraphCall): TwinChat {
  const { chats } = call.tenant;
  const chat = chats.chat(call.ids['chat-id']!);
  if (!chat) throw new GraphRefusal(refusals.channelNotFound());
  if (call.ids['user-id'] === undefined) return chat;
  const { id } = teamsUserOf(call);
  if (!chats.members(chat.id).some(({ user }) => user.id === id)) throw new GraphRefusal(refusals.accessCheck());
  return chat;
}

/** The chat of the path, whose content can be read: its tenant hosts it. */
export function hostedChatOf(call: GraphCall): TwinChat {
  const chat = chatOf(call);
  if (chat.tenantId !== call.tenant.id) throw new GraphRefusal(refusals.foreignThread(chat.id));
  return chat;
}

/** Path of a chat in the form Graph's links have: below the user, when it was asked for there. */
export function chatPath(call: GraphCall, chat: TwinChat): string {
  const user = call.ids['user-id'] === undefined ? '' : `/users('${teamsUserOf(call).id}')`;
  return `${user}/chats('${encodeURIComponent(chat.id)}')`;
}
