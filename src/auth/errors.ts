import { defineErrors, unknownRow } from '../errors/define-errors.ts';

export const authErrors = defineErrors('config', {
  unknown_value: unknownRow({
    field: 'cloud',
    value: 'gcc',
    valid: ['public', 'usgov-gcc', 'usgov-gcc-high', 'usgov-dod', 'china'],
  }),
  identity_invalid: {
    recovery: 'user_action',
    cause: 'Tenant id, client id, secret or certificate has a form that cannot be signed in with.',
    remedy: 'Check tenant id, client id, and that key and certificate are PEM and belong together.',
    example: { reason: 'malformed' },
    says: ({ reason }) => `Tenant id, client id or credential cannot be used (${reason}).`,
  },
});
