import type { ColumnType } from '../../schema/column.ts';

const identity = { id: 'id', displayName: 'string' } as const;
/** No row of a table has its id: it is kept as it came. */
const unjoined = { id: 'string', displayName: 'string' } as const;
const user = { struct: { ...identity, userIdentityType: 'string', tenantId: 'id' } } as const satisfies ColumnType;
const application = { struct: { ...identity, applicationIdentityType: 'string' } } as const satisfies ColumnType;
const device = { struct: unjoined } as const satisfies ColumnType;

/** Who: exactly one of them is set. https://learn.microsoft.com/en-us/graph/api/resources/identityset */
export const identitySet = { struct: { application, device, user } } as const satisfies ColumnType;

/** Who or what a mention names. https://learn.microsoft.com/en-us/graph/api/resources/chatmessagementionedidentityset */
export const mentionedIdentitySet = {
  struct: {
    ...identitySet.struct,
    conversation: { struct: { ...identity, conversationIdentityType: 'string' } },
    tag: { struct: unjoined },
  },
} as const satisfies ColumnType;
