import { z } from 'zod';
import { closed, filled } from '../../settings/fields.ts';
import { section } from '../../settings/section.ts';

/** The section `multi_tenant`: who may send through one process. */
export const multiTenantSection = section({
  name: 'multi_tenant',
  variables: {
    TEAMS_MULTI_TENANT_ENABLED: { key: 'enabled', form: 'boolean' },
    TEAMS_ALLOWED_TENANTS: { key: 'allowed_tenants', form: 'list' },
  },
  schema: () =>
    closed({
      enabled: z.boolean().default(false).describe('Several tenants in one process.'),
      allowed_tenants: z.array(filled).default([]).describe('Tenants that may send; others are refused.'),
      isolation: z
        .enum(['strict', 'shared_receivers'])
        .default('strict')
        .describe('strict: a tenant reaches its own receivers only. shared_receivers: also those without a tenant.'),
    }).refine(({ enabled, allowed_tenants: allowed }) => !enabled || allowed.length > 0, {
      path: ['allowed_tenants'],
      error: 'Name the tenants that may send.',
    }),
});
