import { defineErrors } from '../errors/define-errors.ts';

/** Faults that a message shows; the rest is in the details. */
const SHOWN = 8;

export const configErrors = defineErrors('config', {
  config_invalid: {
    recovery: 'user_action',
    cause: 'A value of sluice.yaml, the environment or an option cannot be used.',
    remedy: 'Correct what the message names by file, line and key; docs/reference/configuration.md lists the keys.',
    example: { faults: ['sluice.yaml:3:5 server.port: Expected a number.'] },
    says: ({ faults }) => {
      const more = faults.length > SHOWN ? ` (and ${faults.length - SHOWN} more)` : '';
      return `The configuration has ${faults.length} fault(s): ${faults.slice(0, SHOWN).join(' ')}${more}`;
    },
    hint: () => undefined,
    details: ({ faults }) => ({ faults }),
  },
  connection_incomplete: {
    code: 'config_invalid',
    recovery: 'user_action',
    cause: 'Tenant, client or credential is not given.',
    remedy: 'Without a tenant, start `sluice simulate` and use the variables it prints.',
    example: { missing: ['TEAMS_TENANT_ID (auth.tenant_id) is not set'] },
    says: ({ missing }) => `The connection is not complete: ${missing.join('; ')}.`,
    details: ({ missing }) => ({ faults: [...missing] }),
  },
});
