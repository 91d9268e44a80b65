import type { Outcome } from '../messages/types.ts';
import type { MessageSummary } from '../outbox/types.ts';
import { keptError } from './errors.ts';

/** From worst to best: what the parts of one message came to together is the worst of them. */
const order: readonly Outcome['kind'][] = ['permanent', 'unknown', 'retry', 'accepted', 'delivered'];

/** What a message of one or more parts has come to so far. */
export function outcomeOf(parts: readonly MessageSummary[]): { outcome: Outcome; attempts: number } {
  const outcomes = parts.map(partOutcome).sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
  return { outcome: outcomes[0]!, attempts: Math.max(...parts.map(({ attempts }) => attempts)) };
}

function partOutcome(part: MessageSummary): Outcome {
  if (part.state === 'delivered') return { kind: 'delivered', id: part.receipt ?? part.id };
  if (part.state === 'accepted') return { kind: 'accepted' };
  const error = keptError(part, part.state);
  if (part.state === 'unknown') return { kind: 'unknown', error };
  if (part.finishedAtMs !== undefined) return { kind: 'permanent', error };
  return { kind: 'retry', error };
}
