export { sqliteDialect } from './database.ts';
export { type OpenOutboxOptions, type Outbox, openOutbox } from './outbox.ts';
export type {
  AttemptRecord,
  LimitScope,
  Limits,
  MessageDetail,
  MessageState,
  MessageSummary,
  NewMessage,
  OutboxEvent,
  OutboxStats,
  Receipt,
} from './types.ts';
export type { WorkOptions } from './work-options.ts';
