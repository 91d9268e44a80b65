import type { Store } from './database.ts';
import { countEndpoints } from './endpoints.ts';
import { outboxErrors } from './errors.ts';
import type { MessageRow } from './schema.ts';
import { storedJson } from './stored-json.ts';
import {
  type AttemptRecord,
  type ListedMessage,
  type MessageDetail,
  type MessageState,
  type MessageSummary,
  messageStates,
  type OutboxStats,
} from './types.ts';

export interface ListFilter {
  states?: readonly MessageState[] | undefined;
  notifier?: string;
  destination?: string | undefined;
  /** Only those whose destination is accepted; the limit is of these. */
  wanted?: (destination: string) => boolean;
  /** Accepted at or after this time. */
  sinceMs?: number | undefined;
  /** Newest first, at most this many. Default 100. */
  limit?: number;
  /** Each with its payload, which holds the message text. Default: without. */
  withPayload?: boolean;
}

/** When the next lane of these notifiers is due; undefined: nothing waits. */
export async function nextReadyAt({ db }: Store, notifiers: readonly string[]): Promise<number | undefined> {
  if (notifiers.length === 0) return undefined;
  const first = await db
    .selectFrom('outbox_lanes')
    .select('ready_at')
    .where('ready_at', 'is not', null)
    .where('notifier', 'in', [...notifiers])
    .orderBy('ready_at')
    .limit(1)
    .executeTakeFirst();
  return first && Number(first.ready_at);
}

type SummaryRow = Pick<MessageRow, (typeof summaryColumns)[number]>;

const summaryColumns = [
  'id',
  'notifier',
  'destination',
  'lane',
  'dedupe_key',
  'coalesce_key',
  'state',
  'attempts',
  'tries',
  'unknowns',
  'lost',
  'enqueued_at',
  'next_attempt_at',
  'expires_at',
  'finished_at',
  'receipt',
  'dead_reason',
  'error_code',
  'error_message',
  'fell_back_to',
  'replaced',
] as const satisfies readonly (keyof MessageRow)[];

const numberOf = (value: unknown): number | undefined => (value == null ? undefined : Number(value));

const errorOf = (row: { error_code: string | null; error_message: string | null }) => ({
  errorCode: row.error_code ?? undefined,
  errorMessage: row.error_message ?? undefined,
});

function summary(row: SummaryRow): MessageSummary {
  return {
    id: row.id,
    notifier: row.notifier,
    destination: row.destination,
    lane: row.lane,
    state: row.state,
    attempts: row.attempts,
    unknowns: row.unknowns,
    enqueuedAtMs: Number(row.enqueued_at),
    nextAttemptAtMs: Number(row.next_attempt_at),
    expiresAtMs: numberOf(row.expires_at),
    finishedAtMs: numberOf(row.finished_at),
    receipt: row.receipt ?? undefined,
    deadReason: row.dead_reason ?? undefined,
    fellBackTo: row.fell_back_to ?? undefined,
    replaced: row.replaced || undefined,
    ...errorOf(row),
  };
}

/** Rows read at a time where not each is wanted. */
const PAGE = 500;

/** Messages, newest first, without their text. @throws SluiceError `unknown_value` for a state that does not exist */
export async function list({ db }: Store, filter: ListFilter = {}): Promise<ListedMessage[]> {
  const wrong = filter.states?.find((state) => !messageStates.includes(state));
  if (wrong !== undefined) throw outboxErrors.unknown_value({ field: 'states', value: wrong, valid: messageStates });
  const { states, notifier, destination, sinceMs, wanted = () => true, limit = 100 } = filter;
  const page = async (before: number | undefined) =>
    await db
      .selectFrom('outbox_messages')
      .select(['seq', ...summaryColumns])
      .$if(states !== undefined, (query) => query.where('state', 'in', [...states!]))
      .$if(notifier !== undefined, (query) => query.where('notifier', '=', notifier!))
      .$if(destination !== undefined, (query) => query.where('destination', '=', destination!))
      .$if(sinceMs !== undefined, (query) => query.where('enqueued_at', '>=', sinceMs!))
      .$if(before !== undefined, (query) => query.where('seq', '<', before!))
      .orderBy('seq', 'desc')
      .limit(filter.wanted ? PAGE : limit)
      .execute();
  const found: MessageSummary[] = [];
  for (let before: number | undefined; found.length < limit; ) {
    const rows = await page(before);
    found.push(...rows.filter((row) => wanted(row.destination)).map(summary));
    if (!filter.wanted || rows.length < PAGE) break;
    before = Number(rows.at(-1)!.seq);
  }
  return filter.withPayload ? await withPayloads(db, found.slice(0, limit)) : found.slice(0, limit);
}

/** Payloads read at a time: each may have 256 KB. */
const PAYLOADS = 50;

async function withPayloads(db: Store['db'], messages: readonly MessageSummary[]): Promise<ListedMessage[]> {
  const listed: ListedMessage[] = [];
  for (let at = 0; at < messages.length; at += PAYLOADS) {
    const some = messages.slice(at, at + PAYLOADS);
    const ids = some.map(({ id }) => id);
    const rows = await db.selectFrom('outbox_messages').select(['id', 'payload']).where('id', 'in', ids).execute();
    const payloads = new Map(rows.map(({ id, payload }) => [id, storedJson(payload)?.value]));
    listed.push(...some.map((message) => ({ ...message, payload: payloads.get(message.id) })));
  }
  return listed;
}

/** One message with its text and every attempt. @throws SluiceError `message_not_found` */
export async function show({ db }: Store, id: string): Promise<MessageDetail> {
  const row = await db.selectFrom('outbox_messages').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row) throw outboxErrors.message_not_found({ id });
  const attempts = await db
    .selectFrom('outbox_attempts')
    .selectAll()
    .where('message_id', '=', id)
    .orderBy('attempt')
    .execute();
  const history = attempts.map(
    (attempt): AttemptRecord => ({
      attempt: attempt.attempt,
      worker: attempt.worker,
      startedAtMs: Number(attempt.started_at),
      finishedAtMs: numberOf(attempt.finished_at),
      outcome: attempt.outcome ?? undefined,
      ...errorOf(attempt),
    }),
  );
  return { ...summary(row), payload: storedJson(row.payload)?.value, history };
}

/** Counts by state, of messages and of endpoints. */
export async function stats(store: Store): Promise<OutboxStats> {
  const { db } = store;
  const counted = await db
    .selectFrom('outbox_messages')
    .select(({ fn }) => ['state', fn.countAll().as('count'), fn.sum('unknowns').as('unknowns')])
    .groupBy('state')
    .execute();
  const oldest = await db
    .selectFrom('outbox_messages')
    .select(({ fn }) => fn.min('enqueued_at').as('at'))
    .where('finished_at', 'is', null)
    .executeTakeFirst();
  const open = await db
    .selectFrom('outbox_messages')
    .select(({ fn }) => ['notifier', fn.countAll().as('count')])
    .where('finished_at', 'is', null)
    .groupBy('notifier')
    .orderBy('notifier')
    .execute();
  const countOf = <S extends string>(rows: readonly { state: S; count: unknown }[], state: S) =>
    Number(rows.find((row) => row.state === state)?.count ?? 0);
  const states = Object.fromEntries(messageStates.map((state) => [state, countOf(counted, state)]));
  return {
    states: states as Record<MessageState, number>,
    endpoints: await countEndpoints(store),
    unknowns: counted.reduce((sum, row) => sum + Number(row.unknowns), 0),
    openByNotifier: Object.fromEntries(open.map(({ notifier, count }) => [notifier, Number(count)])),
    oldestOpenAtMs: numberOf(oldest?.at),
  };
}
