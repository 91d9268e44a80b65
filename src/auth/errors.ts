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
  tenant_mismatch: {
    recovery: 'user_action',
    cause: 'The login service gave a token of another tenant than the one that is configured.',
    remedy:
      'Set TEAMS_TENANT_ID (auth.tenant_id) to the tenant of this credential, or use the credential of that tenant.',
    example: {
      wanted: '11111111-2222-3333-4444-555555555555',
      given: '99999999-8888-7777-6666-555555555555',
    },
    says: ({ wanted, given }) => `The credential signs in to tenant ${given}, but ${wanted} is configured.`,
  },
  federated_token_unusable: {
    recovery: 'user_action',
    cause: 'The file of the federated token cannot be read, or holds no token.',
    remedy:
      'Set TEAMS_FEDERATED_TOKEN_FILE (auth.federated_token_file) to the file that the platform writes; in Kubernetes that is AZURE_FEDERATED_TOKEN_FILE of a pod with workload identity.',
    example: { file: '/var/run/secrets/azure/tokens/azure-identity-token', reason: 'it cannot be read (ENOENT)' },
    says: ({ file, reason }) => `The federated token ${file} cannot be used: ${reason}.`,
  },
  managed_identity_missing: {
    recovery: 'user_action',
    cause: 'This machine has no managed identity, or not the one that is configured.',
    remedy:
      'Assign the identity to this machine in Azure, and set TEAMS_MANAGED_IDENTITY (auth.managed_identity) to "system" or to the client id of a user-assigned identity.',
    example: { identity: 'system', status: 400 },
    says: ({ identity, status }) => `This machine has no managed identity "${identity}" (${status}).`,
  },
  managed_identity_unavailable: {
    recovery: 'user_action',
    cause: 'Nothing on this machine gives tokens of a managed identity.',
    remedy:
      'Managed identities exist on virtual machines, App Service, Functions and Container Apps of Azure. Elsewhere set a secret, a certificate or a federated token.',
    example: { where: '169.254.169.254', reason: 'timeout' },
    says: ({ where, reason }) => `No managed identity answers at ${where}: ${reason}.`,
  },
});
