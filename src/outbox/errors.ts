import { defineCodes, defineErrors, unknownRow } from '../errors/define-errors.ts';
import type { DeadReason } from './types.ts';

export const outboxErrors = defineErrors('outbox', {
  unknown_value: unknownRow({ field: 'states', value: 'died', valid: ['pending', 'delivered', 'dead'] }),
  payload_not_json: {
    recovery: 'user_action',
    cause: 'A message holds a value that JSON cannot hold.',
    remedy: 'Valid: null, booleans, finite numbers, strings, arrays and plain objects.',
    example: { field: 'message.payload.sentAt', problem: 'an object with a class' },
    says: ({ field, problem }) => `${field}: ${problem} cannot be stored.`,
    details: ({ field }) => ({ field }),
  },
  invalid_message: {
    recovery: 'user_action',
    cause: 'A field of a new message cannot be stored.',
    remedy: 'Correct the field that the message names.',
    example: { field: 'destination', problem: 'is missing', valid: 'Valid: 1 to 200 printable characters, not a URL.' },
    says: ({ field, problem }) => `message.${field} ${problem}.`,
    hint: ({ valid }) => valid,
    details: ({ field }) => ({ field: `message.${field}` }),
  },
  message_not_found: {
    recovery: 'user_action',
    cause: 'The outbox holds no message with this id.',
    remedy: 'It may have been forgotten after the retention time.',
    example: { id: '0190b8a2' },
    says: ({ id }) => `The outbox holds no message "${id}".`,
  },
  redrive_unbounded: {
    recovery: 'user_action',
    cause: 'Redrive was not told which dead letters to send again.',
    remedy: 'Give ids, destination, sinceMs or all.',
  },
  invalid_retry_policy: {
    recovery: 'user_action',
    cause: 'A number of a retry policy is negative, or no number.',
    remedy: 'Valid: finite numbers, zero or more.',
    example: { field: 'maxAttempts' },
    says: ({ field }) => `retry.${field} is not valid.`,
    details: ({ field }) => ({ field: `retry.${field}` }),
  },
  invalid_lease: {
    recovery: 'user_action',
    cause: 'A message would be leased for less time than one attempt may take.',
    remedy: 'Otherwise a slow attempt is taken over while it runs.',
    example: { leaseMs: 10_000, attemptTimeoutMs: 30_000 },
    says: ({ leaseMs, attemptTimeoutMs }) =>
      `leaseMs (${leaseMs}) must be more than attemptTimeoutMs (${attemptTimeoutMs}).`,
    details: () => ({ field: 'leaseMs' }),
  },
  outbox_unavailable: {
    recovery: 'retry',
    cause: 'The outbox database cannot be written now; nothing was stored.',
    remedy: 'Look for a full disk, a lock that another program holds, or a server that is gone.',
  },
  outbox_not_opened: {
    code: 'outbox_unavailable',
    recovery: 'retry',
    cause: 'The outbox database cannot be opened.',
    remedy: 'Check outbox.url, and that the file or server can be written by this user.',
  },
});

/** What an attempt came to when a notifier broke its contract: nobody knows what it did before. */
export const attemptErrors = defineErrors('outbox', {
  attempt_timeout: {
    recovery: 'retry',
    cause: 'A notifier did not answer in the time of one attempt; the message may have been posted.',
    remedy: 'It is sent again. Look at the network, or raise the time.',
    example: { notifier: 'journal', timeoutMs: 30_000 },
    says: ({ notifier, timeoutMs }) => `${notifier} did not answer within ${timeoutMs} ms.`,
    hint: () => undefined,
  },
  notifier_answer_invalid: {
    recovery: 'retry',
    cause: 'A notifier answered something that is no outcome; the message may have been posted.',
    remedy: 'Mend the notifier: docs/adding-a-notifier.md says what it answers.',
    example: { notifier: 'pager' },
    says: ({ notifier }) => `${notifier} gave no valid outcome.`,
    hint: () => undefined,
  },
  notifier_threw: {
    recovery: 'retry',
    cause: 'A notifier threw instead of giving an outcome; the message may have been posted.',
    remedy: 'Mend the notifier: docs/adding-a-notifier.md says what it answers.',
    example: { notifier: 'pager', thrown: 'TypeError' },
    says: ({ notifier, thrown }) => `${notifier} threw ${thrown}.`,
    hint: () => undefined,
  },
});

export const outboxUrlErrors = defineErrors('config', {
  outbox_url_invalid: {
    recovery: 'user_action',
    cause: 'outbox.url: this is no database the outbox knows.',
    remedy: 'Valid: sqlite:PATH, postgres://USER@HOST/DATABASE.',
    details: () => ({ field: 'outbox.url', valid: ['sqlite:PATH', 'postgres://USER@HOST/DATABASE'] }),
  },
});

const dead = (reason: DeadReason) => `0190b8a2: dead (${reason}), to ops`;

/** Why a message is in the dead letters. */
export const deadReasons = defineCodes<DeadReason>('dead letter', {
  permanent: {
    cause: 'Its destination refused it for good; the error of its last attempt says why.',
    remedy: 'Mend what `sluice outbox show ID` names, then redrive it.',
    example: dead('permanent'),
  },
  attempts_exhausted: {
    cause: 'Every attempt of its retry policy failed.',
    remedy: 'Look at the errors of its attempts with `sluice outbox show ID`; redrive it once the destination works.',
    example: dead('attempts_exhausted'),
  },
  poison: {
    cause: 'The process died several times while it sent this message.',
    remedy: 'Look for what it is about this message; redrive it alone.',
    example: dead('poison'),
  },
  endpoint_disabled: {
    cause: 'Its endpoint failed for so long, or said so clearly that it is gone, that nothing is sent to it.',
    remedy: 'Give the receiver a URL that works; `sluice outbox redrive` sends what is dead.',
    example: dead('endpoint_disabled'),
  },
  payload_damaged: {
    cause: 'What was stored of the message is no message any more.',
    remedy: 'Nothing can be sent of it. Look for what changed the database.',
    example: dead('payload_damaged'),
  },
});
