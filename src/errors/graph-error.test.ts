import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeErrors } from './describe-errors.ts';
import { allowsOtherRead, graphError } from './graph-error.ts';
import { graphRules } from './graph-rules.ts';

const request = { method: 'GET', route: '/teams/{team-id}' };
const encode = (body: unknown) => new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body));
const errorFor = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  graphError({ status, headers, body: encode(body) }, request, 0);
const outer = (code: string, message: string, innerError?: unknown) => ({ error: { code, message, innerError } });

/** Bodies that Graph really sent, shortened, and what they mean. */
const CATALOGUE: readonly [status: number, body: unknown, code: string, recovery: string][] = [
  [401, outer('Unauthorized', 'UnknownError', { date: '2022-05-20T06:51:35' }), 'unauthorized', 'refresh_token'],
  [401, outer('Unauthorized', 'Unauthorized'), 'unauthorized', 'refresh_token'],
  [
    401,
    outer('InvalidAuthenticationToken', 'CompactToken validation failed with reason code: 80049228.'),
    'token_rejected',
    'refresh_token',
  ],
  [
    401,
    outer('InvalidAuthenticationToken', 'Access token validation failure. Invalid audience.'),
    'token_audience',
    'admin_action',
  ],
  [
    401,
    outer('Unauthorized', 'App 123 is not authorized to Create meeting on behalf of user 456'),
    'access_policy_missing',
    'admin_action',
  ],
  [402, outer('PaymentRequired', 'Payment required'), 'payment_required', 'admin_action'],
  [
    403,
    outer(
      'Forbidden',
      "Missing scope permissions on the request. API requires one of 'Chat.ReadBasic, Chat.Read'. Scopes on the request 'User.Read'",
    ),
    'permission_missing',
    'admin_action',
  ],
  [
    403,
    outer('Forbidden', 'InsufficientPrivileges', {
      code: '1',
      message: 'AclCheckFailed-The initiator 8:orgid:404 does not have permission',
    }),
    'foreign_tenant',
    'skip',
  ],
  [403, outer('General', 'No application access policy found for this app.'), 'access_policy_missing', 'admin_action'],
  [
    403,
    outer('', 'You do not have the required permissions to access this item.'),
    'permission_missing',
    'admin_action',
  ],
  [
    403,
    outer('Authorization_RequestDenied', 'Insufficient privileges to complete the operation.'),
    'permission_missing',
    'admin_action',
  ],
  [403, outer('insufficient_claims', 'Continuous access evaluation'), 'conditional_access', 'admin_action'],
  [400, outer('BadRequest', "Parameter 'DeltaToken' not supported for this request."), 'delta_unsupported', 'skip'],
  [
    400,
    outer('BadRequest', "Change tracking is not supported against 'microsoft.graph.chatMessage'"),
    'delta_unsupported',
    'skip',
  ],
  [
    400,
    outer('', "The query specified in the URI is not valid. Query option 'Expand' is not allowed."),
    'query_option_unsupported',
    'fail',
  ],
  [
    400,
    outer(
      'BadRequest',
      "The entity property 'channelIdentity/channelId' and operationKind 'Equal' is not allowed in $filter query.",
    ),
    'query_option_unsupported',
    'fail',
  ],
  [400, outer('ExpandNotSupported', "Expand is not allowed for property 'Photo'"), 'query_option_unsupported', 'fail'],
  [400, outer('BadRequest', "Resource not found for the segment 'thiswillgiveanerror'."), 'path_unknown', 'fail'],
  [400, outer('invalidRequest', 'Invalid hostname for this tenancy'), 'host_wrong', 'user_action'],
  [
    400,
    outer('Invalid request', 'Channel id is not in a valid format: 29:x@thread.skype'),
    'id_invalid',
    'user_action',
  ],
  [
    400,
    outer('BadRequest', 'Channel name already existed, please use other name', { code: 'NameAlreadyExists' }),
    'name_taken',
    'user_action',
  ],
  [400, outer('BadRequest', '1026: An error has occurred.'), 'meeting_unresolved', 'skip'],
  [400, outer('BadRequest', 'Index was out of range. Must be non-negative'), 'not_found', 'skip'],
  [
    400,
    { code: 'ValidationError', message: 'Subscription validation request failed. Notification endpoint must' },
    'notification_endpoint',
    'user_action',
  ],
  [
    400,
    outer('BadRequest', 'lifecycleNotificationUrl is a required property for subscription creation'),
    'lifecycle_url_missing',
    'user_action',
  ],
  [400, outer('ErrorInvalidIdMalformed', 'Id is malformed.'), 'id_invalid', 'user_action'],
  [404, outer('ErrorInvalidUser', "The requested user 'x' is invalid."), 'user_unknown', 'skip'],
  [404, outer('ErrorItemNotFound', 'The specified object was not found in the store.'), 'not_found', 'skip'],
  [
    404,
    outer('NotFound', 'No team found with Group Id 1caf', { code: 'ItemNotFound', innerError: {} }),
    'not_found',
    'skip',
  ],
  [404, outer('ItemNotFound', 'Failed to execute Skype backend request GetThreadS2SRequest.'), 'not_found', 'skip'],
  [
    404,
    outer('NotFound', 'NotFound', { code: '1', message: 'MessageNotFound-Message does not exist in the thread' }),
    'message_unavailable',
    'skip',
  ],
  [
    404,
    outer('NotFound', 'Failed to execute MS Graph backend request GetGroupInternalApiRequest'),
    'not_ready',
    'retry',
  ],
  [404, outer('Request_ResourceNotFound', "Resource '1' does not exist"), 'not_found', 'skip'],
  [
    404,
    { error: { message: 'Could not find the requested call record. Records about calls' } },
    'call_record_expired',
    'skip',
  ],
  [403, '<html><body>Blocked by policy</body></html>', 'answered_by_filter', 'user_action'],
  [407, '<!DOCTYPE html><title>Proxy</title>', 'answered_by_filter', 'user_action'],
  [403, outer('UnknownError', ''), 'forbidden_unexplained', 'admin_action'],
  [
    403,
    outer('Forbidden', 'Invoked API requires Protected API access in application-only context when not using RSC.'),
    'protected_api',
    'admin_action',
  ],
  [
    403,
    outer('Forbidden', 'Failed to get license information for the user. Ensure user has a valid Office365 license.'),
    'licence_missing',
    'admin_action',
  ],
  [403, outer('ExtensionError', 'Subscription quota of 10000 is exceeded.'), 'subscription_quota', 'user_action'],
  [404, '', 'not_found', 'skip'],
  [404, outer('MailboxNotEnabledForRESTAPI', 'The mailbox is inactive or on-premises.'), 'mailbox_missing', 'skip'],
  [405, outer('MethodNotAllowed', 'Specified HTTP method is not allowed.'), 'not_supported', 'fail'],
  [409, '', 'conflict', 'user_action'],
  [
    429,
    outer('TooManyRequests', 'Failed to execute Skype backend request SetThreadPropertyS2SRequest.', {
      code: 'ActivityLimitReached',
    }),
    'throttled',
    'retry',
  ],
  [501, outer('NotImplemented', 'The property is not available on a collection.'), 'not_supported', 'fail'],
  [509, outer('', 'Bandwidth limit exceeded.'), 'throttled', 'retry'],
  [409, outer('Conflict', 'Subscription Id <> already exists'), 'conflict', 'user_action'],
  [410, outer('SyncStateNotFound', 'The sync state generation is not found; generation=149'), 'delta_expired', 'retry'],
  [410, outer('resyncRequired', 'Resync required.'), 'delta_expired', 'retry'],
  [400, outer('BadRequest', 'Bad', { code: 'syncStateNotFound' }), 'delta_expired', 'retry'],
  [410, '', 'delta_expired', 'retry'],
  [424, outer('FailedDependency', ''), 'dependency_failed', 'fail'],
  [429, outer('TooManyRequests', 'Too Many Requests'), 'throttled', 'retry'],
  [429, 'Out of call volume quota. Quota will be replenished in 00:40:11.', 'throttled', 'retry'],
  [502, outer('BadGateway', 'Failed to execute backend request.'), 'service_error', 'retry'],
  [503, outer('Proxy_InternalServerError', 'Failure in forwarding request.'), 'service_error', 'retry'],
  [302, '', 'unexpected_status', 'fail'],
  [400, '<html>404 429</html>', 'bad_request', 'fail'],
];

/** A body with what else Graph writes into it: ids and times, in either spelling, before the message or after. */
function accompanied(
  body: unknown,
  more: Readonly<Record<string, unknown>>,
  { isFirst, isLower }: { readonly isFirst: boolean; readonly isLower: boolean },
): unknown {
  if (typeof body !== 'object' || body === null || !('error' in body)) return body;
  const { innerError, ...error } = body.error as Record<string, unknown>;
  const inner = { [isLower ? 'innererror' : 'innerError']: { ...(innerError as object | undefined), ...more } };
  return { error: isFirst ? { ...inner, ...error } : { ...error, ...inner } };
}

describe('graphError', () => {
  it.each(CATALOGUE)('%i %j is %s (%s)', (status, body, code, recovery) => {
    const error = errorFor(status, body);
    expect({ code: error.code, recovery: error.recovery, surface: error.surface }).toEqual({
      code,
      recovery,
      surface: 'graph',
    });
    expect(error.message).toContain('/teams/{team-id}');
  });

  it('maps each to the same code, recovery and remedy in whatever order and company its parts come', () => {
    const remedies = new Map(describeErrors().map(({ surface, code, remedy }) => [`${surface} ${code}`, remedy]));
    const company = fc.record({
      date: fc.constant('2026-01-31T00:00:00'),
      'request-id': fc.uuid(),
      'client-request-id': fc.uuid(),
      target: fc.string(),
    });
    fc.assert(
      fc.property(fc.constantFrom(...CATALOGUE), company, fc.boolean(), fc.boolean(), (row, more, isFirst, isLower) => {
        const [status, body, code, recovery] = row;
        const error = errorFor(status, accompanied(body, more, { isFirst, isLower }));
        expect([error.code, error.recovery]).toEqual([code, recovery]);
        expect(error.hint ?? remedies.get(`graph ${code}`)).toMatch(/\S/);
        expect(remedies.get(`graph ${code}`)).toMatch(/\S/);
      }),
    );
  });

  it('names the permissions that the body names', () => {
    const text =
      "Missing role permissions on the request. API requires one of 'Chat.ReadBasic.All, Chat.Read.All'. Roles on the request 'User.Read.All'.";
    const error = errorFor(403, outer('Forbidden', text));
    expect(error.details).toMatchObject({
      required: ['Chat.ReadBasic.All', 'Chat.Read.All'],
      granted: ['User.Read.All'],
    });
    expect(error.message).toContain('Chat.Read.All');
  });

  it('keeps the request id and Retry-After', () => {
    const error = errorFor(429, '', { 'request-id': 'r-1', 'retry-after': '2.5' });
    expect(error.request).toEqual({ method: 'GET', route: '/teams/{team-id}', status: 429, requestId: 'r-1' });
    expect(error.retryAfterMs).toBe(2500);
  });

  it.each([
    [402, '', true],
    [403, '', true],
    [403, outer('UnknownError', ''), true],
    [404, '', true],
    [405, '', true],
    [412, '', true],
    [501, '', true],
    [400, outer('BadRequest', "Parameter 'DeltaToken' not supported for this request."), true],
    [400, outer('BadRequest', 'The query specified in the URI is not valid.'), true],
    [400, '', false],
    [401, '', false],
    [403, '<html></html>', false],
    [403, outer('Forbidden', 'x', { code: 'insufficient_claims' }), false],
    [429, '', false],
    [500, '', false],
  ])('%i %j may be served another way: %s', (status, body, expected) => {
    expect(allowsOtherRead(errorFor(status, body))).toBe(expected);
  });

  it('never copies the text of the service', () => {
    const error = errorFor(
      403,
      outer('Forbidden', 'canary-4711', { code: 'canary 4711', message: 'AclCheckFailed-canary-4711' }),
    );
    expect(JSON.stringify({ ...error, message: error.message })).not.toContain('4711');
  });

  it('has no rule that another one hides', () => {
    const seen = new Set(CATALOGUE.map(([status, body]) => errorFor(status, body).code));
    const untested = graphRules.map(({ code }) => code).filter((code) => !seen.has(code));
    expect(untested.sort()).toEqual(['precondition_failed', 'request_too_large', 'service_timeout', 'too_early']);
    expect(
      untested
        .map((code) => graphRules.find((rule) => rule.code === code)!.status![0]!)
        .map((status) => errorFor(status, '').code),
    ).not.toContain('unexpected_status');
  });
});

describe('describeErrors', () => {
  it('lists every code once with a cause and a remedy', () => {
    const rows = describeErrors();
    expect(new Set(rows.map(({ surface, code }) => `${surface} ${code}`)).size).toBe(rows.length);
    expect(rows.every(({ cause, remedy }) => cause.endsWith('.') && remedy.length > 0)).toBe(true);
    expect(rows.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['permission_missing', 'client_secret_wrong', 'foreign_link']),
    );
  });
});
