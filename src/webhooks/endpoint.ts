import type { WebhookOutcome } from './outcome.ts';
import { outcomeRules, sendRules } from './outcome-rules.ts';

/**
 * `degraded` fails and is still used; `disabled` was refused or failed for long, and `retired` is of a form that
 * Microsoft turned off: both are used only while there is no other URL.
 */
export type EndpointHealth = 'healthy' | 'degraded' | 'disabled' | 'retired';

/** What is known of one webhook URL from the outcomes so far. Plain JSON. */
export interface EndpointState {
  readonly health: EndpointHealth;
  /** Wall clock, milliseconds: since when it is in this health. */
  readonly sinceMs: number;
  /** Code of the error that brought it there. */
  readonly reason?: string;
  /** Failures since the last success that were not the message's own fault. */
  readonly failures: number;
  /** Wall clock of the first of them. */
  readonly failingSinceMs?: number;
}

export interface EndpointPolicy {
  /** Failures in a row from which it is degraded, or disabled when the URL itself is refused. Default 3. */
  readonly failures?: number;
  /** Length of failing after which it is disabled. Default 120 h. */
  readonly disableAfterMs?: number;
}

const HOUR_MS = 3_600_000;

/** After 120 hours, as Svix does. https://docs.svix.com/retries#disabling-failing-endpoints */
const DISABLE_AFTER_MS = 120 * HOUR_MS;

const retiredCodes: ReadonlySet<string> = new Set(['webhook_retired', 'webhook_host_moved']);

const blameOf: ReadonlyMap<string, 'message' | 'endpoint' | 'service'> = new Map(
  [...outcomeRules, ...Object.values(sendRules)].flatMap((rule) => ('code' in rule ? [[rule.code, rule.blame]] : [])),
);

/** A URL that nothing is known of yet, or that somebody enables again. */
export const newEndpoint = (nowMs: number): EndpointState => ({ health: 'healthy', sinceMs: nowMs, failures: 0 });

/** True when sending there is pointless until somebody acts. */
export const isOut = ({ health }: EndpointState): boolean => health === 'disabled' || health === 'retired';

/** True when the URL itself was refused: nothing was posted, and the next message would fare no better. */
export function isRefusedUrl(outcome: WebhookOutcome): boolean {
  return outcome.kind === 'permanent' && blameOf.get(outcome.error.code) === 'endpoint';
}

/** The state after one more outcome. Pure. */
export function afterOutcome(
  state: EndpointState,
  outcome: WebhookOutcome,
  nowMs: number,
  policy: EndpointPolicy = {},
): EndpointState {
  if (outcome.kind === 'delivered' || outcome.kind === 'accepted') {
    return state.health === 'healthy' ? { health: 'healthy', sinceMs: state.sinceMs, failures: 0 } : newEndpoint(nowMs);
  }
  const { code } = outcome.error;
  if (blameOf.get(code) === 'message') return state;
  const failures = state.failures + 1;
  const failingSinceMs = state.failingSinceMs ?? nowMs;
  const health = healthAfter({ state, outcome, failures, failingForMs: nowMs - failingSinceMs, policy });
  if (health === state.health) return { ...state, failures, failingSinceMs };
  return { health, sinceMs: nowMs, reason: code, failures, failingSinceMs };
}

function healthAfter(facts: {
  readonly state: EndpointState;
  readonly outcome: Exclude<WebhookOutcome, { kind: 'delivered' | 'accepted' }>;
  readonly failures: number;
  readonly failingForMs: number;
  readonly policy: EndpointPolicy;
}): EndpointHealth {
  const { state, outcome, failures, failingForMs, policy } = facts;
  const { code } = outcome.error;
  const many = failures >= (policy.failures ?? 3);
  if (retiredCodes.has(code)) return 'retired';
  if (isOut(state)) return state.health;
  if (code === 'webhook_not_found') return 'disabled';
  if (many && isRefusedUrl(outcome)) return 'disabled';
  if (failingForMs >= (policy.disableAfterMs ?? DISABLE_AFTER_MS)) return 'disabled';
  return many ? 'degraded' : state.health;
}
