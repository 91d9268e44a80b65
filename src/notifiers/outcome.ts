import type { Outcome, Refusal } from '../messages/types.ts';
import { failureError, withoutSecrets } from './errors.ts';
import type { Answer, Endpoint } from './kind.ts';

/** What an answer is told with. */
export interface Telling {
  /** What the outbox calls an endpoint that the notifier names. */
  readonly nameOf: (endpoint: Endpoint) => string;
  /** Texts that may not be shown. */
  readonly secrets: readonly string[];
}

/** What a notifier answered, as the outbox takes it. What is no answer stays none, and the outbox says so. */
export function outcomeOf(answer: Answer, telling: Telling): Outcome {
  const endpoint = answer.endpoint === undefined ? undefined : telling.nameOf(answer.endpoint);
  const refusals = answer.refusals?.map(
    (refusal): Refusal => ({
      endpoint: telling.nameOf(refusal.endpoint),
      outcome: outcomeOf(refusal.outcome, telling),
    }),
  );
  return { ...told(answer, telling), endpoint, refusals };
}

function told(answer: Answer, { secrets }: Telling): Outcome {
  if (answer.kind === 'accepted') return { kind: 'accepted' };
  if (answer.kind === 'delivered') return { kind: 'delivered', id: withoutSecrets(answer.id, secrets) };
  const { kind, blame } = answer;
  const error = failureError(answer.error, kind, secrets);
  return kind === 'permanent' ? { kind, error, blame } : { kind, error, blame, afterMs: answer.afterMs };
}
