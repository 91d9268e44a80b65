import { teams as resource } from '../resources/teams.ts';
import { teamSettings } from './columns/team-settings.ts';
import { table } from './table.ts';

export const teams = table({
  name: 'teams',
  description: 'Every team of the tenant.',
  resource,
  ingestionType: 'snapshot',
  primaryKey: ['id'],
  columns: {
    id: {
      type: 'id',
      from: ['$context.team_id', 'id'],
      description: 'Team id; also the id of its Microsoft 365 group.',
    },
    displayName: { type: 'string', description: 'Name.' },
    description: { type: 'string', description: 'What the team says it is for.' },
    classification: { type: 'string', description: 'Label such as low or high business impact.' },
    visibility: { type: 'string', description: 'private, public or hiddenMembership.' },
    specialization: { type: 'string', description: 'none, educationStandard, …' },
    internalId: { type: 'string', description: 'Id used in audit logs and other APIs.' },
    tenantId: { type: 'id', description: 'Tenant of the team.' },
    webUrl: { type: 'string', description: 'Link to the team.' },
    firstChannelName: {
      type: 'string',
      description: 'Name of the first channel.',
      unfilled: 'Used when a team is made; Graph does not return it.',
    },
    isArchived: { type: 'boolean', description: 'True: read-only.' },
    isMembershipLimitedToOwners: { type: 'boolean', description: 'True: only owners may add members.' },
    createdDateTime: { type: 'timestamp', description: 'When it was created.' },
    ...teamSettings,
    summary: {
      type: { struct: { ownersCount: 'int32', membersCount: 'int32', guestsCount: 'int32' } },
      description: 'How many people it has.',
    },
  },
});
