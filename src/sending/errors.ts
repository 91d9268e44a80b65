import { defineErrors, unknownRow } from '../errors/define-errors.ts';
import { SluiceError } from '../errors/sluice-error.ts';
import type { MessageState, MessageSummary } from '../outbox/types.ts';

export const serverErrors = defineErrors('server', {
  unknown_value: unknownRow({ field: 'state', value: 'died', valid: ['pending', 'delivered', 'dead'] }),
  tenant_not_allowed: {
    recovery: 'user_action',
    cause: 'This tenant may not send.',
    remedy: 'Add it to multi_tenant.allowed_tenants.',
  },
  state_taken: {
    recovery: 'fail',
    cause: 'Two processes work with one name on one database; the newer one goes on.',
    remedy: 'Give every process on a shared database its own server.instance.',
    example: { name: 'default' },
    says: ({ name }) => `Another process has taken over the state "${name}".`,
  },
  port_unavailable: {
    recovery: 'user_action',
    cause: 'Another process listens on the port, or this user may not open it.',
    remedy: 'Choose another port with --port, or end the process that holds it.',
    example: { host: '127.0.0.1', port: 8686, reason: 'EADDRINUSE' },
    says: ({ host, port, reason }) => `${host}:${port} cannot be listened on (${reason}).`,
  },
});

/** What the HTTP surface itself answers. */
export const httpErrors = defineErrors('server', {
  unauthenticated: {
    recovery: 'user_action',
    cause: 'A request has no key, a wrong one, or, where no keys are set, comes by another name than a loopback one.',
    remedy: 'Give a key of server.api_keys as "Authorization: Bearer KEY" or "x-api-key: KEY".',
    example: { valid: 'The key is not known.' },
    says: () => 'The request is not let in.',
    hint: ({ valid }) => valid,
  },
  not_found: {
    recovery: 'user_action',
    cause: 'There is nothing at this path.',
    remedy: 'Use one of the paths that the answer lists.',
    example: { routes: ['POST /v1/notifications', 'GET /v1/outbox'] },
    hint: () => undefined,
    details: ({ routes }) => ({ valid: routes }),
  },
  message_not_found: {
    code: 'not_found',
    recovery: 'user_action',
    cause: 'The outbox holds no such message.',
    remedy: 'Ask for one that GET /v1/outbox lists.',
    hint: () => undefined,
  },
  content_type: {
    recovery: 'user_action',
    cause: 'The body must be JSON.',
    remedy: 'Valid content-type: application/json.',
  },
  body_too_large: {
    recovery: 'user_action',
    cause: 'The body of a request is larger than server.max_body_bytes.',
    remedy: 'Send less at once.',
    example: { maxBytes: 1_048_576 },
    says: ({ maxBytes }) => `The body is larger than ${maxBytes} bytes.`,
  },
  body_incomplete: {
    recovery: 'user_action',
    cause: 'The body ended before it was complete.',
    remedy: 'Send the request again.',
  },
  draining: {
    recovery: 'user_action',
    cause: 'The server is about to stop.',
    remedy: 'Send again in a moment.',
  },
  internal_error: {
    recovery: 'fail',
    cause: 'The request could not be carried out.',
    remedy: 'It is a mistake in Sluice, or of what it runs on: `server.failed` in the log says more.',
    hint: () => undefined,
  },
});

export const receiverErrors = defineErrors('config', {
  no_receivers: {
    code: 'config_invalid',
    recovery: 'user_action',
    cause: 'receivers: there is none, so nothing could be delivered.',
    remedy: 'Add receivers to sluice.yaml, set TEAMS_WEBHOOK_URL, or give --webhook URL.',
    details: () => ({ faults: ['receivers: there is none'] }),
  },
  receiver_unknown: unknownRow(
    { field: 'to', value: 'opps', valid: ['ops', 'builds'] },
    {
      cause: 'There is no receiver of this name.',
      remedy: 'Give one that the message lists, or add it to sluice.yaml.',
    },
  ),
  tenant_isolated: {
    recovery: 'user_action',
    cause: 'A message of one tenant was to go to a receiver of another.',
    remedy: 'Give the tenant a receiver of its own, or check the routes.',
    example: { destination: 'ops' },
    says: ({ destination }) => `The receiver of "${destination}" belongs to another tenant; nothing was sent.`,
    details: ({ destination }) => ({ destination }),
  },
});

export const contentErrors = defineErrors('card', {
  template_unknown: unknownRow(
    { field: 'template', value: 'incident', valid: ['alert', 'build'] },
    { cause: 'There is no template of this name.', remedy: 'Give one that the message lists, or add it to templates.' },
  ),
  message_unrenderable: {
    recovery: 'fail',
    cause: 'What a sender posted could not be made a card or a text of; the rest was sent.',
    remedy: 'Look at what its sender posts; the other messages were sent.',
    example: { reason: 'template_unfilled' },
    says: ({ reason }) => `The message could not be shown in any form (${reason}).`,
  },
});

export const deliveryErrors = defineErrors('outbox', {
  stopped_on_error: {
    recovery: 'skip',
    cause: 'An earlier receiver of the same message failed, and the route says stop_on_error.',
    remedy: 'Redrive both once the cause is mended.',
    example: { after: '0190b8a2' },
    says: ({ after }) =>
      `Not sent, because message ${after} of an earlier receiver failed and the route says stop_on_error.`,
  },
});

const unfinished = { recovery: 'retry', remedy: 'It is sent by itself; `sluice outbox show ID` says when.' } as const;
const finished = {
  recovery: 'fail',
  remedy: 'See why with `sluice outbox show ID`; redrive it once that is mended.',
} as const;

/** What is said of a message that has not arrived and of which no attempt left an error. */
export const stateErrors = defineErrors('outbox', {
  message_pending: { ...unfinished, cause: 'The message is pending.', hint: () => undefined },
  message_leased: { ...unfinished, cause: 'The message is leased.', hint: () => undefined },
  message_retry: { ...unfinished, cause: 'The message is retry.', hint: () => undefined },
  message_unknown: { ...unfinished, cause: 'The message is unknown.', hint: () => undefined },
  message_dead: { ...finished, cause: 'The message is dead.', hint: () => undefined },
  message_expired: { ...finished, cause: 'The message is expired.', hint: () => undefined },
  message_superseded: {
    recovery: 'retry',
    cause: 'The message is superseded.',
    remedy: 'A newer one says the same and is sent in its place.',
    hint: () => undefined,
  },
});

type Unsent = Exclude<MessageState, 'delivered' | 'accepted'>;

/** The error as the outbox keeps it: code and sentence, without secrets. */
export function keptError({ errorCode, errorMessage }: MessageSummary, state: Unsent): SluiceError {
  if (errorCode === undefined) return stateErrors[`message_${state}`]();
  return new SluiceError({
    code: errorCode,
    recovery: state === 'dead' || state === 'expired' ? 'fail' : 'retry',
    surface: 'outbox',
    message: errorMessage ?? `The message is ${state}.`,
  });
}
