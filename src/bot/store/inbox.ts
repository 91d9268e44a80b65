import { createHash } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { type Store, transact } from '../../outbox/database.ts';
import { storedJson } from '../../outbox/stored-json.ts';
import type { Envelope } from '../activities/envelope.ts';
import type { InvokeAnswer } from '../invokes/invokes.ts';
import { noteConversation } from './conversations.ts';
import type { BotTables, BotTransaction } from './tables.ts';

/** The right to work on an activity, until it runs out. */
export interface Lease {
  readonly key: string;
  readonly fence: number;
  /** Which try this is, from 1. */
  readonly tries: number;
  /** How often a handler threw before. */
  readonly failures: number;
}

/**
 * What became of an activity that came in. `busy`: somebody works on it, or will. `over`: it was worked on, and this was
 * the answer.
 */
export type Taken =
  | { readonly kind: 'leased'; readonly lease: Lease }
  | { readonly kind: 'busy' }
  | { readonly kind: 'over'; readonly answer: InvokeAnswer };

/** An activity that nobody works on any more, leased to this process. */
export interface LeftActivity {
  readonly lease: Lease;
  /** Undefined: it cannot be read. */
  readonly body: string | undefined;
}

/** How the work on an activity ended. */
export type TurnEnd =
  | { readonly kind: 'over'; readonly answer: InvokeAnswer }
  | { readonly kind: 'again'; readonly afterMs: number }
  | { readonly kind: 'failed'; readonly answer: InvokeAnswer };

export interface TakeOptions {
  readonly appId: string;
  readonly tenantId: string;
  /** What is the same in a repeat and in nothing else; undefined: it cannot be told. */
  readonly identity: string | undefined;
  /** Somebody waits for the answer: after a crash nobody does. */
  readonly isInvoke: boolean;
}

/** Activities that were taken: stored before they are answered, worked on once, and known for days. */
export interface Inbox {
  /** Keeps an activity and what it says of its conversation, in one transaction. */
  take(given: Envelope, options: TakeOptions): Promise<Taken>;
  /** Takes note of the conversation alone. */
  note(given: Envelope, options: Pick<TakeOptions, 'appId' | 'tenantId'>): Promise<void>;
  /** Goes on having it. False: another process has it now. */
  renew(lease: Lease): Promise<boolean>;
  end(lease: Lease, end: TurnEnd): Promise<void>;
  /** The answer that was given; undefined: none yet. */
  answerOf(options: Pick<TakeOptions, 'appId' | 'identity'>): Promise<InvokeAnswer | undefined>;
  /**
   * Leases what a process that is gone has left, and what waits to be tried again.
   *
   * @param busy - keys that this process works on: it takes nothing over from itself, whatever the clock says
   */
  leftover(count: number, busy?: readonly string[]): Promise<readonly LeftActivity[]>;
  /** Without a sign of life for so long, another process takes an activity over. */
  readonly leaseMs: number;
  /** Forgets what was over before then. */
  prune(finishedBeforeMs: number): Promise<void>;
  /** What a turn has sent, so that it is not sent again when the turn is made again. */
  readonly sent: SentMessages;
}

export interface SentMessages {
  /** Before it is sent. What was sent already by this turn is given back, and need not be sent. */
  begin(lease: Lease, ordinal: number): Promise<{ readonly id: string | undefined } | undefined>;
  done(lease: Lease, ordinal: number, id: string | undefined): Promise<void>;
  /** It is certain that it was not sent. */
  undone(lease: Lease, ordinal: number): Promise<void>;
}

export const LEASE_MS = 30_000;
/** An activity that kills its process is given up after so many deaths, but not before this age: processes die for other reasons too. */
const MOST_DEATHS = 10;
const KILLER_AGE_MS = 600_000;
const PRUNED_AT_ONCE = 500;

const hashOf = (...parts: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex');

export function createInbox(store: Store, ready: () => Promise<Kysely<BotTables>>, leaseMs = LEASE_MS): Inbox {
  const { runtime, dialect } = store;
  const write = async <T>(body: (transaction: BotTransaction) => Promise<T>): Promise<T> => {
    await ready();
    return transact(store, (transaction) => body(transaction as unknown as BotTransaction));
  };
  const keyOf = (appId: string, identity: string | undefined) => hashOf(appId, identity ?? { unknown: runtime.id() });
  const leasedUntil = () => ({ due_at: runtime.now() + leaseMs, wait_ms: leaseMs });
  const held = ({ key, fence }: Lease) =>
    sql<boolean>`bot_inbox.key = ${key} and bot_inbox.fence = ${fence} and bot_inbox.state = 'leased'`;

  return {
    leaseMs,

    take: (given, { appId, tenantId, identity, isInvoke }) =>
      write(async (transaction): Promise<Taken> => {
        const key = keyOf(appId, identity);
        const nowMs = runtime.now();
        const inserted = await transaction
          .insertInto('bot_inbox')
          .values({
            key,
            type: given.type,
            body: isInvoke ? null : JSON.stringify(given),
            state: 'leased',
            tries: 1,
            failures: 0,
            fence: 1,
            ...leasedUntil(),
            taken_at: nowMs,
          })
          .onConflict((conflict) => conflict.doNothing())
          .returning('key')
          .executeTakeFirst();
        if (inserted) {
          await noteConversation(transaction, given, { appId, tenantId, nowMs });
          return { kind: 'leased', lease: { key, fence: 1, tries: 1, failures: 0 } };
        }
        const row = await transaction
          .selectFrom('bot_inbox')
          .select(['state', 'status', 'answer', 'fence', 'tries', 'failures', 'due_at', 'finished_at'])
          .where('key', '=', key)
          .$if(dialect === 'postgres', (query) => query.forUpdate())
          .executeTakeFirstOrThrow();
        if (row.finished_at !== null) return { kind: 'over', answer: storedAnswer(row) };
        if (!isInvoke || Number(row.due_at) > nowMs) return { kind: 'busy' };
        const lease = { key, fence: Number(row.fence) + 1, tries: row.tries + 1, failures: row.failures };
        await transaction
          .updateTable('bot_inbox')
          .set({ fence: lease.fence, tries: lease.tries, ...leasedUntil() })
          .where('key', '=', key)
          .execute();
        return { kind: 'leased', lease };
      }),

    note: (given, { appId, tenantId }) =>
      write((transaction) => noteConversation(transaction, given, { appId, tenantId, nowMs: runtime.now() })),

    renew: (lease) =>
      write(async (transaction) => {
        const { numUpdatedRows } = await transaction
          .updateTable('bot_inbox')
          .set(leasedUntil())
          .where(held(lease))
          .executeTakeFirst();
        return Number(numUpdatedRows) === 1;
      }),

    end: (lease, end) =>
      write(async (transaction) => {
        const nowMs = runtime.now();
        const change =
          end.kind === 'again'
            ? {
                state: 'waiting' as const,
                due_at: nowMs + end.afterMs,
                wait_ms: end.afterMs,
                failures: lease.failures + 1,
              }
            : {
                state: end.kind === 'over' ? ('done' as const) : ('failed' as const),
                body: null,
                finished_at: nowMs,
                status: end.answer.status,
                answer: end.answer.body === undefined ? null : JSON.stringify(end.answer.body),
              };
        await transaction.updateTable('bot_inbox').set(change).where(held(lease)).execute();
      }),

    answerOf: async ({ appId, identity }) => {
      const db = await ready();
      const row = await db
        .selectFrom('bot_inbox')
        .select(['status', 'answer', 'finished_at'])
        .where('key', '=', keyOf(appId, identity))
        .executeTakeFirst();
      return row && row.finished_at !== null ? storedAnswer(row) : undefined;
    },

    leftover: async (count, busy = []) => {
      const db = await ready();
      const nowMs = runtime.now();
      // A wait that could not have begun yet is over: the clock was set back.
      const due = sql<boolean>`finished_at is null and (due_at <= ${nowMs} or due_at - wait_ms > ${nowMs})
        ${busy.length === 0 ? sql`` : sql`and key not in (${sql.join(busy)})`}`;
      if (!(await db.selectFrom('bot_inbox').select('key').where(due).limit(1).executeTakeFirst())) return [];
      return write(async (transaction) => {
        const rows = await transaction
          .selectFrom('bot_inbox')
          .select(['key', 'body', 'fence', 'tries', 'failures', 'taken_at'])
          .where(due)
          .orderBy('due_at')
          .limit(count)
          .$if(dialect === 'postgres', (query) => query.forUpdate().skipLocked())
          .execute();
        const left: LeftActivity[] = [];
        for (const { key, body, fence, tries, failures, taken_at } of rows) {
          const lease = { key, fence: Number(fence) + 1, tries: tries + 1, failures };
          const kills = tries - failures >= MOST_DEATHS && nowMs - Number(taken_at) >= KILLER_AGE_MS;
          const isOver = body === null || kills;
          await transaction
            .updateTable('bot_inbox')
            .set(
              isOver
                ? { state: 'failed', body: null, finished_at: nowMs, status: 500 }
                : { state: 'leased', fence: lease.fence, tries: lease.tries, ...leasedUntil() },
            )
            .where('key', '=', key)
            .execute();
          if (!isOver) left.push({ lease, body });
        }
        return left;
      });
    },

    prune: async (finishedBeforeMs) => {
      const db = await ready();
      const old = (on: Kysely<BotTables>, count: number) =>
        on.selectFrom('bot_inbox').select('key').where('finished_at', '<', finishedBeforeMs).limit(count).execute();
      while ((await old(db, 1)).length > 0) {
        await write(async (transaction) => {
          const keys = (await old(transaction as unknown as Kysely<BotTables>, PRUNED_AT_ONCE)).map(({ key }) => key);
          if (keys.length === 0) return;
          await transaction.deleteFrom('bot_sent').where('key', 'in', keys).execute();
          await transaction.deleteFrom('bot_inbox').where('key', 'in', keys).execute();
        });
      }
    },

    sent: {
      begin: ({ key }, ordinal) =>
        write(async (transaction) => {
          const row = await transaction
            .selectFrom('bot_sent')
            .select(['sent_at', 'activity_id'])
            .where('key', '=', key)
            .where('ordinal', '=', ordinal)
            .executeTakeFirst();
          if (row && row.sent_at !== null) return { id: row.activity_id ?? undefined };
          await transaction
            .insertInto('bot_sent')
            .values({ key, ordinal, resent: 0 })
            .onConflict((conflict) =>
              conflict.columns(['key', 'ordinal']).doUpdateSet({ resent: sql<number>`bot_sent.resent + 1` }),
            )
            .execute();
          return undefined;
        }),
      done: ({ key }, ordinal, id) =>
        write(async (transaction) => {
          await transaction
            .updateTable('bot_sent')
            .set({ sent_at: runtime.now(), activity_id: id ?? null })
            .where('key', '=', key)
            .where('ordinal', '=', ordinal)
            .execute();
        }),
      undone: ({ key }, ordinal) =>
        write(async (transaction) => {
          await transaction.deleteFrom('bot_sent').where('key', '=', key).where('ordinal', '=', ordinal).execute();
        }),
    },
  };
}

function storedAnswer({
  status,
  answer,
}: {
  readonly status: number | null;
  readonly answer: string | null;
}): InvokeAnswer {
  const body = answer === null ? undefined : storedJson(answer)?.value;
  return { status: (status ?? 500) as InvokeAnswer['status'], body };
}
