import { z } from 'zod';

const share = z.number().min(0).max(1);
const count = z.int().positive();

/** How the twin's Graph behaves where the published facts leave a choice. `POST /_twin/behaviour` changes it. */
export const behaviourSchema = z.strictObject({
  shortPages: share.default(0.05).describe('share of full pages that come a few rows short, although more follow'),
  inlineReplies: count
    .default(200)
    .describe('inline replies before `replies@odata.nextLink`: 200 (page of 2024-10), 1,000 (before)'),
  inlineLink: z
    .enum(['given', 'absent'])
    .default('given')
    .describe('whether cut inline replies come with their link; it is missing at times'),
  inlineCount: z.boolean().default(false).describe('whether `replies@odata.count` says how many replies there are'),
  form: z
    .enum(['regular', 'recorded'])
    .default('regular')
    .describe(
      'how answers look: `recorded` as in recordings of the service (links with plain ids, the query kept in the links of getAllMessages, gzip in chunks, inner 429s without Retry-After)',
    ),
  exportPageMaximum: count.default(50).describe('largest page of getAllMessages; Microsoft does not publish one'),
  exportLagMs: z
    .number()
    .nonnegative()
    .default(0)
    .describe('how long getAllMessages does not know yet what was written or changed'),
  memberPageSize: count.default(100).describe('page size of members; Microsoft does not publish one'),
  topAboveMaximum: z
    .enum(['clamped', 'ignored', 'refused'])
    .default('clamped')
    .describe('what a `$top` above the maximum does'),
  deltaTokenLifetimeMs: z
    .number()
    .positive()
    .default(30 * 86_400_000)
    .describe('life of a delta token'),
  expiredDeltaToken: z
    .enum(['gone', 'bad-request'])
    .default('gone')
    .describe('how a delta token past its life is answered: 410 with Location, or 400 `syncStateNotFound`'),
  emptyChannelDelta: z
    .enum(['served', 'refused'])
    .default('served')
    .describe('how delta on a channel without messages answers: as any other, or 400 on the second page'),
  missingRole: z
    .enum(['named', 'unexplained'])
    .default('named')
    .describe(
      'how Teams refuses for want of a permission: 403 with the names of those that would do, or `UnknownError` without a text; both were met',
    ),
  dateSkewMs: z.number().default(0).describe('how far the `Date` header is ahead of the time'),
  accessTokens: z.enum(['jwt', 'opaque']).default('jwt').describe('whether a client could read its access token'),
  seed: z.int().default(1).describe('seed of everything that looks like chance'),
});

export type GraphBehaviour = z.output<typeof behaviourSchema>;

export const defaultBehaviour: GraphBehaviour = behaviourSchema.parse({});

/** As a thousand recorded answers look: 73 % of the pages are short although more follow. */
export const recordedBehaviour: Partial<GraphBehaviour> = { form: 'recorded', shortPages: 0.73 };
