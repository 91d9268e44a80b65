import { isSluiceError, type SluiceError } from '../errors/sluice-error.ts';
import type { Notifier, Outcome } from '../messages/types.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Claim } from './claim.ts';
import { attemptErrors } from './errors.ts';

const unknown = (error: SluiceError): Outcome => ({ kind: 'unknown', error, blame: 'outage' });

/** A name to print for something thrown; its text may hold anything, so it is not used. */
const nameOf = (thrown: unknown) => (thrown instanceof Error ? thrown.constructor.name : `a ${typeof thrown}`);

function isOutcome(value: unknown): value is Outcome {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false;
  if (value.kind === 'accepted') return true;
  if (value.kind === 'delivered') return 'id' in value && typeof value.id === 'string';
  const failed = value.kind === 'retry' || value.kind === 'permanent' || value.kind === 'unknown';
  return failed && 'error' in value && isSluiceError(value.error);
}

/**
 * One attempt, with an end: a notifier that hangs, throws or answers nonsense gives `unknown`, because nobody knows
 * what it did before. Never rejects.
 */
export async function attempt(
  notifier: Notifier,
  claim: Claim,
  options: { runtime: Runtime; timeoutMs: number },
): Promise<Outcome> {
  const deadline = new AbortController();
  const timer = new AbortController();
  const late = () => {
    deadline.abort();
    return unknown(attemptErrors.attempt_timeout({ notifier: notifier.name, timeoutMs: options.timeoutMs }));
  };
  const { id, destination, payload, endpoint, attempt: number } = claim;
  const message = { id, destination, payload, endpoint, attempt: number };
  const notify = async () => await notifier.notify(message, deadline.signal);
  try {
    const outcome = await Promise.race([
      notify(),
      options.runtime.sleep(options.timeoutMs, timer.signal).then(late, late),
    ]);
    return isOutcome(outcome) ? outcome : unknown(attemptErrors.notifier_answer_invalid({ notifier: notifier.name }));
  } catch (thrown) {
    return unknown(
      attemptErrors.notifier_threw({ notifier: notifier.name, thrown: nameOf(thrown) }, { cause: thrown }),
    );
  } finally {
    timer.abort();
  }
}
