import { defineErrors } from '../errors/define-errors.ts';

export const notifierErrors = defineErrors('webhook', {
  destination_unknown: {
    recovery: 'user_action',
    cause: 'A message waits for a destination that the configuration does not name any more.',
    remedy: 'Add it to the configuration, or redrive the message once it is there.',
    example: { destination: 'ops' },
    says: ({ destination }) => `There is no webhook destination "${destination}".`,
    details: ({ destination }) => ({ destination }),
  },
});
