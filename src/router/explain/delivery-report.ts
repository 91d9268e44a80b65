import type { SluiceError } from '../../errors/sluice-error.ts';
import type { Message, Outcome } from '../../messages/types.ts';
import { routerErrors } from '../errors.ts';

/** What sending to one destination came to; `skipped` was not tried because an earlier destination failed. */
export interface DestinationReport {
  readonly receiver: string;
  readonly messageId: string;
  readonly outcome: Outcome['kind'] | 'skipped';
  readonly attempts: number;
  /** Whether trying again can help. */
  readonly retryable: boolean;
  /** The destination's id of what it delivered. */
  readonly receipt?: string | undefined;
  readonly error?: SluiceError | undefined;
  /** Messages that the text became, when it became several. */
  readonly parts?: number | undefined;
  /** Characters that were not sent because there was no room for them. */
  readonly charactersNotSent?: number | undefined;
  /** Control and direction characters that were taken away. */
  readonly removedCharacters?: number | undefined;
}

/** What was done to a message to make it fit and be harmless. Zero, and one part, are not worth a word. */
export interface Changes {
  readonly parts: number;
  readonly charactersNotSent: number;
  readonly removedCharacters: number;
}

export type DeliveryStatus = 'all_succeeded' | 'partial_success' | 'all_failed';

/** What sending one message to its destinations came to. */
export interface DeliveryReport {
  readonly groupKey: string;
  readonly status: DeliveryStatus;
  readonly destinations: readonly DestinationReport[];
}

/** One send with its own retries: the last outcome and how many attempts it took. */
export type Send = (
  message: Message,
  signal: AbortSignal,
) => Promise<{
  outcome: Outcome;
  attempts: number;
  changes?: Changes | undefined;
}>;

/**
 * Sends the messages of one flush and reports each destination. A destination that fails or throws harms no other; with
 * `stopOnError` they go one after the other and the first failure skips the rest.
 */
export async function deliver(
  flush: { readonly groupKey: string; readonly messages: readonly Message[]; readonly stopOnError: boolean },
  send: Send,
  signal: AbortSignal,
): Promise<DeliveryReport> {
  const destinations = flush.stopOnError
    ? await oneByOne(flush.messages, send, signal)
    : await Promise.all(flush.messages.map((message) => attempt(message, send, signal)));
  return { groupKey: flush.groupKey, status: statusOf(destinations), destinations };
}

/** The error of a report in which every destination failed, with every cause; undefined for any other. */
export function deliveryFailure(report: DeliveryReport): SluiceError | undefined {
  if (report.status !== 'all_failed') return undefined;
  const errors = report.destinations.flatMap(({ error }) => error ?? []);
  const recovery = report.destinations.some(({ retryable }) => retryable) ? 'retry' : 'fail';
  return routerErrors.routing_completely_failed(
    { ends: report.destinations },
    { recovery, cause: new AggregateError(errors) },
  );
}

async function oneByOne(messages: readonly Message[], send: Send, signal: AbortSignal): Promise<DestinationReport[]> {
  const reports: DestinationReport[] = [];
  for (const message of messages) {
    const stopped = reports.some((report) => !succeeded(report));
    reports.push(stopped ? skipped(message) : await attempt(message, send, signal));
  }
  return reports;
}

async function attempt(message: Message, send: Send, signal: AbortSignal): Promise<DestinationReport> {
  const { receiver, id: messageId } = message;
  try {
    const { outcome, attempts, changes } = await send(message, signal);
    return {
      receiver,
      messageId,
      outcome: outcome.kind,
      attempts,
      retryable: outcome.kind === 'retry' || outcome.kind === 'unknown',
      receipt: outcome.kind === 'delivered' ? outcome.id : undefined,
      error: 'error' in outcome ? outcome.error : undefined,
      ...noteworthy(changes),
    };
  } catch (cause) {
    return { receiver, messageId, outcome: 'unknown', attempts: 1, retryable: true, error: thrown(receiver, cause) };
  }
}

function noteworthy(changes: Changes | undefined): Pick<DestinationReport, keyof Changes> {
  const { parts = 1, charactersNotSent = 0, removedCharacters = 0 } = changes ?? {};
  return {
    parts: parts > 1 ? parts : undefined,
    charactersNotSent: charactersNotSent || undefined,
    removedCharacters: removedCharacters || undefined,
  };
}

const skipped = ({ receiver, id }: Message): DestinationReport => ({
  receiver,
  messageId: id,
  outcome: 'skipped',
  attempts: 0,
  retryable: true,
});

const thrown = (receiver: string, cause: unknown) => routerErrors.destination_threw({ receiver }, { cause });

const succeeded = ({ outcome }: DestinationReport) => outcome === 'delivered' || outcome === 'accepted';

function statusOf(destinations: readonly DestinationReport[]): DeliveryStatus {
  const good = destinations.filter(succeeded).length;
  if (good === destinations.length) return 'all_succeeded';
  return good === 0 ? 'all_failed' : 'partial_success';
}
