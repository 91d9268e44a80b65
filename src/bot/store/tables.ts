import { type Kysely, sql, type Transaction } from 'kysely';
import type { OutboxTables } from '../../outbox/schema.ts';

/** Where an activity is: under work, waiting to be tried again, or over. */
export const inboxStates = ['leased', 'waiting', 'done', 'failed'] as const;
export type InboxState = (typeof inboxStates)[number];

/** Whether the bot can speak in a conversation, and if not, what proved it. */
export const conversationStates = ['active', 'uninstalled', 'blocked', 'gone'] as const;
export type ConversationState = (typeof conversationStates)[number];

/** An activity that was taken. Times are milliseconds since 1970; PostgreSQL may give them as text. */
export interface InboxRow {
  /** Hash of app, tenant, conversation and activity. */
  key: string;
  type: string;
  /** The activity as JSON, until it is over: the only column with text. */
  body: string | null;
  state: InboxState;
  tries: number;
  /** How often a handler threw: the other tries ended with their process. */
  failures: number;
  /** Grows with every lease. An end is written only under the fence it was leased with. */
  fence: number;
  due_at: number;
  /** Length of the wait that ends at `due_at`: what bounds it when the clock is set. */
  wait_ms: number;
  taken_at: number;
  finished_at: number | null;
  status: number | null;
  /** Body of the answer to an invoke, as JSON. */
  answer: string | null;
}

/** A message that a handler sent, by its place in the turn. */
export interface SentRow {
  key: string;
  ordinal: number;
  /** Null: it is on its way, or nobody knows. */
  sent_at: number | null;
  activity_id: string | null;
  /** How often it was sent again because nobody knew. */
  resent: number;
}

export interface ConversationRow {
  app_id: string;
  tenant_id: string;
  conversation_id: string;
  /** `personal`, `groupChat` or `channel`. */
  type: string;
  name: string | null;
  team_id: string | null;
  /** The person of a personal conversation: the id that this bot knows, and the portable one. */
  user_id: string | null;
  aad_object_id: string | null;
  service_url: string;
  /** The whole reference, as JSON. */
  reference: string;
  state: ConversationState;
  /** What proved it. */
  reason: string | null;
  state_since: number;
  /** Time of the newest activity that it is known from. */
  as_of: number;
}

/** The message that stands for what a group of alerts says. */
export interface ThreadRow {
  app_id: string;
  tenant_id: string;
  /** Hash of target, group and part. */
  key: string;
  conversation_id: string;
  activity_id: string;
  /** Hash of what it says. */
  said: string;
  updated_at: number;
}

/** Times of the requests that some window still sees, as a JSON array in ascending order. */
export interface PacedRow {
  /** Hash of app, tenant, conversation and kind of request. */
  scope: string;
  times: string;
  counted_at: number;
}

export interface BotTables {
  bot_inbox: InboxRow;
  bot_sent: SentRow;
  bot_conversations: ConversationRow;
  bot_threads: ThreadRow;
  bot_windows: PacedRow;
}

export type BotTransaction = Transaction<OutboxTables & BotTables>;

/** Makes what is not there yet. */
export async function createBotTables({ schema }: Kysely<BotTables>): Promise<void> {
  const tables = [
    schema
      .createTable('bot_inbox')
      .ifNotExists()
      .addColumn('key', 'text', (column) => column.primaryKey().notNull())
      .addColumn('type', 'text', (column) => column.notNull())
      .addColumn('body', 'text')
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('tries', 'integer', (column) => column.notNull())
      .addColumn('failures', 'integer', (column) => column.notNull())
      .addColumn('fence', 'bigint', (column) => column.notNull())
      .addColumn('due_at', 'bigint', (column) => column.notNull())
      .addColumn('wait_ms', 'bigint', (column) => column.notNull())
      .addColumn('taken_at', 'bigint', (column) => column.notNull())
      .addColumn('finished_at', 'bigint')
      .addColumn('status', 'integer')
      .addColumn('answer', 'text'),
    schema
      .createTable('bot_sent')
      .ifNotExists()
      .addColumn('key', 'text', (column) => column.notNull())
      .addColumn('ordinal', 'integer', (column) => column.notNull())
      .addColumn('sent_at', 'bigint')
      .addColumn('activity_id', 'text')
      .addColumn('resent', 'integer', (column) => column.notNull())
      .addPrimaryKeyConstraint('bot_sent_key', ['key', 'ordinal']),
    schema
      .createTable('bot_conversations')
      .ifNotExists()
      .addColumn('app_id', 'text', (column) => column.notNull())
      .addColumn('tenant_id', 'text', (column) => column.notNull())
      .addColumn('conversation_id', 'text', (column) => column.notNull())
      .addColumn('type', 'text', (column) => column.notNull())
      .addColumn('name', 'text')
      .addColumn('team_id', 'text')
      .addColumn('user_id', 'text')
      .addColumn('aad_object_id', 'text')
      .addColumn('service_url', 'text', (column) => column.notNull())
      .addColumn('reference', 'text', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('reason', 'text')
      .addColumn('state_since', 'bigint', (column) => column.notNull())
      .addColumn('as_of', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('bot_conversations_key', ['app_id', 'tenant_id', 'conversation_id']),
    schema
      .createTable('bot_threads')
      .ifNotExists()
      .addColumn('app_id', 'text', (column) => column.notNull())
      .addColumn('tenant_id', 'text', (column) => column.notNull())
      .addColumn('key', 'text', (column) => column.notNull())
      .addColumn('conversation_id', 'text', (column) => column.notNull())
      .addColumn('activity_id', 'text', (column) => column.notNull())
      .addColumn('said', 'text', (column) => column.notNull())
      .addColumn('updated_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('bot_threads_key', ['app_id', 'tenant_id', 'key']),
    schema
      .createTable('bot_windows')
      .ifNotExists()
      .addColumn('scope', 'text', (column) => column.primaryKey().notNull())
      .addColumn('times', 'text', (column) => column.notNull())
      .addColumn('counted_at', 'bigint', (column) => column.notNull()),
  ];
  // PostgreSQL fails one of two that create a table at the same moment. Then it is there. Each table is its own race.
  for (const table of tables) await table.execute().catch(() => table.execute());
}

/** Partial, so that what is over costs the search for work nothing. */
export async function createBotIndexes(db: Kysely<BotTables>): Promise<void> {
  const indexes = [
    sql`create index if not exists bot_inbox_open on bot_inbox (due_at) where finished_at is null`,
    sql`create index if not exists bot_inbox_finished on bot_inbox (finished_at) where finished_at is not null`,
    sql`create index if not exists bot_conversations_person on bot_conversations (app_id, tenant_id, aad_object_id)`,
  ];
  for (const index of indexes) await index.execute(db).catch(() => index.execute(db));
}
