import type { Column } from '../../schema/column.ts';

/** https://learn.microsoft.com/en-us/graph/api/resources/aaduserconversationmember */
export const memberColumns = {
  id: { type: 'string', description: 'Membership id; opaque.' },
  userId: { type: 'id', description: 'The user.' },
  displayName: { type: 'string', description: 'Name of the user.' },
  email: { type: 'string', description: 'Mail address of the user.' },
  roles: { type: { list: 'string' }, description: 'owner, guest, or empty for a plain member.' },
  tenantId: { type: 'id', description: 'Home tenant of the user.' },
  visibleHistoryStartDateTime: { type: 'timestamp', description: 'From when on the member sees the history.' },
} as const satisfies Record<string, Column>;
