/** Every name that Sluice traces or logs under, with what stands beside it: never a URL or a text. */

interface SpanDeclaration {
  readonly kind: 'INTERNAL' | 'CLIENT' | 'PRODUCER' | 'CONSUMER';
  readonly attributes: readonly string[];
}

/** A message is made by a producer span and sent by consumer spans, each linked to it. */
export const spanCatalogue = {
  'teams.graph.request': {
    kind: 'CLIENT',
    attributes: ['http.request.method', 'url.template', 'http.response.status_code', 'error.type'],
  },
  'teams.notification.accept': { kind: 'PRODUCER', attributes: ['notifications', 'error.type'] },
  'teams.routing.flush': { kind: 'PRODUCER', attributes: ['route', 'messages', 'error.type'] },
  'teams.outbox.deliver': {
    kind: 'CONSUMER',
    attributes: ['messaging.message.id', 'messaging.destination.name', 'notifier', 'attempt', 'outcome', 'error.type'],
  },
  'teams.webhook.send': {
    kind: 'CLIENT',
    attributes: ['webhook', 'outcome', 'http.response.status_code', 'error.type'],
  },
  'teams.bot.turn': { kind: 'CONSUMER', attributes: ['type', 'outcome', 'error.type'] },
  'sluice.sync.run': { kind: 'INTERNAL', attributes: ['outcome'] },
} as const satisfies Record<string, SpanDeclaration>;

export const logCatalogue = {
  'graph.request': { level: 'debug', fields: ['operation', 'status', 'durationMs', 'requestId'] },
  'graph.request_failed': { level: 'debug', fields: ['operation', 'code', 'durationMs'] },
  'graph.retry': { level: 'debug', fields: ['operation', 'attempt', 'delayMs', 'reason'] },
  'graph.throttled': { level: 'info', fields: ['operation', 'stopMs', 'rate'] },
  'breaker.opened': { level: 'warn', fields: ['operation'] },
  'breaker.closed': { level: 'info', fields: ['operation'] },
  'auth.refreshed': { level: 'debug', fields: ['lifeMs', 'reason'] },
  'auth.refresh_failed': { level: 'warn', fields: ['code'] },
  'webhook.sent': { level: 'debug', fields: ['webhook', 'messageId', 'outcome', 'durationMs'] },
  'webhook.failed': { level: 'debug', fields: ['webhook', 'messageId', 'outcome', 'code', 'durationMs'] },
  'endpoint.health': { level: 'warn', fields: ['endpoint', 'health', 'reason'] },
  'webhook.expires': { level: 'warn', fields: ['webhook', 'expiresAt', 'daysLeft'] },
  'auth.certificate_expires': { level: 'warn', fields: ['expiresAt', 'daysLeft'] },
  'config.reloaded': { level: 'info', fields: ['receivers', 'restartNeeded'] },
  'config.refused': { level: 'error', fields: ['code', 'faults'] },
  'routing.problem': { level: 'warn', fields: ['code', 'route'] },
  'routing.muted': { level: 'info', fields: ['ingress', 'count', 'reasons'] },
  'ingress.odd': { level: 'warn', fields: ['ingress', 'count', 'paths'] },
  'ingress.refused': { level: 'warn', fields: ['route', 'status', 'code'] },
  'message.unrenderable': { level: 'error', fields: ['messageId', 'receiver', 'code'] },
  'loop.failed': { level: 'warn', fields: ['loop', 'code'] },
  'loop.stalled': { level: 'error', fields: ['loop', 'code'] },
  'loop.recovered': { level: 'info', fields: ['loop'] },
  'routing.stopped': { level: 'warn', fields: ['code'] },
  'card.fell_back': { level: 'warn', fields: ['code', 'receiver', 'place'] },
  'card.shortened': { level: 'warn', fields: ['receiver', 'count'] },
  'card.characters_removed': { level: 'warn', fields: ['receiver', 'count'] },
  'card.values_dropped': { level: 'warn', fields: ['receiver', 'count', 'places'] },
  'card.links_refused': { level: 'warn', fields: ['receiver', 'count', 'places'] },
  'outbox.dead': { level: 'warn', fields: ['messageId', 'destination', 'outcome', 'code'] },
  'outbox.fell_back': { level: 'warn', fields: ['messageId', 'instead', 'destination'] },
  'outbox.without_notifier': { level: 'error', fields: ['notifier', 'messages'] },
  'outbox.problem': { level: 'warn', fields: ['kind', 'operation'] },
  'store.damaged': { level: 'error', fields: ['kind', 'count', 'keys'] },
  'bot.refused': { level: 'warn', fields: ['reason'] },
  'bot.failed': { level: 'error', fields: ['code', 'type', 'name', 'conversation', 'place'] },
  'bot.store_failed': { level: 'error', fields: ['code'] },
  'bot.keys_failed': { level: 'warn', fields: ['code', 'known'] },
  'server.listening': { level: 'info', fields: ['host', 'port'] },
  'server.draining': { level: 'info', fields: ['waitMs'] },
  'server.stopped': { level: 'info', fields: ['drained'] },
  'server.refused': { level: 'info', fields: ['route', 'status', 'code'] },
  'server.failed': { level: 'error', fields: ['route', 'name'] },
  'sync.started': { level: 'info', fields: ['tables'] },
  'sync.finished': { level: 'info', fields: ['outcome', 'rows', 'elapsedMs'] },
  'sync.skipped': { level: 'info', fields: ['resource', 'code'] },
  'sync.absent': { level: 'info', fields: ['resource', 'code', 'places'] },
  'sync.not_permitted': { level: 'info', fields: ['tables'] },
  'sync.filling': { level: 'info', fields: ['resource', 'by', 'partitions'] },
  'sync.not_filled': { level: 'warn', fields: ['table', 'code', 'partitions'] },
  'sync.quarantined': { level: 'warn', fields: ['table', 'records'] },
} as const satisfies Record<string, { level: 'debug' | 'info' | 'warn' | 'error'; fields: readonly string[] }>;

export type SpanName = keyof typeof spanCatalogue;
export type SpanAttributes<N extends SpanName> = Readonly<
  Partial<Record<(typeof spanCatalogue)[N]['attributes'][number], string | number | undefined>>
>;

export type LogEvent = keyof typeof logCatalogue;
export type LogFields<E extends LogEvent> = Readonly<
  Partial<Record<(typeof logCatalogue)[E]['fields'][number], string | number | readonly string[] | undefined>>
>;
