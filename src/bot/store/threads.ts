import type { Kysely } from 'kysely';
import { type Store, transact } from '../../outbox/database.ts';
import type { BotIdentity } from './conversations.ts';
import type { BotTables, BotTransaction } from './tables.ts';

/** The message that stands for what a group of alerts says. */
export interface StandingMessage {
  readonly conversationId: string;
  readonly activityId: string;
  /** Hash of what it says. */
  readonly said: string;
  readonly updatedAtMs: number;
}

/** Which message stands for which group of alerts, so that it is edited instead of posted again. */
export interface Threads {
  find(bot: BotIdentity, key: string): Promise<StandingMessage | undefined>;
  keep(bot: BotIdentity, key: string, message: Omit<StandingMessage, 'updatedAtMs'>): Promise<void>;
  drop(bot: BotIdentity, key: string): Promise<void>;
}

export function createThreads(store: Store, ready: () => Promise<Kysely<BotTables>>): Threads {
  const write = async (body: (transaction: BotTransaction) => Promise<unknown>) => {
    await ready();
    await transact(store, (transaction) => body(transaction as unknown as BotTransaction));
  };
  return {
    find: async ({ appId, tenantId }, key) => {
      const db = await ready();
      const row = await db
        .selectFrom('bot_threads')
        .selectAll()
        .where('app_id', '=', appId)
        .where('tenant_id', '=', tenantId)
        .where('key', '=', key)
        .executeTakeFirst();
      if (!row) return undefined;
      const { conversation_id: conversationId, activity_id: activityId, said } = row;
      return { conversationId, activityId, said, updatedAtMs: Number(row.updated_at) };
    },
    keep: ({ appId, tenantId }, key, { conversationId, activityId, said }) => {
      const facts = {
        conversation_id: conversationId,
        activity_id: activityId,
        said,
        updated_at: store.runtime.now(),
      };
      return write((transaction) =>
        transaction
          .insertInto('bot_threads')
          .values({ app_id: appId, tenant_id: tenantId, key, ...facts })
          .onConflict((conflict) => conflict.columns(['app_id', 'tenant_id', 'key']).doUpdateSet(facts))
          .execute(),
      );
    },
    drop: ({ appId, tenantId }, key) =>
      write((transaction) =>
        transaction
          .deleteFrom('bot_threads')
          .where('app_id', '=', appId)
          .where('tenant_id', '=', tenantId)
          .where('key', '=', key)
          .execute(),
      ),
  };
}
