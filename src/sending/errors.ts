import { defineCodes, defineErrors, unknownRow } from '../errors/define-errors.ts';
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

/** Why a receiver that the routes chose gets nothing of a body that was taken. */
export const leftOutCodes = defineCodes('left out', {
  endpoint_disabled: {
    cause:
      'Its endpoint is left alone, because it failed for so long or said that it is gone; the message becomes a dead letter, or goes to the fallback receiver.',
    remedy: 'Give the receiver a URL that works, then `sluice outbox redrive`.',
    example: 'receiver ops gets nothing',
  },
  max_destinations: {
    cause: 'The routes chose more receivers for one notification than max_destinations of the routing allows.',
    remedy: 'Send it to fewer, or raise max_destinations.',
    example: 'receiver ops gets nothing',
  },
});
