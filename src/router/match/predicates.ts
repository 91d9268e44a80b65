import type { SluiceError } from '../../errors/sluice-error.ts';
import type { Notification } from '../../messages/types.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { routerErrors } from '../errors.ts';

/** A condition written as code. Anything but `true` is no match. */
export type Predicate = (notification: Notification, signal: AbortSignal) => boolean | Promise<boolean>;

/** What each named predicate said about one notification. */
export type Verdicts = ReadonlyMap<string, boolean | SluiceError>;

/** How long a predicate may take. */
const PREDICATE_TIMEOUT_MS = 1_000;

/**
 * Asks the predicates, each on its own: one that throws, rejects, answers something else or takes too long gets a
 * `rule_evaluation_failed` as its verdict, and only the routes that use it are skipped.
 *
 * @param names - the predicates that the routes use
 */
export async function askPredicates(
  names: readonly string[],
  predicates: ReadonlyMap<string, Predicate>,
  notification: Notification,
  runtime: Runtime,
): Promise<Verdicts> {
  const answers = names.map(
    async (name) => [name, await ask(name, predicates.get(name), notification, runtime)] as const,
  );
  return new Map(await Promise.all(answers));
}

const late = Symbol('late');

async function ask(
  name: string,
  predicate: Predicate | undefined,
  notification: Notification,
  runtime: Runtime,
): Promise<boolean | SluiceError> {
  if (!predicate) return failure(name, 'is not registered');
  const over = new AbortController();
  try {
    const answer: unknown = await Promise.race([
      (async () => predicate(notification, over.signal))(),
      runtime.sleep(PREDICATE_TIMEOUT_MS, over.signal).then(() => late),
    ]);
    if (typeof answer === 'boolean') return answer;
    const problem = answer === late ? `gave no answer in ${PREDICATE_TIMEOUT_MS} ms` : `answered ${typeof answer}`;
    return failure(name, problem);
  } catch (cause) {
    return failure(name, 'threw', cause);
  } finally {
    over.abort();
  }
}

/** The cause is kept for the caller; the message says nothing that the predicate said, which may hold message text. */
function failure(name: string, problem: string, cause?: unknown): SluiceError {
  return routerErrors.rule_evaluation_failed({ predicate: name, problem }, { cause });
}
