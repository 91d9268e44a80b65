import { type ErrorRule, graphRule as rule } from './error-rule.ts';

/** Stands for the application in the command that makes a policy. */
export const POLICY_APP = '<client id>';

/** Stands for the user in the command that grants a policy. */
export const POLICY_USER = '<object id of the user>';

/** Who may ask, and for what: 401, 402 and 403. */
export const graphAccessRules: readonly ErrorRule[] = [
  // 401
  rule({
    status: [401, 403],
    when: {
      prefixes: [
        'App ',
        'No application access policy found',
        'Application is not allowed to perform operations on the user',
      ],
    },
    code: 'access_policy_missing',
    recovery: 'admin_action',
    meaning: 'The organizer of the meeting has no application access policy for this app.',
    hint: `Grant it in Teams PowerShell: New-CsApplicationAccessPolicy -Identity Sluice -AppIds "${POLICY_APP}", then Grant-CsApplicationAccessPolicy -PolicyName Sluice -Identity "${POLICY_USER}" (or -Global). It takes up to 30 minutes.`,
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
];
