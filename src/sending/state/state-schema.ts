import { z } from 'zod';
import type { Notification } from '../../messages/types.ts';
import type { ForwardedEntry } from '../../router/groups/forwarded.ts';
import type { GroupHead } from '../../router/groups/group.ts';
import type { StoredAlert } from '../../router/groups/grouper.ts';
import type { StateKind } from '../../router/groups/state-change.ts';
import { compileMatchers } from '../../router/match/compile-matchers.ts';
import type { MatcherSpec } from '../../router/match/matcher.ts';
import type { Silence } from '../../router/mute/silence.ts';

/** What the rows of each kind hold. */
export interface StateValues {
  readonly group: GroupHead;
  readonly alert: StoredAlert;
  readonly source: Notification;
  readonly forwarded: ForwardedEntry;
  readonly silence: Silence;
}

const texts = z.record(z.string(), z.string());

const contentSchema = z.discriminatedUnion('kind', [
  z.looseObject({ kind: z.literal('text'), text: z.string(), title: z.string().optional() }),
  z.looseObject({ kind: z.literal('card'), card: z.looseObject({}) }),
  z.looseObject({ kind: z.literal('template'), template: z.string(), data: z.unknown() }),
]);

const notificationSchema = z.looseObject({
  tenant: z.string(),
  status: z.enum(['firing', 'resolved', 'event']),
  fingerprint: z.string(),
  labels: texts,
  annotations: texts,
  tags: z.array(z.string()),
  severity: z.string().optional(),
  source: z.string().optional(),
  content: contentSchema.optional(),
  values: texts.optional(),
  links: texts,
  startsAt: z.number(),
  endsAt: z.number().optional(),
  heardAt: z.number().optional(),
  trail: z.array(z.string()),
  trace: z.looseObject({ traceparent: z.string(), tracestate: z.string().optional() }).optional(),
});

const groupSchema = z.looseObject({
  key: z.string(),
  tenant: z.string(),
  routeId: z.string(),
  labels: texts,
  receivers: z.array(z.string()),
  fallbackReceiver: z.string().optional(),
  stopOnError: z.boolean(),
  intervalMs: z.number(),
  repeatMs: z.number(),
  nextFlushAt: z.number(),
  createdAt: z.number(),
  sequence: z.number(),
  flushed: z.boolean(),
  lastSent: z.looseObject({ at: z.number(), firing: z.array(z.string()), resolved: z.array(z.string()) }).optional(),
});

const silenceSchema = z.looseObject({
  id: z.string(),
  tenant: z.string(),
  matchers: z.array(z.looseObject({ field: z.string(), op: z.string(), value: z.string() })).refine(compiles),
  startsAt: z.number(),
  endsAt: z.number(),
  createdAt: z.number().optional(),
  createdBy: z.string(),
  comment: z.string(),
});

const SCHEMAS: Readonly<Record<StateKind, z.ZodType>> = {
  group: groupSchema,
  alert: z.looseObject({ group: z.string(), notification: notificationSchema }),
  source: notificationSchema,
  forwarded: z.looseObject({ key: z.string(), bodyDigest: z.string(), at: z.number() }),
  silence: silenceSchema,
};

/** What a stored row says; undefined when it is not what this kind of row holds. */
export function stateValue<K extends StateKind>(kind: K, stored: unknown): StateValues[K] | undefined {
  return SCHEMAS[kind].safeParse(stored).success ? (stored as StateValues[K]) : undefined;
}

function compiles(matchers: readonly unknown[]): boolean {
  try {
    compileMatchers(matchers as readonly MatcherSpec[]);
    return true;
  } catch {
    return false;
  }
}
