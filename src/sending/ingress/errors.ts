import { defineErrors } from '../../errors/define-errors.ts';

/** Why a body is not taken. */
export const ingressErrors = defineErrors('router', {
  body_invalid: {
    recovery: 'user_action',
    cause: 'What a sender posted is not what the path takes, is too large, or is nested too deeply.',
    remedy: 'Correct the body and send it again.',
    example: { what: 'Notification', faults: ['title: Expected a text'] },
    says: ({ what, faults }) => `${what} refused: ${faults.slice(0, 3).join('; ')}.`,
    details: ({ faults }) => ({ faults }),
  },
});
