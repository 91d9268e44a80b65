import { createHash } from 'node:crypto';
import { graphDateTime } from '../tenant/date-time.ts';
import type { TwinCall } from '../tenant/types.ts';
import type { GraphRecord } from './list-route.ts';

// What a call consists of is made of the call itself, the same every time.

/** A GUID that is always the same for these words. */
function guidOf(...words: readonly (string | number)[]): string {
  const hex = createHash('sha1').update(words.join(' ')).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const idIn = (identity: GraphRecord): string =>
  String((Object.values(identity)[0] as { readonly id?: unknown } | undefined)?.id);

/** https://learn.microsoft.com/en-us/graph/api/resources/callrecords-participant */
export function participantsOf({ participants }: TwinCall): readonly (GraphRecord & { readonly id: string })[] {
  return participants.map((identity, at) => ({
    id: idIn(identity),
    identity: { endpointType: null, ...identity },
    administrativeUnitInfos: at === 0 ? [{ id: guidOf('unit', idIn(identity)) }] : [],
  }));
}

/** Of two people the call itself; of a meeting one with everybody. */
export function sessionsOf(call: TwinCall): readonly (GraphRecord & { readonly id: string })[] {
  const isOne = call.participants.length <= 2;
  const ends = isOne ? call.participants.slice(0, 1) : call.participants;
  return ends.map((identity, at) => ({
    id: isOne ? call.id : guidOf('session', call.id, idIn(identity)),
    caller: endpoint(identity),
    callee: isOne && call.participants[1] ? endpoint(call.participants[1]) : service,
    modalities: call.modalities,
    startDateTime: graphDateTime(call.startMs),
    endDateTime: graphDateTime(call.endMs),
    failureInfo: at === 0 && failed(call) ? { stage: 'unknownFutureValue', reason: 'The line went dead.' } : null,
    isTest: false,
  }));
}

/** Those of one of its sessions. */
export function segmentsOf(call: TwinCall, sessionId: string): readonly (GraphRecord & { readonly id: string })[] {
  const sessions = sessionsOf(call);
  const at = sessions.findIndex(({ id }) => id === sessionId);
  const session = sessions[at];
  if (!session) return [];
  const count = at === 0 ? call.segments : 1;
  return Array.from({ length: count }, (_, part) => ({
    // The same parts in every session: ids of segments are those of their session alone.
    id: count === 1 ? session.id : guidOf('segment', call.id, part),
    caller: session['caller'],
    callee: session['callee'],
    startDateTime: session['startDateTime'],
    endDateTime: session['endDateTime'],
    failureInfo: session['failureInfo'],
    media: [media(call, part)],
  }));
}

const failed = ({ id }: TwinCall): boolean => Number.parseInt(id.slice(0, 2), 16) % 4 === 0;

/** https://learn.microsoft.com/en-us/graph/api/resources/callrecords-serviceendpoint */
const service: GraphRecord = {
  '@odata.type': '#microsoft.graph.callRecords.serviceEndpoint',
  userAgent: {
    '@odata.type': '#microsoft.graph.callRecords.serviceUserAgent',
    headerValue: null,
    applicationVersion: null,
    role: 'mediaController',
  },
};

/** https://learn.microsoft.com/en-us/graph/api/resources/callrecords-participantendpoint */
const endpoint = (identity: GraphRecord): GraphRecord => ({
  '@odata.type': '#microsoft.graph.callRecords.participantEndpoint',
  userAgent: {
    '@odata.type': '#microsoft.graph.callRecords.clientUserAgent',
    headerValue: 'RTCC/7.0.0.0 UCWA/7.0.0.0',
    applicationVersion: '1.6.00.1381',
    platform: 'windows',
    productFamily: 'teams',
    communicationServiceId: null,
    azureADAppId: '5e3ce6c0-2b1f-4285-8d4b-75ee78787346',
  },
  identity,
  associatedIdentity: Object.values(identity)[0],
  name: 'machineName_1',
  cpuName: 'Intel(R) Xeon(R)',
  cpuCoresCount: 8,
  cpuProcessorSpeedInMhz: 3200,
  feedback: { text: null, rating: 'good', tokens: null },
});

/** A few of its numbers. https://learn.microsoft.com/en-us/graph/api/resources/callrecords-media */
const media = (call: TwinCall, part: number): GraphRecord => ({
  label: 'main-audio',
  callerNetwork: { connectionType: 'wifi', port: 50_001 + part, linkSpeed: '54000000' },
  callerDevice: { captureDeviceName: 'Default input device', micGlitchRate: 23.5 },
  streams: [
    {
      streamId: guidOf('stream', call.id, part),
      streamDirection: 'callerToCallee',
      averageJitter: 'PT0.018S',
      audioCodec: 'invalid',
    },
  ],
});
