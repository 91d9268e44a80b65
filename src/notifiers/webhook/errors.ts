import { defineErrors } from '../../errors/define-errors.ts';
import { LONGEST_RETRY_AFTER_MS } from '../../errors/retry-after.ts';
import { SluiceError } from '../../errors/sluice-error.ts';
import { type FailureRule, outcomeRules, sendRules } from './outcome-rules.ts';

export const webhookErrors = defineErrors('webhook', {
  address_not_allowed: {
    recovery: 'user_action',
    cause: 'The host of a webhook leads to an address that is not public.',
    remedy: 'Webhooks go to public addresses only. For a test twin name its host:port in the configuration.',
    example: { range: 'private' },
    says: ({ range }) => `The webhook's host leads to an address that is not public (${range}).`,
    details: ({ range }) => ({ sent: false, ...(range !== '' && { range }) }),
  },
  not_https: {
    code: 'address_not_allowed',
    recovery: 'user_action',
    cause: 'The webhook is not https.',
    remedy: 'Only a test twin, named by its host:port in the configuration, may use http.',
    details: () => ({ sent: false }),
  },
  webhook_configuration: {
    recovery: 'user_action',
    cause: 'A webhook URL is none of a service that is known, or was cut.',
    remedy: 'Copy the whole URL from the flow and put it in quotes. Another host must be allowed by its exact name.',
    example: { field: 'receivers.ops.webhook', part: 'scheme', problem: 'it is not https.', valid: ['https'] },
    says: ({ field, problem }) => `${field}: ${problem}`,
    hint: ({ valid }) => `Valid: ${valid.join(', ')}. Another host must be allowed by its exact name.`,
    details: ({ field, part, valid }) => ({ field, part, valid }),
  },
  webhook_retired: {
    recovery: 'user_action',
    cause: 'Office 365 connectors are retired; nothing sent to this URL arrives.',
    remedy: 'In the channel choose Workflows, "Send webhook alerts to a channel", and use the URL that it gives.',
    example: { field: 'receivers.ops.webhook' },
    says: ({ field }) => `${field}: Office 365 connectors are retired; nothing sent to this URL arrives.`,
    details: ({ field }) => ({
      field,
      source: 'https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using',
    }),
  },
  webhook_host_moved: {
    recovery: 'user_action',
    cause: 'Workflows left this host on 2025-11-30.',
    remedy:
      'Open the flow in Power Automate and copy its new trigger URL; for a plain Logic App add the exact host to the allowed hosts.',
    example: { field: 'receivers.ops.webhook' },
    says: ({ field }) => `${field}: Workflows left this host on 2025-11-30.`,
    details: ({ field }) => ({ field, source: 'https://learn.microsoft.com/answers/questions/5606972' }),
  },
});

/** The words of a failure rule: what the error says of it. */
export type FailureWords = Pick<FailureRule, 'code' | 'recovery' | 'meaning' | 'hint'>;

interface FailureFacts {
  /** Identity of the webhook. */
  readonly webhook: string;
  readonly status?: number | undefined;
  readonly afterMs?: number | undefined;
  readonly cause?: unknown;
}

/** The error of a failure rule; it names the webhook by its identity only. */
export function outcomeError(rule: FailureWords, { webhook, status, afterMs, cause }: FailureFacts): SluiceError {
  const where = `webhook ${webhook}${status === undefined ? '' : `: ${status}`}`;
  return new SluiceError({
    code: rule.code,
    recovery: rule.recovery,
    surface: 'webhook',
    message: `${rule.meaning} (${where})`,
    hint: afterMs === LONGEST_RETRY_AFTER_MS ? `${rule.hint} ${askedTooMuch}` : rule.hint,
    request: { method: 'POST', route: '/webhook', ...(status !== undefined && { status }) },
    retryAfterMs: afterMs,
    cause,
  });
}

const askedTooMuch = `It asked for a wait of ${LONGEST_RETRY_AFTER_MS / 3_600_000} hours or more; it is asked again after that time.`;

/** The rows of answers that are failures, and of sending without an answer. */
const failures: readonly { readonly rule: FailureWords; readonly status?: number }[] = [
  ...outcomeRules.flatMap((rule) => ('code' in rule ? [{ rule, status: rule.status[0] }] : [])),
  ...Object.values(sendRules).map((rule) => ({ rule })),
];

export const outcomeErrors = failures.map(({ rule, status }) => ({
  describe: () => {
    const { code, recovery, meaning: cause, hint: remedy } = rule;
    const { message: example } = outcomeError(rule, { webhook: 'a1b2c3', status });
    return { code, surface: 'webhook', recovery, cause, remedy, example };
  },
}));
