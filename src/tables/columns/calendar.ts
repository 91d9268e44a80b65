import type { ColumnType } from '../../schema/column.ts';

/** https://learn.microsoft.com/en-us/graph/api/resources/emailaddress */
const emailAddress = { struct: { name: 'string', address: 'string' } } as const satisfies ColumnType;

/** https://learn.microsoft.com/en-us/graph/api/resources/recipient */
export const recipient = { struct: { emailAddress } } as const satisfies ColumnType;

/** https://learn.microsoft.com/en-us/graph/api/resources/responsestatus */
export const responseStatus = { struct: { response: 'string', time: 'timestamp' } } as const satisfies ColumnType;

/** https://learn.microsoft.com/en-us/graph/api/resources/attendee */
export const attendee = {
  struct: { type: 'string', status: responseStatus, emailAddress, proposedNewTime: 'json' },
} as const satisfies ColumnType;

/** https://learn.microsoft.com/en-us/graph/api/resources/location */
export const location = {
  struct: {
    displayName: 'string',
    locationType: 'string',
    uniqueId: 'string',
    uniqueIdType: 'string',
    locationUri: 'string',
    locationEmailAddress: 'string',
    address: 'json',
    coordinates: 'json',
  },
} as const satisfies ColumnType;
