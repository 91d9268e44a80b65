import type { FilterRules } from '../strategies/sent-filter.ts';

const eq = (name: string) => ({ operators: ['eq'], as: `microsoft.graph.aadUserConversationMember/${name}` }) as const;

/**
 * What lists of members compare. Roles are refused: a known issue of the service.
 *
 * @see https://learn.microsoft.com/en-us/graph/api/team-list-members
 */
export const memberFilter: FilterRules = {
  takes: 'one',
  properties: { userId: eq('userId'), displayName: eq('displayName'), email: eq('email') },
};
