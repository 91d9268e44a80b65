import { json, type TwinAnswer } from './exchange.ts';

/** What a refusal says, in the words the real service uses. */
export interface RefusalFacts {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** Fields of `innerError` besides the date and the request ids. */
  readonly inner?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Thrown by a route that refuses a call; the twin renders it as Graph renders errors. */
export class GraphRefusal extends Error {
  override readonly name = 'GraphRefusal';
  readonly facts: RefusalFacts;

  constructor(facts: RefusalFacts) {
    super(facts.message);
    this.facts = facts;
  }
}

/** What identifies one exchange in its answer. */
export interface ExchangeIds {
  readonly requestId: string;
  readonly clientRequestId: string;
  readonly nowMs: number;
}

/**
 * An error body as Graph gives it.
 *
 * @see https://learn.microsoft.com/en-us/graph/errors
 */
export function refusalAnswer(facts: RefusalFacts, ids: ExchangeIds): TwinAnswer {
  const innerError = {
    ...facts.inner,
    date: new Date(ids.nowMs).toISOString().slice(0, 19),
    'request-id': ids.requestId,
    'client-request-id': ids.clientRequestId,
  };
  return json(facts.status, { error: { code: facts.code, message: facts.message, innerError } }, facts.headers);
}

/** Every refusal the twin knows, worded as met in public reports of the real service. */
export const refusals = {
  noToken: (): RefusalFacts => ({
    status: 401,
    code: 'InvalidAuthenticationToken',
    message: 'Access token is empty.',
  }),
  tokenExpired: (): RefusalFacts => ({
    status: 401,
    code: 'InvalidAuthenticationToken',
    message: 'Lifetime validation failed, the token is expired.',
  }),
  tokenMalformed: (): RefusalFacts => ({
    status: 401,
    code: 'InvalidAuthenticationToken',
    message: 'CompactToken validation failed with reason code: 80049228.',
  }),
  tokenAudience: (): RefusalFacts => ({
    status: 401,
    code: 'InvalidAuthenticationToken',
    message: 'Access token validation failure. Invalid audience.',
  }),
  missingRole: (needed: readonly string[], granted: Iterable<string>): RefusalFacts => ({
    status: 403,
    code: 'Forbidden',
    message: `Missing role permissions on the request. API requires one of '${needed.join(', ')}'. Roles on the request '${[...granted].join(', ')}'.`,
  }),
  /** Met on messages of channels: https://github.com/microsoftgraph/microsoft-graph-docs/issues/6292 */
  forbidden: (): RefusalFacts => ({ status: 403, code: 'UnknownError', message: '' }),
  insufficientPrivileges: (): RefusalFacts => ({
    status: 403,
    code: 'Authorization_RequestDenied',
    message: 'Insufficient privileges to complete the operation.',
  }),
  accessCheck: (): RefusalFacts => ({
    status: 403,
    code: 'Forbidden',
    message: 'InsufficientPrivileges',
    inner: { code: '1', message: 'AclCheckFailed-The initiator does not have permission to access thread.' },
  }),
  /** Without a code, as met. */
  callRecordGone: (): RefusalFacts => ({
    status: 404,
    code: '',
    message:
      'Could not find the requested call record. Records about calls or online meetings that started more than 30 days ago are not available.',
  }),
  /** Met on every Teams route of a user without one, app-only too. */
  licenceMissing: (): RefusalFacts => ({
    status: 403,
    code: 'Forbidden',
    message:
      'Failed to get license information for the user. Ensure user has a valid Office365 license assigned to them.',
  }),
  /** https://github.com/microsoftgraph/msgraph-sdk-dotnet/issues/2350 */
  accessPolicyMissing: (): RefusalFacts => ({
    status: 403,
    code: 'General',
    message: 'No application access policy found for this app.',
  }),
  /** Of users whose mailbox is elsewhere: guests, and those of Exchange on their own premises. */
  mailboxMissing: (): RefusalFacts => ({
    status: 404,
    code: 'MailboxNotEnabledForRESTAPI',
    message: 'The mailbox is either inactive, soft-deleted, or is hosted on-premise.',
  }),
  meetingNotFound: (): RefusalFacts => ({ status: 404, code: 'NotFound', message: 'Meeting not found.' }),
  meetingUnresolved: (): RefusalFacts => ({ status: 400, code: 'BadRequest', message: '1026: An error has occurred.' }),
  /** Met on reports that are not there. */
  reportNotFound: (): RefusalFacts => ({
    status: 400,
    code: 'BadRequest',
    message:
      'Index was out of range. Must be non-negative and less than the size of the collection.\r\nParameter name: index',
  }),
  /** A chat that another tenant hosts. */
  foreignThread: (threadId: string): RefusalFacts => ({
    status: 403,
    code: 'Forbidden',
    message: 'InsufficientPrivileges',
    inner: {
      code: '1',
      message: `AclCheckFailed-The initiator does not have permission to access thread ${threadId}. Tenant Id mismatch.`,
    },
  }),
  tagNotFound: (): RefusalFacts => ({ status: 404, code: 'NotFound', message: 'TagNotFound' }),
  segment: (segment: string): RefusalFacts => ({
    status: 400,
    code: 'BadRequest',
    message: `Resource not found for the segment '${segment}'.`,
  }),
  paymentRequired: (): RefusalFacts => ({
    status: 402,
    code: 'PaymentRequired',
    message: 'Evaluation mode capacity has been exceeded. Use a valid billing model.',
  }),
  preconditionFailed: (): RefusalFacts => ({
    status: 412,
    code: 'PreconditionFailed',
    message: 'The tenant does not fulfil the requirements of this API.',
  }),
  badRequest: (message: string): RefusalFacts => ({ status: 400, code: 'BadRequest', message }),
  optionNotAllowed: (option: string): RefusalFacts => {
    const text = `Query option '${option}' is not allowed. To allow it, set the 'AllowedQueryOptions' property on EnableQueryAttribute or QueryValidationSettings.`;
    return {
      status: 400,
      code: '',
      message: `The query specified in the URI is not valid. ${text}`,
      inner: { message: text },
    };
  },
  unsupportedQuery: (message: string): RefusalFacts => ({ status: 400, code: 'Request_UnsupportedQuery', message }),
  teamNotFound: (id: string): RefusalFacts => {
    const message = `No team found with Group Id ${id}`;
    return { status: 404, code: 'NotFound', message, inner: { message, code: 'ItemNotFound', innerError: {} } };
  },
  channelNotFound: (): RefusalFacts => ({
    status: 404,
    code: 'ItemNotFound',
    message: 'Failed to execute Skype backend request GetThreadS2SRequest.',
  }),
  channelMalformed: (id: string): RefusalFacts => ({
    status: 400,
    code: 'InvalidRequest',
    message: `Channel id is not in a valid format: ${id}`,
  }),
  messageNotFound: (): RefusalFacts => ({
    status: 404,
    code: 'NotFound',
    message: 'NotFound',
    inner: { code: '1', message: 'MessageNotFound-Message does not exist in the thread.' },
  }),
  hostedContentNotFound: (): RefusalFacts => ({
    status: 404,
    code: 'NotFound',
    message: 'NotFound',
    inner: { code: '1', message: 'HostedContentNotFound-The hosted content does not exist.' },
  }),
  resourceNotFound: (id: string): RefusalFacts => ({
    status: 404,
    code: 'Request_ResourceNotFound',
    message: `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
  }),
  deltaTokenGone: (location: string): RefusalFacts => ({
    status: 410,
    code: 'SyncStateNotFound',
    message: 'The sync state generation is not found; generation=149;[highest=157][157][155][156].',
    headers: { location },
  }),
  deltaTokenBad: (): RefusalFacts => ({
    status: 400,
    code: 'syncStateNotFound',
    message: 'The sync state is not found. Start a new synchronization.',
  }),
  deltaRefused: (): RefusalFacts => ({
    status: 400,
    code: 'BadRequest',
    message: "Parameter 'DeltaToken' not supported for this request.",
  }),
  /** https://learn.microsoft.com/en-us/graph/throttling-limits#outlook-service-limits */
  mailboxConcurrency: (): RefusalFacts => ({
    status: 429,
    code: 'ApplicationThrottled',
    message: 'Application is over its MailboxConcurrency limit.',
  }),
  throttled: (headers: Readonly<Record<string, string>>): RefusalFacts => ({
    status: 429,
    code: 'TooManyRequests',
    message: 'Please retry again later.',
    inner: { code: '429', message: 'Please retry after', status: '429' },
    headers,
  }),
  internal: (): RefusalFacts => ({
    status: 500,
    code: 'InternalServerError',
    message: 'An error occurred while processing the request.',
  }),
  badGateway: (): RefusalFacts => ({ status: 502, code: 'BadGateway', message: 'Failed to execute backend request.' }),
  unavailable: (): RefusalFacts => ({
    status: 503,
    code: 'Proxy_InternalServerError',
    message: 'Failure in forwarding request.',
  }),
  gatewayTimeout: (): RefusalFacts => ({
    status: 504,
    code: 'GatewayTimeout',
    message: 'The server did not answer in time.',
  }),
};
