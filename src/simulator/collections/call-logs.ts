import { z } from 'zod';
import type { GraphCall } from '../graph/call.ts';
import { GraphRefusal, refusals } from '../protocol/graph-refusal.ts';
import { graphDateTime } from '../tenant/date-time.ts';
import type { TwinEvent } from '../tenant/event-schema.ts';
import { invalidEvent } from '../tenant/event-schema.ts';
import { between, guid, pick, type Random } from '../tenant/generator/chance.ts';
import type { Slot } from '../tenant/kept.ts';
import { id, instant } from '../tenant/line-schema.ts';
import { readRecords } from '../tenant/lines.ts';
import type { TenantStore } from '../tenant/store.ts';
import type { Tenant, TwinCallLog, TwinUser } from '../tenant/types.ts';
import { dateTime } from '../tenant/writing-line.ts';
import type { TwinCollection } from './collection.ts';
import { listRoute } from './list-route.ts';

const DAY_MS = 86_400_000;
const LONGEST_MS = 90 * DAY_MS;
const PAGE = 1000;
const MAX_ROWS = 40;
/** Rows of the past that a tenant is generated with. */
const GENERATED_MS = 200 * DAY_MS;
const roles = ['CallRecord-PstnCalls.Read.All', 'CallRecords.Read.All'];

interface Log {
  readonly name: string;
  readonly file: string;
  readonly call: string;
  readonly row: (random: Random, user: TwinUser, startMs: number) => Readonly<Record<string, unknown>>;
}

const hidden = (random: Random): string => `+1425${between(random, 1000, 9999)}***`;
const personOf = ({ id: userId, displayName, userPrincipalName }: TwinUser) => ({
  userId,
  userDisplayName: displayName,
  userPrincipalName,
});

/** `fromDateTime=2026-01-01,toDateTime=2026-02-01`, both of them, at most 90 days apart. */
function rangeOf({ ids }: GraphCall): { readonly fromMs: number; readonly toMs: number } {
  const values = new Map(
    (ids['arguments'] ?? '').split(',').map((part) => part.split('=', 2) as [string, string | undefined]),
  );
  const fromMs = Date.parse(values.get('fromDateTime') ?? '');
  const toMs = Date.parse(values.get('toDateTime') ?? '');
  if (Number.isNaN(fromMs) || Number.isNaN(toMs) || toMs < fromMs)
    throw new GraphRefusal(refusals.badRequest('Invalid fromDateTime or toDateTime.'));
  if (toMs - fromMs > LONGEST_MS)
    throw new GraphRefusal(refusals.badRequest('The time range must not be longer than 90 days.'));
  return { fromMs, toMs };
}

const LogLine = z.object({ id, startDateTime: instant, fields: z.record(z.string(), z.unknown()) });

function callLog({ name, file, call: called, row }: Log) {
  const slot: Slot<Map<string, TwinCallLog>> = { make: () => new Map() };
  const rows = (tenant: Tenant): readonly TwinCallLog[] => [...tenant.kept(slot).values()];
  const add = (tenant: TenantStore, random: Random, startMs: number): TwinCallLog => {
    const one = { id: guid(random), startMs, fields: row(random, pick(random, tenant.users()), startMs) };
    tenant.kept(slot).set(one.id, one);
    return one;
  };
  const collection: TwinCollection = {
    name,
    permissions: roles.slice(0, 1),
    routes: [
      listRoute({
        pattern: `/communications/callRecords/${called}({arguments})`,
        roles,
        path: ({ ids }) => `/communications/callRecords/${called}(${ids['arguments']})`,
        context: `Collection(microsoft.graph.callRecords.${name})`,
        records: (call) => {
          const { fromMs, toMs } = rangeOf(call);
          const found = rows(call.tenant).filter(({ startMs }) => startMs >= fromMs && startMs <= toMs);
          return found.map(({ id: rowId, startMs, fields }) => ({
            id: rowId,
            startDateTime: graphDateTime(startMs),
            ...fields,
          }));
        },
        size: PAGE,
        count: 'always',
      }),
    ],
    ledger: {
      *[name](tenant) {
        for (const { id: rowId } of rows(tenant)) yield { id: rowId };
      },
    },
    files: [
      {
        name: file,
        *records(tenant) {
          for (const { startMs, ...one } of rows(tenant)) yield { ...one, startDateTime: dateTime(startMs) };
        },
        load: ({ tenant, dir }) =>
          readRecords(
            dir,
            file,
            LogLine,
            ({ startDateTime: startMs, ...one }) => tenant.kept(slot).set(one.id, { ...one, startMs }),
            { isOptional: true },
          ),
      },
    ],
    generate: (tenant, { streamOf, options }) => {
      const random = streamOf(name);
      for (let left = Math.min(MAX_ROWS, tenant.users().length); left > 0; left--)
        add(tenant, random, options.nowMs - DAY_MS - Math.floor(random() * GENERATED_MS));
    },
  };
  return { collection, add };
}

/** https://learn.microsoft.com/en-us/graph/api/resources/callrecords-pstncalllogrow */
const pstn = callLog({
  name: 'pstn_calls',
  file: 'pstn-calls',
  call: 'getPstnCalls',
  row: (random, user, startMs) => {
    const duration = between(random, 5, 4000);
    return {
      ...personOf(user),
      callId: `call-${guid(random)}`,
      endDateTime: graphDateTime(startMs + duration * 1000),
      duration,
      charge: between(random, 0, 900) / 1000,
      connectionCharge: 0.05,
      currency: 'USD',
      callType: pick(random, ['user_in', 'user_out', 'conf_in', 'oc_in']),
      calleeNumber: hidden(random),
      callerNumber: hidden(random),
      usageCountryCode: 'US',
      tenantCountryCode: 'US',
      destinationContext: 'Domestic',
      destinationName: 'United States',
      conferenceId: random() < 0.5 ? `${between(random, 100_000, 999_999)}` : null,
      licenseCapability: 'MCOPSTNU',
      inventoryType: 'Subscriber',
      operator: 'Microsoft',
      callDurationSource: pick(random, ['microsoft', 'operator']),
    };
  },
});

/** https://learn.microsoft.com/en-us/graph/api/resources/callrecords-directroutinglogrow */
const directRouting = callLog({
  name: 'direct_routing_calls',
  file: 'direct-routing-calls',
  call: 'getDirectRoutingCalls',
  row: (random, user, startMs) => {
    const isAnswered = random() < 0.7;
    const duration = isAnswered ? between(random, 5, 4000) : 0;
    return {
      ...personOf(user),
      correlationId: guid(random),
      inviteDateTime: graphDateTime(startMs),
      failureDateTime: isAnswered ? null : graphDateTime(startMs + 1000),
      endDateTime: graphDateTime(startMs + duration * 1000),
      duration,
      callType: pick(random, ['ByotIn', 'ByotOut']),
      callerNumber: hidden(random),
      calleeNumber: hidden(random),
      successfulCall: isAnswered,
      finalSipCode: isAnswered ? 0 : 503,
      finalSipCodePhrase: isAnswered ? 'BYE' : 'Service Unavailable',
      callEndSubReason: isAnswered ? 540_000 : 540_503,
      mediaPathLocation: 'USWE',
      signalingLocation: 'EUNO',
      mediaBypassEnabled: random() < 0.5,
      trunkFullyQualifiedDomainName: 'sbc.example.com',
    };
  },
});

export const pstnCalls = pstn.collection;
export const directRoutingCalls = directRouting.collection;

export function applyCallLogEvent(
  tenant: TenantStore,
  event: Extract<TwinEvent, { type: 'pstnCall' | 'directRoutingCall' }>,
  nowMs: number,
): { readonly callId: string } {
  if (tenant.users().length === 0) throw invalidEvent('type', 'the tenant has no users');
  const { add } = event.type === 'pstnCall' ? pstn : directRouting;
  return { callId: add(tenant, tenant.random, event.startDateTime ?? nowMs - 60_000).id };
}
