import { z } from 'zod';
import type { GraphCall } from '../graph/call.ts';
import { GraphRefusal, refusals } from '../protocol/graph-refusal.ts';
import { graphDateTime } from '../tenant/date-time.ts';
import { invalidEvent, type TwinEvent } from '../tenant/event-schema.ts';
import { between, guid, pick, type Random, sample } from '../tenant/generator/chance.ts';
import { id, instant, text } from '../tenant/line-schema.ts';
import { readRecords } from '../tenant/lines.ts';
import type { TenantStore } from '../tenant/store.ts';
import type { TwinCall, TwinUser } from '../tenant/types.ts';
import { dateTime } from '../tenant/writing-line.ts';
import type { TwinCollection } from './collection.ts';
import { type GraphRecord, listRoute } from './list-route.ts';

const DAY_MS = 86_400_000;
/** "Remains available for 30 days." */
const KEPT_MS = 30 * DAY_MS;
/** Those of the past are young enough to be there a while. */
const GENERATED_MS = 25 * DAY_MS;
/** Rows of a page. */
const PAGE = 60;
const MAX_CALLS = 150;
const CALLS_OF_A_USER = 3;
/** Of the calls, some have more segments than one. */
const MOST_SEGMENTS = 4;

/** How many take part, and parts of its first session; undefined: as it comes. */
interface CallSize {
  readonly size?: number | undefined;
  readonly segments?: number | undefined;
}

/** A call between people of the tenant, and at times somebody or something else. */
function newCall(
  tenant: TenantStore,
  random: Random,
  { startMs, endMs, size, segments }: Pick<TwinCall, 'startMs' | 'endMs'> & CallSize,
): TwinCall {
  const people = sample(random, tenant.users(), Math.min(size ?? 5, between(random, 2, 5))).map((user) =>
    identity(tenant, user),
  );
  const others = size === undefined ? (random() < 0.3 ? 1 : 0) : Math.max(0, size - people.length);
  const participants = [...people, ...Array.from({ length: others }, () => stranger(random))];
  const isMeeting = participants.length > 2;
  return {
    id: guid(random),
    version: 1,
    type: isMeeting ? (random() < 0.1 ? 'unknownFutureValue' : 'groupCall') : 'peerToPeer',
    modalities: random() < 0.5 ? ['audio'] : ['audio', 'video', 'screenSharing', 'unknownFutureValue'],
    segments: segments ?? (random() < 0.2 ? between(random, 2, MOST_SEGMENTS) : 1),
    startMs,
    endMs,
    modifiedMs: endMs + 20 * 60_000,
    joinWebUrl: isMeeting
      ? `https://teams.microsoft.com/l/meetup-join/19%3ameeting_${guid(random)}%40thread.v2/0`
      : null,
    participants,
  };
}

const identity = ({ id: tenantId }: TenantStore, user: TwinUser): GraphRecord => ({
  user: { id: user.id, displayName: user.displayName, tenantId },
});
const phone = (random: Random): GraphRecord => ({
  phone: { id: `+4930${between(random, 100_000, 999_999)}`, displayName: null, tenantId: null },
});
/** https://github.com/microsoftgraph/microsoft-graph-docs-contrib/issues/5304 */
const visitor = (random: Random): GraphRecord => ({
  user: { id: `teamsvisitor:${guid(random).replaceAll('-', '')}`, displayName: null, tenantId: null },
});
/** https://learn.microsoft.com/en-us/graph/api/resources/communicationsidentityset, and one that nobody has documented. */
const OTHER_KINDS = [
  'guest',
  'applicationInstance',
  'azureCommunicationServicesUser',
  'onPremises',
  'encrypted',
  'room',
];
const ofOtherKind = (random: Random): GraphRecord => {
  const kind = pick(random, OTHER_KINDS);
  return { [kind]: { id: guid(random), displayName: kind === 'encrypted' ? null : `A ${kind}`, tenantId: null } };
};
const stranger = (random: Random): GraphRecord => pick(random, [phone, visitor, ofOtherKind])(random);

/** Calls that the service still knows. */
export const keptCalls = ({ tenant, nowMs }: Pick<GraphCall, 'tenant' | 'nowMs'>): readonly TwinCall[] =>
  tenant.calls().filter(({ endMs }) => endMs > nowMs - KEPT_MS);

/** Whoever it is, an identity has one of its kinds. */
const idOf = (identity: GraphRecord): string => (Object.values(identity) as { readonly id: string }[])[0]!.id;

function record(call: TwinCall): GraphRecord {
  const [organizer = null] = call.participants;
  return {
    id: call.id,
    version: call.version,
    type: call.type,
    modalities: call.modalities,
    lastModifiedDateTime: graphDateTime(call.modifiedMs),
    startDateTime: graphDateTime(call.startMs),
    endDateTime: graphDateTime(call.endMs),
    joinWebUrl: call.joinWebUrl,
    organizer,
    participants: call.participants,
    organizer_v2: organizer && { id: idOf(organizer), identity: organizer },
  };
}

/** https://learn.microsoft.com/en-us/graph/api/callrecords-cloudcommunications-list-callrecords */
const TAKES_PART = /^participants_v2\/any\((\w+):\1\/id\s+eq\s+'([^']+)'\)$/i;
const CLAUSE = /^startDateTime\s+(lt|le|gt|ge)\s+(\S+)$/i;
const COMPARED: Readonly<Record<string, (startMs: number, ms: number) => boolean>> = {
  lt: (startMs, ms) => startMs < ms,
  le: (startMs, ms) => startMs <= ms,
  gt: (startMs, ms) => startMs > ms,
  ge: (startMs, ms) => startMs >= ms,
};

/** "Only supported for startDateTime (lt, le, gt, ge) and participants_v2/id (eq)". */
function filterOf({ query }: GraphCall): (call: TwinCall) => boolean {
  const tests = (query.get('$filter')?.split(/\s+and\s+/i) ?? []).map((part) => {
    const [, , participant] = TAKES_PART.exec(part.trim()) ?? [];
    if (participant !== undefined)
      return ({ participants }: TwinCall) => participants.some((one) => idOf(one) === participant);
    const [, operator, value] = CLAUSE.exec(part.trim()) ?? [];
    const ms = Date.parse(value ?? '');
    if (operator === undefined || Number.isNaN(ms))
      throw new GraphRefusal(refusals.badRequest('Invalid filter clause'));
    return ({ startMs }: TwinCall) => COMPARED[operator.toLowerCase()]!(startMs, ms);
  });
  return (call) => tests.every((test) => test(call));
}

/** Lets a call end, or a later version of its record come. */
export function applyCallEvent(
  tenant: TenantStore,
  event: Extract<TwinEvent, { type: 'call' | 'reviseCall' }>,
  nowMs: number,
): { readonly callId: string } {
  if (event.type === 'call') {
    if (tenant.users().length === 0) throw invalidEvent('type', 'the tenant has no users');
    const { seconds = 600, startDateTime: startMs = nowMs - seconds * 1000, participants: size, segments } = event;
    const call = newCall(tenant, tenant.random, { startMs, endMs: startMs + seconds * 1000, size, segments });
    tenant.putCall({ ...call, modifiedMs: nowMs });
    return { callId: call.id };
  }
  const calls = tenant.calls();
  const call = event.callId === undefined ? calls.at(-1) : calls.find((one) => one.id === event.callId);
  if (!call) throw invalidEvent('callId', 'no such call');
  // A later version may know somebody more.
  const participants = [...call.participants, stranger(tenant.random)];
  const modifiedMs = event.lastModifiedDateTime ?? Math.max(nowMs, call.modifiedMs + 1);
  tenant.putCall({ ...call, version: call.version + 1, endMs: call.endMs + 1000, modifiedMs, participants });
  return { callId: call.id };
}

const CallLine = z.object({
  id,
  version: z.int(),
  type: text,
  modalities: z.array(text),
  startDateTime: instant,
  endDateTime: instant,
  lastModifiedDateTime: instant,
  joinWebUrl: text.nullable(),
  participants: z.array(z.record(z.string(), z.unknown())),
  segments: z.int().min(1).default(1),
});

export const callRecords: TwinCollection = {
  name: 'call_records',
  permissions: ['CallRecords.Read.All'],
  routes: [
    // https://learn.microsoft.com/en-us/graph/api/callrecords-cloudcommunications-list-callrecords
    listRoute({
      pattern: '/communications/callRecords',
      roles: ['CallRecords.Read.All'],
      path: '/communications/callRecords',
      records: (call) => keptCalls(call).filter(filterOf(call)).map(record),
      filter: 'own',
      type: 'microsoft.graph.callRecords.callRecord',
      size: PAGE,
    }),
  ],
  ledger: {
    *call_records(tenant) {
      for (const { id: callId, modifiedMs } of tenant.calls())
        yield { id: callId, lastModifiedDateTime: graphDateTime(modifiedMs) };
    },
  },
  files: [
    {
      name: 'call-records',
      *records(tenant) {
        for (const { startMs, endMs, modifiedMs, ...call } of tenant.calls()) {
          const times = { startDateTime: dateTime(startMs), endDateTime: dateTime(endMs) };
          yield { ...call, ...times, lastModifiedDateTime: dateTime(modifiedMs) };
        }
      },
      load: ({ tenant, dir }) =>
        readRecords(
          dir,
          'call-records',
          CallLine,
          ({ startDateTime: startMs, endDateTime: endMs, lastModifiedDateTime: modifiedMs, ...call }) =>
            tenant.putCall({ ...call, startMs, endMs, modifiedMs }),
          { isOptional: true },
        ),
    },
  ],
  generate: (tenant, { streamOf, options }) => {
    const random = streamOf('call_records');
    const { nowMs } = options;
    for (let left = Math.min(MAX_CALLS, tenant.users().length * CALLS_OF_A_USER); left > 0; left--) {
      const startMs = nowMs - DAY_MS - Math.floor(random() * GENERATED_MS);
      tenant.putCall(newCall(tenant, random, { startMs, endMs: startMs + between(random, 30, 5400) * 1000 }));
    }
  },
};
