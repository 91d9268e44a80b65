import { z } from 'zod';

/** A person, a bot, a team: whoever speaks or is spoken to. */
export const account = z.looseObject({
  id: z.string().min(1),
  name: z.string().nullish(),
  /** The portable key of a person; `id` is unique per bot and person only. */
  aadObjectId: z.string().nullish(),
  role: z.string().nullish(),
});

const named = z.looseObject({ id: z.string().nullish(), name: z.string().nullish() });

/** What Teams adds to the protocol. */
export const channelData = z.looseObject({
  eventType: z.string().nullish(),
  tenant: z.looseObject({ id: z.string().nullish() }).nullish(),
  team: named.extend({ aadGroupId: z.string().nullish() }).nullish(),
  channel: named.nullish(),
  meeting: named.nullish(),
});

/**
 * What every activity has. Further fields are kept as they came: Microsoft asks bots to expect what they do not know.
 *
 * @see https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference#activity-object
 */
export const envelope = z.looseObject({
  type: z.string().min(1).max(100),
  id: z.string().max(1_000).nullish(),
  channelId: z.string().max(100),
  serviceUrl: z.string().max(2_000),
  timestamp: z.string().nullish(),
  locale: z.string().nullish(),
  from: account,
  recipient: account,
  conversation: z.looseObject({
    id: z.string().min(1).max(2_000),
    tenantId: z.string().nullish(),
    /** `personal`, `groupChat` or `channel`. */
    conversationType: z.string().nullish(),
    isGroup: z.boolean().nullish(),
    name: z.string().nullish(),
  }),
  replyToId: z.string().nullish(),
  channelData: channelData.nullish(),
});

export type Envelope = z.output<typeof envelope>;
export type Account = z.output<typeof account>;
