import type { SluiceError } from '../errors/sluice-error.ts';

/** What one attempt came to. `accepted` is not proof that anybody saw it; `unknown` may have been executed. */
export type Outcome =
  | { kind: 'delivered'; id: string }
  | { kind: 'accepted' }
  | { kind: 'retry'; afterMs?: number; error: SluiceError }
  | { kind: 'permanent'; error: SluiceError }
  | { kind: 'unknown'; error: SluiceError };

/** Makes one attempt to deliver a message. Order, retry, limits and dead letters are the outbox's business. */
export interface Notifier<P = unknown> {
  readonly name: string;
  notify(
    message: { id: string; destination: string; payload: P; attempt: number },
    signal: AbortSignal,
  ): Promise<Outcome>;
}
