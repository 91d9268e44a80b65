import { listedChats, readableChats } from '../collections/listed-chats.ts';
import { twinErrors } from '../errors.ts';
import { graphDateTime } from './date-time.ts';
import type { Tenant, TwinChannel, TwinChatMessage, TwinMessage, TwinReaction, TwinWriting } from './types.ts';

/** One row of truth: the key columns of its table and when it last changed. */
export type LedgerRow = Readonly<Record<string, string | number | null>>;

type Rows = (tenant: Tenant) => Iterable<LedgerRow>;

const TABLES: Readonly<Record<string, Rows>> = {
  *teams(tenant) {
    for (const { id } of tenant.teams()) yield { id };
  },
  *channels(tenant) {
    for (const { id, teamId } of everyChannel(tenant)) yield { team_id: teamId, id };
  },
  *members(tenant) {
    for (const team of tenant.teams()) {
      for (const { id } of tenant.teamMembers(team.id)) yield { team_id: team.id, id };
    }
  },
  *channel_members(tenant) {
    for (const channel of everyChannel(tenant)) {
      if (channel.membershipType === 'standard') continue;
      for (const { id } of tenant.channelMembers(channel.id)) {
        yield { team_id: channel.teamId, channel_id: channel.id, id };
      }
    }
  },
  *users(tenant) {
    for (const { id } of tenant.users()) yield { id };
  },
  *messages(tenant) {
    for (const message of everyMessage(tenant)) {
      if (message.root === null) yield { ...placeOf(message), id: message.id, ...timesOf(message) };
    }
  },
  *message_replies(tenant) {
    for (const message of everyMessage(tenant)) {
      if (message.root === null) continue;
      yield { ...placeOf(message), parent_message_id: message.root.id, id: message.id, ...timesOf(message) };
    }
  },
  *message_reactions(tenant) {
    for (const message of everyMessage(tenant)) {
      for (const { user, reactionType, custom } of message.reactions) {
        const key = { user_id: user.id, reaction_type: reactionType, ...customKey(custom) };
        yield { ...partOf(message), ...key, ...modifiedOf(message) };
      }
    }
  },
  *message_mentions(tenant) {
    for (const message of everyMessage(tenant)) {
      for (const { id } of message.mentions) yield { ...partOf(message), id, ...modifiedOf(message) };
    }
  },
  *message_attachments(tenant) {
    for (const message of everyMessage(tenant)) {
      for (const { id } of message.attachments) yield { ...partOf(message), id, ...modifiedOf(message) };
    }
  },
  *chats(tenant) {
    for (const { id } of listedChats(tenant)) yield { id };
  },
  *chat_members(tenant) {
    for (const chat of readableChats(tenant)) {
      for (const { id } of tenant.chats.members(chat.id)) yield { chat_id: chat.id, id };
    }
  },
  *chat_messages(tenant) {
    for (const message of chatMessages(tenant)) {
      yield { chat_id: message.chat.id, id: message.id, ...timesOf(message) };
    }
  },
  *chat_message_reactions(tenant) {
    for (const message of chatMessages(tenant)) {
      for (const { user, reactionType, custom } of message.reactions) {
        const key = { user_id: user.id, reaction_type: reactionType, ...customKey(custom) };
        yield { ...chatPartOf(message), ...key, ...modifiedOf(message) };
      }
    }
  },
  *chat_message_mentions(tenant) {
    for (const message of chatMessages(tenant)) {
      for (const { id } of message.mentions) yield { ...chatPartOf(message), id, ...modifiedOf(message) };
    }
  },
  *chat_message_attachments(tenant) {
    for (const message of chatMessages(tenant)) {
      for (const { id } of message.attachments) yield { ...chatPartOf(message), id, ...modifiedOf(message) };
    }
  },
};

/** Custom reactions of one person are told apart by name and picture; others have neither. */
function customKey(custom: TwinReaction['custom']): LedgerRow {
  return custom ? { custom_name: custom.displayName, custom_picture: custom.contentUrl } : {};
}

/** Tables that have a ledger. */
export const LEDGER_TABLES: readonly string[] = Object.keys(TABLES);

/**
 * The truth now, row by row, in the key columns of the table of that name; `lastModifiedDateTime` and
 * `deletedDateTime` where a row has them (rows taken out of a message carry the message's).
 *
 * @throws SluiceError `unknown_table` when the table has no ledger
 */
export function ledger(tenant: Tenant, table: string): Iterable<LedgerRow> {
  const rows = Object.hasOwn(TABLES, table) ? TABLES[table] : undefined;
  if (!rows) {
    throw twinErrors.unknown_table({ field: 'table', value: table, valid: LEDGER_TABLES });
  }
  return rows(tenant);
}

function* everyChannel(tenant: Tenant): Iterable<TwinChannel> {
  for (const { id } of tenant.teams()) yield* tenant.channels(id);
}

function* everyMessage(tenant: Tenant): Iterable<TwinMessage> {
  // A copy: the index may be sorted anew while a slow reader is between two rows.
  for (const { id } of everyChannel(tenant)) yield* [...tenant.changes(id, 0)];
}

function* chatMessages(tenant: Tenant): Iterable<TwinChatMessage> {
  for (const { id } of readableChats(tenant)) yield* [...tenant.chats.messages(id, 'created')];
}

const chatPartOf = ({ chat, id }: TwinChatMessage) => ({ chat_id: chat.id, message_id: id });

const placeOf = ({ channel }: TwinMessage) => ({ team_id: channel.teamId, channel_id: channel.id });

const partOf = (message: TwinMessage) => ({
  ...placeOf(message),
  root_message_id: (message.root ?? message).id,
  message_id: message.id,
});

const modifiedOf = ({ modifiedMs, modifiedStamp }: TwinWriting) => ({
  lastModifiedDateTime: modifiedStamp === 'written' ? graphDateTime(modifiedMs) : null,
});

const timesOf = (message: TwinWriting) => ({
  ...modifiedOf(message),
  deletedDateTime: message.deletedMs === null ? null : graphDateTime(message.deletedMs),
});
