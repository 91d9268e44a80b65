import { defineErrors } from '../../errors/define-errors.ts';

const TENANT = '11111111-0000-4000-8000-000000000000';
const FOLDER = `tenant_id=${TENANT}`;

/** What is wrong with a lake of several tenants, which has a lake of each below it. */
export const tenantErrors = defineErrors('lake', {
  lake_of_several_tenants: {
    recovery: 'user_action',
    cause: 'The folder holds a lake for each of several tenants; it is no lake of rows itself.',
    remedy: 'Write to the lake of one of them, in its folder tenant_id=<id>.',
    example: { file: '_log/000000000001.json' },
    says: ({ file }) =>
      `${file} says that this lake holds several tenants: the rows of each are in a lake below it. Nothing was changed.`,
    details: ({ file }) => ({ file }),
  },
  lake_tenant_folder: {
    recovery: 'user_action',
    cause: 'A folder among those of tenants belongs to none.',
    remedy: 'Rename it to tenant_id=<id> with the id (a GUID) that `sluice status` names of its lake, or move it away.',
    example: { lake: './teams-lake', folder: 'tenant_id=contoso' },
    says: ({ lake, folder }) => `${lake} holds several tenants, and ${folder} names none.`,
    details: ({ folder }) => ({ folder }),
  },
  folder_twice: {
    code: 'lake_tenant_folder',
    recovery: 'user_action',
    cause: 'Two folders are of one tenant.',
    remedy: 'Move one of the two away.',
    example: { lake: './teams-lake', folders: [FOLDER, FOLDER.toUpperCase()] },
    says: ({ lake, folders }) => `${lake} holds one tenant twice: ${folders.join(' and ')}.`,
    details: ({ folders }) => ({ folders: [...folders] }),
  },
  folder_of_another: {
    code: 'lake_tenant_folder',
    recovery: 'user_action',
    cause: 'A folder is named for another tenant than its lake is of.',
    remedy: 'Rename it to tenant_id=<id> with the id of its tenant.',
    example: { lake: './teams-lake', folder: 'tenant_id=22222222-0000-4000-8000-000000000000', tenantId: TENANT },
    says: ({ lake, folder, tenantId }) => `${folder} in ${lake} is the lake of tenant ${tenantId}.`,
    hint: ({ tenantId }) => `Rename it to tenant_id=${tenantId}.`,
    details: ({ folder, tenantId }) => ({ folder, tenantId }),
  },
});

/** What was asked of a lake of several tenants, or of one, that the other would have to be asked. */
export const tenantUseErrors = defineErrors('config', {
  lake_of_one_tenant: {
    recovery: 'user_action',
    cause: 'A lake with rows of one tenant is told to hold several.',
    remedy: 'Move it, in one step, into a folder that holds several, as the message says; then sync into that folder.',
    example: { lake: './teams-lake', tenantId: TENANT } as { lake: string; tenantId: string | undefined },
    says: ({ lake }) =>
      `--several-tenants: ${lake} is the lake of one tenant. Nothing was read and nothing was changed.`,
    hint: ({ lake, tenantId = 'ID' }) =>
      `Move it, in one step, into a folder that holds several: mkdir NEW && mv ${lake} NEW/tenant_id=${tenantId} (the id that \`sluice status\` names). Then sync with --lake NEW.`,
    details: ({ lake, tenantId = 'ID' }) => ({ lake, tenantId }),
  },
  tenant_needed: {
    recovery: 'user_action',
    cause: 'What is known by the lake of one tenant only is asked of a lake of several.',
    remedy: 'Name one of them.',
    example: { what: 'changes', tenantIds: [TENANT] },
    says: ({ what, tenantIds }) =>
      `${what}: this lake holds several tenants. Valid: ${tenantIds.join(', ') || 'none yet'}.`,
    details: ({ tenantIds }) => ({ valid: [...tenantIds] }),
  },
});
