import { type RawBuilder, type SqlBool, sql } from 'kysely';

/**
 * A lane where something has waited longer to be said has a backlog: its newest series goes first. Longer than a burst
 * within the published windows of a webhook needs.
 */
export const BACKLOG_AFTER_MS = 15_000;

/** In a backlog, one attempt in so many is the oldest's, so that it does not starve. */
export const OLDEST_EVERY = 4;

type Seq = RawBuilder<number | null>;

/** Whether the message under this name is an open one of the lane. */
const isOpen = (name: string) =>
  sql<SqlBool>`${sql.ref(`${name}.lane`)} = outbox_lanes.lane and ${sql.ref(`${name}.finished_at`)} is null`;

const newestFirst = sql.raw('n.news_at desc, n.seq desc');
const oldestFirst = sql.raw('n.news_at, n.seq');

/** The first open message of the series that `n` is of: within a series, order is kept. */
const firstOfSeries: Seq = sql`(select min(f.seq) from outbox_messages f
  where f.lane = n.lane and f.series = n.series and f.finished_at is null)`;

/** An attempt of it may be under way. Its state is a literal, for the partial index. */
const leased: Seq = sql`(select m.seq from outbox_messages m
  where m.lane = outbox_lanes.lane and m.state = 'leased' and m.finished_at is null limit 1)`;

const first: Seq = sql`(select min(m.seq) from outbox_messages m where ${isOpen('m')})`;

/** Whether something in the lane has waited so long. */
export function hasBacklog(nowMs: number) {
  const since = sql`(select min(m.news_at) from outbox_messages m where ${isOpen('m')})`;
  return sql<SqlBool>`${since} <= ${nowMs - BACKLOG_AFTER_MS}`;
}

/** What fails then fails for the endpoint's sake: others are not tried in its place. */
const isOut = sql<SqlBool>`exists (select 1 from outbox_endpoints e
  where e.endpoint = outbox_lanes.endpoint and e.health in ('open', 'disabled'))`;

const ofNewestSeries: Seq = sql`(select ${firstOfSeries} from outbox_messages n where ${isOpen('n')}
  order by ${newestFirst} limit 1)`;

/** The next part of a message of which one part is over. */
const begun = (nowMs: number): Seq => sql`(select n.seq from outbox_messages n
  where ${isOpen('n')} and n.continues = 1 and n.next_attempt_at <= ${nowMs} and n.seq = ${firstOfSeries}
  order by n.seq limit 1)`;

/** The first message of the series that holds the newest or the oldest news, of those whose first message is due. */
const due = (order: typeof newestFirst, nowMs: number): Seq => sql`(select ${firstOfSeries} from outbox_messages n
  where ${isOpen('n')}
  and (select h.next_attempt_at from outbox_messages h where h.seq = ${firstOfSeries}) <= ${nowMs}
  order by ${order} limit 1)`;

/** Of the first messages of all series, the one that is due first. */
const soonest: Seq = sql`(select n.seq from outbox_messages n where ${isOpen('n')} and n.seq = ${firstOfSeries}
  order by n.next_attempt_at limit 1)`;

function inBacklog(nowMs: number): Seq {
  const isOldests = sql<SqlBool>`outbox_lanes.backlog_turns % ${sql.lit(OLDEST_EVERY)} = ${sql.lit(OLDEST_EVERY - 1)}`;
  const byTurn = sql`case when ${isOldests} then ${due(oldestFirst, nowMs)} else ${due(newestFirst, nowMs)} end`;
  return sql`coalesce(${begun(nowMs)}, ${byTurn}, ${soonest})`;
}

/**
 * The message of a lane that is next, in a query of `outbox_lanes`; null: none is open.
 *
 * It is the first, also while that waits to be tried again. In a backlog the newest series goes first, and what waits
 * holds up its own series alone; unless the endpoint is out: then the newest holds the lane, and the others keep their
 * attempts.
 */
export const headOfLane = (nowMs: number): Seq => sql`coalesce(${leased}, case
  when not (${hasBacklog(nowMs)}) then ${first} when ${isOut} then ${ofNewestSeries} else ${inBacklog(nowMs)} end)`;

/** The lane is due when its next message is; never, if it is empty. */
export function dueWithHead(nowMs: number) {
  const ofHead = (column: 'next_attempt_at' | 'wait_ms') => sql<number | null>`(
    select head.${sql.ref(column)} from outbox_messages head where head.seq = ${headOfLane(nowMs)})`;
  return { ready_at: ofHead('next_attempt_at'), wait_ms: sql<number>`coalesce(${ofHead('wait_ms')}, 0)` };
}

/** The turns of a lane that is leased now: those of its backlog, since its endpoint works. The first is the newest's. */
export const nextTurn = (nowMs: number) => sql<number>`case when ${hasBacklog(nowMs)} and not exists (
  select 1 from outbox_endpoints e where e.endpoint = outbox_lanes.endpoint and e.failures > 0)
  then backlog_turns + 1 else 0 end`;
