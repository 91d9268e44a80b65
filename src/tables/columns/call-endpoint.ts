import type { ColumnType } from '../../schema/column.ts';

/** https://learn.microsoft.com/en-us/graph/api/resources/callrecords-clientuseragent and callrecords-serviceuseragent */
const userAgent = {
  struct: {
    headerValue: 'string',
    applicationVersion: 'string',
    platform: 'string',
    productFamily: 'string',
    communicationServiceId: 'string',
    azureADAppId: 'id',
    role: 'string',
  },
} as const satisfies ColumnType;

/** https://learn.microsoft.com/en-us/graph/api/resources/callrecords-userfeedback */
const feedback = { struct: { text: 'string', rating: 'string', tokens: 'json' } } as const satisfies ColumnType;

/** One end of a session or segment; a service has a user agent alone. https://learn.microsoft.com/en-us/graph/api/resources/callrecords-participantendpoint */
export const callEndpoint = {
  struct: {
    userAgent,
    identity: 'json',
    associatedIdentity: 'json',
    name: 'string',
    cpuName: 'string',
    cpuCoresCount: 'int32',
    cpuProcessorSpeedInMhz: 'int32',
    feedback,
  },
} as const satisfies ColumnType;

/** https://learn.microsoft.com/en-us/graph/api/resources/callrecords-failureinfo */
export const failureInfo = { struct: { stage: 'string', reason: 'string' } } as const satisfies ColumnType;
