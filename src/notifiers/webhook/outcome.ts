import { clientWords, type FailureReason } from '../../errors/client-rules.ts';
import { boundedWait, parseRetryAfter } from '../../errors/retry-after.ts';
import { isSluiceError, type SluiceError } from '../../errors/sluice-error.ts';
import type { HttpResponse } from '../../http/types.ts';
import { type BodyFacts, readAnswerBody } from './answer-body.ts';
import { outcomeError } from './errors.ts';
import { type BodyCondition, type FailureRule, type OutcomeRule, outcomeRules, sendRules } from './outcome-rules.ts';

/**
 * What one attempt came to. A notifier gives it on as it is. `accepted` is no proof; `unknown` may have been posted.
 * `afterMs` is how long the webhook asked to be left alone.
 */
export type WebhookOutcome =
  | { kind: 'delivered'; id: string }
  | { kind: 'accepted' }
  | { kind: 'retry'; afterMs?: number | undefined; error: SluiceError; blame: FailureRule['blame'] }
  | { kind: 'permanent'; error: SluiceError; blame: FailureRule['blame'] }
  | { kind: 'unknown'; afterMs?: number | undefined; error: SluiceError; blame: FailureRule['blame'] };

/** What an outcome is said about. */
export interface OutcomeContext {
  /** Identity of the webhook, for the error text. */
  readonly webhook: string;
  /** Id of the message; it is the receipt too, because webhooks give none. */
  readonly messageId: string;
  /** Wall clock, for a Retry-After that is a date. */
  readonly nowMs: number;
  /** The body that the flow's own Response action answers after it posted. */
  readonly receipt?: string | undefined;
}

/** What an answer means, by status and body. Total: every status has an outcome. */
export function answerOutcome(response: HttpResponse, context: OutcomeContext): WebhookOutcome {
  const facts = readAnswerBody(response.body);
  const rule = findRule(response.status, facts, context.receipt);
  if (!('code' in rule)) {
    return rule.outcome === 'accepted' ? { kind: 'accepted' } : { kind: 'delivered', id: context.messageId };
  }
  const afterMs = longer(parseRetryAfter(response.headers, context.nowMs), boundedWait(facts.quotaMs));
  return failureOutcome(rule, context, { status: response.status, afterMs });
}

/** What it means that no answer came. `details.sent: false` in the error is proof that nothing was posted. */
export function errorOutcome(error: unknown, context: OutcomeContext): WebhookOutcome {
  const known = isSluiceError(error) ? error : undefined;
  if (known?.code === 'address_not_allowed') {
    return failureOutcome(sendRules.address_refused, context, { cause: error });
  }
  const rule = known?.details['sent'] === false ? notSent(known) : sendRules.no_answer;
  return failureOutcome(rule, context, { cause: error, afterMs: known?.retryAfterMs });
}

/** Nothing reached the webhook, and the transport may know why. */
function notSent({
  code,
  details,
}: SluiceError): Pick<FailureRule, 'outcome' | 'code' | 'recovery' | 'blame' | 'meaning' | 'hint'> {
  const why = isConnectionFailure(code) ? clientWords(code, details['reason'] as FailureReason | undefined) : undefined;
  if (!why) return sendRules.not_sent;
  return { ...sendRules.not_sent, meaning: `${why.meaning} Nothing was sent.`, hint: why.hint };
}

const CONNECTION_FAILURES = ['network_error', 'certificate_untrusted', 'proxy_denied', 'proxy_invalid'] as const;

const isConnectionFailure = (code: string): code is (typeof CONNECTION_FAILURES)[number] =>
  CONNECTION_FAILURES.some((one) => one === code);

/** The outcome of a failure rule, with an error that names the webhook by its identity only. */
export function failureOutcome(
  rule: Pick<FailureRule, 'outcome' | 'code' | 'recovery' | 'blame' | 'meaning' | 'hint'>,
  context: Pick<OutcomeContext, 'webhook'>,
  options: {
    readonly status?: number | undefined;
    readonly afterMs?: number | undefined;
    readonly cause?: unknown;
  } = {},
): WebhookOutcome {
  const { afterMs } = options;
  const error = outcomeError(rule, { webhook: context.webhook, ...options });
  const { blame } = rule;
  if (rule.outcome === 'permanent') return { kind: 'permanent', error, blame };
  return { kind: rule.outcome, error, blame, afterMs };
}

function findRule(status: number, facts: BodyFacts, receipt: string | undefined): OutcomeRule {
  const rule = outcomeRules.find(
    ({ status: [from, to], when }) => status >= from && status <= to && (!when || holds(when, facts, receipt)),
  );
  // The last row takes every status below 600; one above it proves nothing either.
  return rule ?? outcomeRules.at(-1)!;
}

function holds(when: BodyCondition, facts: BodyFacts, receipt: string | undefined): boolean {
  if ('receipt' in when) return receipt !== undefined && facts.text === receipt.trim().toLowerCase();
  if ('number' in when) return /^\d+$/.test(facts.text);
  if ('texts' in when) return when.texts.some((text) => facts.text.includes(text.toLowerCase()));
  if ('codes' in when) return when.codes.some((code) => facts.codes.includes(code.toLowerCase()));
  const [from, to] = when.connectorStatus;
  return facts.connectorStatus !== undefined && facts.connectorStatus >= from && facts.connectorStatus <= to;
}

const longer = (a: number | undefined, b: number | undefined) => (a === undefined ? b : Math.max(a, b ?? 0));

/** True when the URL itself was refused: nothing was posted, and the next message would fare no better. */
export const isRefusedUrl = (outcome: WebhookOutcome): boolean =>
  outcome.kind === 'permanent' && (outcome.blame === 'gone' || outcome.blame === 'endpoint');
