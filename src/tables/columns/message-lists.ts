import type { ColumnType } from '../../schema/column.ts';
import { identitySet, mentionedIdentitySet } from './identity.ts';

/** https://learn.microsoft.com/en-us/graph/api/resources/chatmessageattachment */
export const attachment = {
  struct: {
    id: 'string',
    contentType: 'string',
    contentUrl: 'string',
    content: 'string',
    name: 'string',
    thumbnailUrl: 'string',
    teamsAppId: 'id',
  },
} as const satisfies ColumnType;

/** https://learn.microsoft.com/en-us/graph/api/resources/chatmessagemention */
export const mention = {
  struct: { id: 'int32', mentionText: 'string', mentioned: mentionedIdentitySet },
} as const satisfies ColumnType;

/** https://learn.microsoft.com/en-us/graph/api/resources/chatmessagereaction */
export const reaction = {
  struct: {
    reactionType: 'string',
    displayName: 'string',
    reactionContentUrl: 'string',
    createdDateTime: 'timestamp',
    user: identitySet,
  },
} as const satisfies ColumnType;
