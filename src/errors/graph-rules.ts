import { type ErrorRule, graphRule as rule } from './error-rule.ts';
import { graphAccessRules } from './graph-access-rules.ts';
import { graphRequestRules } from './graph-request-rules.ts';

const deltaExpired = {
  code: 'delta_expired',
  recovery: 'retry',
  meaning: 'The delta token is too old for the service.',
  hint: 'Read this collection again from the start; the next delta round begins there.',
} as const;

/**
 * What Microsoft Graph's refusals mean. Decided by status, codes and message prefix, special rows first: 403 has at
 * least eight meanings and 404 three, so the status alone is the last resort.
 *
 * @see https://learn.microsoft.com/en-us/graph/errors
 */
export const graphRules: readonly ErrorRule[] = [
  // Whatever the status: delta tokens that are no longer good.
  rule({
    when: { codes: ['syncStateNotFound', 'resyncRequired', 'resyncChangesApplyDifferences', 'syncStateInvalid'] },
    ...deltaExpired,
  }),
  rule({
    status: [410],
    ...deltaExpired,
  }),
  ...graphAccessRules,
  ...graphRequestRules,
  // The rest, by status
  rule({
    status: [400],
    code: 'bad_request',
    recovery: 'fail',
    meaning: 'Graph refuses the request as malformed.',
    hint: 'Report it with the request id.',
  }),
  rule({
    status: [405, 501],
    code: 'not_supported',
    recovery: 'fail',
    meaning: 'This version of Graph does not offer the operation.',
    hint: 'Check the Graph URL and the cloud.',
    otherRead: true,
  }),
  rule({
    status: [408],
    code: 'service_timeout',
    recovery: 'retry',
    meaning: 'Graph ran out of time.',
    hint: 'Try again later.',
  }),
  rule({
    status: [409],
    code: 'conflict',
    recovery: 'user_action',
    meaning: 'The object already exists or changed meanwhile.',
    hint: 'Take over the existing one.',
  }),
  rule({
    status: [412],
    code: 'precondition_failed',
    recovery: 'user_action',
    meaning: 'The object changed since it was read.',
    hint: 'Read it again and repeat the change.',
    otherRead: true,
  }),
  rule({
    status: [413],
    code: 'request_too_large',
    recovery: 'user_action',
    meaning: 'The request body is too large.',
    hint: 'Send less at once.',
  }),
  rule({
    status: [424],
    code: 'dependency_failed',
    recovery: 'fail',
    meaning: 'A request of the batch that this one depends on failed.',
    hint: 'See the error of that request.',
  }),
  rule({
    status: [425],
    code: 'too_early',
    recovery: 'retry',
    meaning: 'Graph is not ready to process the request.',
    hint: 'Try again later.',
  }),
  rule({
    status: [429, 509],
    code: 'throttled',
    recovery: 'retry',
    meaning: 'Graph asks for fewer requests and did not stop asking.',
    hint: 'Run again later, or check whether other apps or processes use the same client id.',
  }),
  rule({
    status: [500, 502, 503, 504],
    code: 'service_error',
    recovery: 'retry',
    meaning: 'Graph or a service behind it failed.',
    hint: 'Run again later; the read positions are kept.',
  }),
  rule({
    code: 'unexpected_status',
    recovery: 'fail',
    meaning: 'Graph answered with a status that no rule knows.',
    hint: 'Report it with the request id.',
  }),
];
