/**
 * Every metric, with its labels. Label values come from small closed sets (route templates, statuses, table names), never
 * from ids, URLs or text.
 */

interface MetricDeclaration {
  readonly kind: 'counter' | 'histogram' | 'gauge';
  /** UCUM unit, as OpenTelemetry asks for. */
  readonly unit: string;
  readonly description: string;
  readonly labels: readonly string[];
  /** Upper bounds of the buckets of a histogram. */
  readonly buckets?: readonly number[];
}

const LATENCY_BUCKETS_MS = [10, 25, 50, 100, 250, 500, 1000, 2500, 5000] as const;

export const metricCatalogue = {
  'teams.graph.requests': {
    kind: 'counter',
    unit: '{request}',
    description: 'Requests to Graph, every attempt counted. `operation` is method and route.',
    labels: ['operation', 'status'],
  },
  'teams.graph.latency_ms': {
    kind: 'histogram',
    unit: 'ms',
    description: 'Time from sending a request to Graph to the end of its answer.',
    labels: ['operation'],
    buckets: LATENCY_BUCKETS_MS,
  },
  'teams.graph.throttled': {
    kind: 'counter',
    unit: '{response}',
    description: 'Answers with 429.',
    labels: ['operation'],
  },
  'teams.graph.wait_ms': {
    kind: 'histogram',
    unit: 'ms',
    description: 'Time a request waited for its turn under the limits.',
    labels: ['operation'],
    buckets: LATENCY_BUCKETS_MS,
  },
  'teams.circuit_breaker.state': {
    kind: 'gauge',
    unit: '1',
    description:
      'Circuit breaker of an endpoint (method and route, or notifier and a hash of what leads to its receiver): 0 closed, 1 half-open, 2 open.',
    labels: ['endpoint'],
  },
  'teams.webhook.messages_sent': {
    kind: 'counter',
    unit: '{message}',
    description:
      'Messages of all notifiers that are over, each counted once, with or without an attempt. `status` is the last state.',
    labels: ['status', 'tenant_id'],
  },
  'teams.webhook.latency_ms': {
    kind: 'histogram',
    unit: 'ms',
    description: 'Time on the wire of one attempt at a webhook.',
    labels: [],
    buckets: LATENCY_BUCKETS_MS,
  },
  'teams.routing.messages_routed': {
    kind: 'counter',
    unit: '{message}',
    description: 'What a route did with a notification (dropped, muted) or a message (queued). `rule_id` is the route.',
    labels: ['rule_id', 'destination_type', 'status'],
  },
  'teams.routing.left_out': {
    kind: 'counter',
    unit: '{receiver}',
    description:
      'Receivers that the routes chose for a body and that get nothing of it: the endpoint is disabled (`endpoint_disabled`), or there were more than `max_destinations`.',
    labels: ['tenant_id', 'code'],
  },
  'sluice.ingress.oddities': {
    kind: 'counter',
    unit: '{field}',
    description: 'Fields of incoming alerts that were cut, dropped, converted, encoded or read as absent.',
    labels: ['ingress', 'field', 'action'],
  },
  'sluice.ingress.retries': {
    kind: 'counter',
    unit: '{body}',
    description: "Bodies that were their sender's HTTP retry of one already taken, and not sent again.",
    labels: ['ingress'],
  },
  'sluice.loop.stalled_ms': {
    kind: 'gauge',
    unit: 'ms',
    description: 'How long a loop of the server has made no progress; 0 while it does.',
    labels: ['loop'],
  },
  'sluice.loop.failures': {
    kind: 'counter',
    unit: '{round}',
    description: 'Rounds of a loop of the server that failed. It goes on.',
    labels: ['loop'],
  },
  'teams.outbox.attempts': {
    kind: 'counter',
    unit: '{attempt}',
    description: 'Attempts to deliver, each counted once.',
    labels: ['notifier', 'outcome'],
  },
  'teams.outbox.problems': {
    kind: 'counter',
    unit: '{problem}',
    description: 'Results that came too late (`fenced`) and calls the database did not answer (`store_failed`).',
    labels: ['kind'],
  },
  'sluice.store.damaged': {
    kind: 'counter',
    unit: '{row}',
    description: 'Rows of the database that could not be read. They were set aside or begun anew; all others are used.',
    labels: ['kind'],
  },
  'teams.outbox.messages': {
    kind: 'gauge',
    unit: '{message}',
    description: 'Messages in the outbox by state.',
    labels: ['state'],
  },
  'teams.outbox.fallbacks': {
    kind: 'counter',
    unit: '{message}',
    description: 'Messages sent to a fallback receiver, because their own certainly did not get them.',
    labels: ['tenant_id'],
  },
  'teams.outbox.endpoints': {
    kind: 'gauge',
    unit: '{endpoint}',
    description:
      'Endpoints by health: healthy, degraded (the last attempts failed), open (out: what is for it waits), disabled (gone, refusing or out for days: what is for it is a dead letter, and at growing intervals one message is tried).',
    labels: ['state'],
  },
  'teams.outbox.without_notifier': {
    kind: 'gauge',
    unit: '{message}',
    description: 'Open messages for a notifier that the configuration does not name any more: nobody delivers them.',
    labels: [],
  },
  'teams.outbox.oldest_open_ms': {
    kind: 'gauge',
    unit: 'ms',
    description: 'Age of the oldest message that is not finished.',
    labels: [],
  },
  'teams.card.fell_back': {
    kind: 'counter',
    unit: '{message}',
    description: 'Messages whose own card or template could not be used, so that the built card was sent.',
    labels: ['code'],
  },
  'teams.card.characters_not_sent': {
    kind: 'counter',
    unit: '{character}',
    description: 'Characters of messages that were too large for Teams, and that are in no part that was sent.',
    labels: [],
  },
  'teams.card.characters_removed': {
    kind: 'counter',
    unit: '{character}',
    description: 'Control and direction characters that were taken away from texts.',
    labels: [],
  },
  'teams.card.links_refused': {
    kind: 'counter',
    unit: '{link}',
    description:
      'Links, pictures and mentions that may not be used: they stand in the card as text, or are left out of it.',
    labels: [],
  },
  'teams.card.values_dropped': {
    kind: 'counter',
    unit: '{value}',
    description: 'Values that templates were filled with and that their properties do not know: they are left out.',
    labels: [],
  },
  'teams.bot.activities': {
    kind: 'counter',
    unit: '{activity}',
    description:
      'Activities that the bot took, by type and by what became of them: handled, unhandled (no handler is for it), failed, slow (an invoke), repeated (the answer of the first), resumed (left by a process that is gone, or tried again), unknown (a type or an invoke that is not published).',
    labels: ['type', 'outcome'],
  },
  'teams.bot.refused': {
    kind: 'counter',
    unit: '{request}',
    description: 'Requests to the bot that were refused. `reason` is one of docs/bot.md.',
    labels: ['reason'],
  },
  'teams.bot.requests': {
    kind: 'counter',
    unit: '{request}',
    description: 'Requests of the bot to conversations, every attempt counted. `operation` is method and route.',
    labels: ['operation', 'status'],
  },
  'teams.bot.streams': {
    kind: 'counter',
    unit: '{stream}',
    description:
      'Answers that were written as streams, by how they ended: streamed, stopped (by the person), edited (Teams refused a part; the whole was put in its place), plain (one ordinary message).',
    labels: ['outcome'],
  },
  'teams.bot.key_fetches': {
    kind: 'counter',
    unit: '{fetch}',
    description: "Fetches of the bot service's signing keys: fetched or failed.",
    labels: ['outcome'],
  },
  'sluice.server.requests': {
    kind: 'counter',
    unit: '{request}',
    description: 'Requests to the server. `route` is a template.',
    labels: ['route', 'status'],
  },
  'sluice.sync.rows': { kind: 'counter', unit: '{row}', description: 'Rows committed.', labels: ['table'] },
  'sluice.sync.quarantined': {
    kind: 'counter',
    unit: '{record}',
    description: 'Records set aside because they could not be read.',
    labels: ['table'],
  },
  'sluice.run.rounds': {
    kind: 'counter',
    unit: '{round}',
    description: 'Rounds of sluice run, by outcome: ok, partial or failed.',
    labels: ['outcome'],
  },
  'sluice.run.last_ok': {
    kind: 'gauge',
    unit: 's',
    description: 'When the last round began that read everything, seconds since 1970.',
    labels: [],
  },
  'sluice.lake.commits': {
    kind: 'counter',
    unit: '{commit}',
    description: 'Commits to the lake.',
    labels: [],
  },
} as const satisfies Record<string, MetricDeclaration>;

type Metrics = typeof metricCatalogue;
type OfKind<K extends MetricDeclaration['kind']> = {
  [N in keyof Metrics]: Metrics[N]['kind'] extends K ? N : never;
}[keyof Metrics];

export type CounterName = OfKind<'counter'>;
export type HistogramName = OfKind<'histogram'>;
export type GaugeName = OfKind<'gauge'>;
export type MetricName = keyof Metrics;
/** Exactly the labels that the catalogue declares for a metric. */
export type MetricLabels<N extends MetricName> = Readonly<Record<Metrics[N]['labels'][number], string>>;
