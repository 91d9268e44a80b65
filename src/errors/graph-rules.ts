import type { ErrorRule } from './error-rule.ts';

const rule = (row: Omit<ErrorRule, 'surface'>): ErrorRule => ({ surface: 'graph', ...row });

const deltaExpired = {
  code: 'delta_expired',
  recovery: 'retry',
  meaning: 'The delta token is too old for the service.',
  hint: 'Read this collection again from the start; the next delta round begins there.',
} as const;

const queryOptionUnsupported = {
  code: 'query_option_unsupported',
  recovery: 'fail',
  meaning: 'The endpoint does not support a query option.',
  hint: 'Read without this option.',
  otherRead: true,
} as const;

const idInvalid = {
  code: 'id_invalid',
  recovery: 'user_action',
  meaning: 'An id in the path is malformed.',
  hint: 'Correct the id; a channel id looks like 19:…@thread.tacv2.',
} as const;

const notFound = {
  code: 'not_found',
  recovery: 'skip',
  meaning: 'The object is not there, or not there yet.',
  hint: 'It is skipped and recorded; the next run tries again.',
  otherRead: true,
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

  // 401
  rule({
    status: [401, 403],
    when: { prefixes: ['App ', 'No application access policy found'] },
    code: 'access_policy_missing',
    recovery: 'admin_action',
    meaning: 'The organizer of the meeting has no application access policy for this app.',
    hint: 'Grant the policy with New-CsApplicationAccessPolicy and Grant-CsApplicationAccessPolicy; it takes up to 30 minutes.',
  }),
  rule({
    status: [401],
    when: { prefixes: ['Access token validation failure. Invalid audience'] },
    code: 'token_audience',
    recovery: 'admin_action',
    meaning: 'The token was issued for another service.',
    hint: 'Check that the cloud setting and the Graph URL belong together.',
  }),
  rule({
    status: [401],
    when: { codes: ['InvalidAuthenticationToken'] },
    code: 'token_rejected',
    recovery: 'refresh_token',
    meaning: 'Graph did not accept the access token.',
    hint: 'If a new token is refused too, check tenant, client and cloud.',
  }),
  rule({
    status: [401],
    code: 'unauthorized',
    recovery: 'refresh_token',
    meaning: 'Graph answered 401 although a token was sent.',
    hint: 'Teams does this for a while after a consent or a revocation; if it stays, check that the app still has its consent.',
  }),

  // 402, 403
  rule({
    status: [402],
    code: 'payment_required',
    recovery: 'admin_action',
    meaning: 'The API is metered and payment is not set up.',
    hint: 'Link the app to an Azure subscription or choose another read strategy.',
    otherRead: true,
  }),
  rule({
    status: [401, 403, 407, 451],
    when: { html: true },
    code: 'answered_by_filter',
    recovery: 'user_action',
    meaning:
      'A page of HTML came instead of an answer of Graph: a web filter, a proxy or a sign-in portal stands in between.',
    hint: 'Have the host of Graph allowed for this machine, or name the proxy (HTTPS_PROXY).',
  }),
  rule({
    status: [403],
    when: { prefixes: ['Invoked API requires Protected API access', 'Protected API'] },
    code: 'protected_api',
    recovery: 'admin_action',
    meaning: 'The API is protected, and Microsoft has not released it for this app.',
    hint: 'Ask for access to the protected APIs of Teams, or use resource-specific consent.',
    otherRead: true,
  }),
  rule({
    status: [400, 403],
    when: {
      prefixes: [
        'Failed to get license information',
        'User does not have a valid license',
        'The user does not have a license',
        'License requirements not met',
        'No valid license',
      ],
    },
    code: 'licence_missing',
    recovery: 'admin_action',
    meaning: 'A licence for Teams that the request needs is missing.',
    hint: 'Give the user, or the tenant, a licence that includes Teams.',
    otherRead: true,
  }),
  rule({
    status: [403],
    when: { prefixes: ['AclCheckFailed'] },
    code: 'foreign_tenant',
    recovery: 'skip',
    meaning: 'The conversation belongs to another tenant.',
    hint: 'Only its owner tenant can read it; it is skipped and recorded.',
    otherRead: true,
  }),
  rule({
    status: [403],
    when: { codes: ['insufficient_claims'] },
    code: 'conditional_access',
    recovery: 'admin_action',
    meaning: 'A conditional access policy refuses this app.',
    hint: 'Exclude the workload identity from the policy or meet its conditions.',
  }),
  rule({
    status: [403],
    when: { prefixes: ['Subscription quota', 'Number of subscriptions', 'Too many subscriptions'] },
    code: 'subscription_quota',
    recovery: 'user_action',
    meaning: 'The quota of change-notification subscriptions is used up.',
    hint: 'Use fewer, wider subscriptions.',
  }),
  rule({
    status: [403],
    when: { codes: ['UnknownError'] },
    code: 'forbidden_unexplained',
    recovery: 'admin_action',
    meaning: 'Graph refused and did not say why (UnknownError).',
    hint: 'It is mostly a missing permission: `sluice check` names the ones each table needs.',
    otherRead: true,
  }),
  rule({
    status: [403],
    code: 'permission_missing',
    recovery: 'admin_action',
    meaning: 'The app lacks a permission for this request.',
    hint: 'Grant the application permission with admin consent; `sluice check` names the ones each table needs.',
    otherRead: true,
  }),

  // 400
  rule({
    status: [400],
    when: { prefixes: ["Parameter 'DeltaToken' not supported", 'Change tracking is not supported'] },
    code: 'delta_unsupported',
    recovery: 'skip',
    meaning: 'Delta is not possible on this collection.',
    hint: 'Read it with the list strategy.',
    otherRead: true,
  }),
  rule({
    status: [400],
    when: { codes: ['NameAlreadyExists'] },
    code: 'name_taken',
    recovery: 'user_action',
    meaning: 'The name is already in use.',
    hint: 'Choose another name.',
  }),
  rule({
    status: [400],
    when: { codes: ['ExpandNotSupported'] },
    ...queryOptionUnsupported,
  }),
  rule({
    status: [400],
    when: {
      prefixes: [
        'The query specified in the URI is not valid',
        'Query option ',
        'The entity property ',
        'Invalid filter clause',
      ],
    },
    ...queryOptionUnsupported,
  }),
  rule({
    status: [400],
    when: { prefixes: ['Resource not found for the segment'] },
    code: 'path_unknown',
    recovery: 'fail',
    meaning: 'The path does not exist in this version of Graph.',
    hint: 'Check the Graph URL; it must end in the version, for example /v1.0.',
    otherRead: true,
  }),
  rule({
    status: [400],
    when: { prefixes: ['Invalid hostname for this tenancy'] },
    code: 'host_wrong',
    recovery: 'user_action',
    meaning: 'The host name belongs to no site of this tenant.',
    hint: 'Correct the host name.',
  }),
  rule({
    status: [400],
    when: {
      codes: ['ErrorInvalidIdMalformed'],
    },
    ...idInvalid,
  }),
  rule({
    status: [400],
    when: { prefixes: ['Channel id is not in a valid format', 'Bad id', 'Invalid id'] },
    ...idInvalid,
  }),
  rule({
    status: [400],
    when: { prefixes: ['1026:'] },
    code: 'meeting_unresolved',
    recovery: 'skip',
    meaning: 'The join link resolves to no meeting.',
    hint: 'The meeting is skipped and recorded.',
  }),
  rule({
    status: [400],
    when: { prefixes: ['Index was out of range'] },
    ...notFound,
  }),
  rule({
    status: [400],
    when: { prefixes: ['Subscription validation request failed'] },
    code: 'notification_endpoint',
    recovery: 'user_action',
    meaning: 'Graph could not validate the notification URL.',
    hint: 'The URL must be reachable from the internet and echo the validation token within 10 seconds.',
  }),
  rule({
    status: [400],
    when: { prefixes: ['lifecycleNotificationUrl is a required property'] },
    code: 'lifecycle_url_missing',
    recovery: 'user_action',
    meaning: 'The subscription needs a lifecycle notification URL.',
    hint: 'Add lifecycleNotificationUrl, or ask for at most one hour.',
  }),
  rule({
    status: [400, 404],
    when: { codes: ['ErrorInvalidUser'] },
    code: 'user_unknown',
    recovery: 'skip',
    meaning: 'The user does not exist or has no mailbox.',
    hint: 'The user is skipped and recorded.',
  }),

  // 404
  rule({
    status: [404],
    when: { prefixes: ['MessageNotFound'] },
    code: 'message_unavailable',
    recovery: 'skip',
    meaning: 'The message is gone, or only in cold storage.',
    hint: 'This is no proof of a deletion; the row stays as it is.',
  }),
  rule({
    status: [404],
    when: { prefixes: ['Failed to execute MS Graph backend request'] },
    code: 'not_ready',
    recovery: 'retry',
    meaning: 'The object was created a moment ago and is not everywhere yet.',
    hint: 'Try again in a few seconds.',
  }),
  rule({
    status: [404],
    when: { prefixes: ['Could not find the requested call record'] },
    code: 'call_record_expired',
    recovery: 'skip',
    meaning: 'Call records are kept for 30 days.',
    hint: 'It is skipped and recorded.',
  }),
  rule({
    status: [400, 404],
    when: { codes: ['ErrorItemNotFound'] },
    ...notFound,
  }),
  rule({
    status: [404],
    ...notFound,
  }),

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
