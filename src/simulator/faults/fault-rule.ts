import { z } from 'zod';
import { parseDateTime } from '../tenant/date-time.ts';

const instant = z
  .string()
  .refine((text) => parseDateTime(text) !== undefined, 'must be a date like 2026-03-01T09:30:00Z');

/**
 * A record of a page: by its id (with its channel or chat, and its root, where ids repeat), or the nth message, oldest first;
 * -1 is the newest. Rules that name one hit every answer that holds it, whatever way it was asked for.
 */
const recordSchema = z.union([
  z.strictObject({
    id: z.string().min(1),
    channelId: z.string().min(1).optional(),
    chatId: z.string().min(1).optional(),
    /** The root of a reply; null for a root. */
    rootId: z.string().min(1).nullable().optional(),
  }),
  z.strictObject({
    message: z.int().refine((nth) => nth !== 0, 'counts from 1, or from -1 backwards'),
    /** How many messages there must be: the rule is refused when there are others. */
    of: z.int().positive().optional(),
    teamId: z.string().min(1).optional(),
    channelId: z.string().min(1).optional(),
    /** The nth message of this chat; without it messages of channels are counted. */
    chatId: z.string().min(1).optional(),
  }),
]);

/** What `edit` does to the bytes of a page. */
export const pageEdits = [
  'control-character',
  'invalid-utf8',
  'text-after-colon',
  'truncated',
  'duplicate-key',
  'set',
  'without',
  'blanks',
] as const;

/** Which requests a fault hits, and its own settings. `POST /_twin/faults` takes one of these. */
export const faultRuleSchema = z.strictObject({
  /** A name of the table in `fault-kinds.ts`. */
  kind: z.string(),
  /** Which of the twin's services is hit. Default `graph`. */
  service: z.enum(['graph', 'login']).default('graph'),
  /** Path pattern, for Graph below the version root: `/teams/{id}/channels/**`. Default `/**`. */
  route: z.string().startsWith('/').default('/**'),
  method: z.enum(['GET', 'POST', 'PATCH', 'PUT', 'DELETE']).optional(),
  /** Options that the request has, or carries in its page token; `*` is any value, null is none. */
  query: z.record(z.string(), z.string().nullable()).optional(),
  /** Which pages of a list, counted from 1. */
  pages: z.array(z.int().positive()).min(1).optional(),
  /** Only requests whose range of `lastModifiedDateTime` covers this moment; one without a range covers all. */
  covers: instant.optional(),
  /** Only answers that hold this record. */
  holds: recordSchema.optional(),
  /** Chance that a matching request is hit. Default 1. */
  probability: z.number().gt(0).max(1).default(1),
  /** Script: which matching requests are hit, counted from 1. */
  nth: z.array(z.int().positive()).min(1).optional(),
  /** The rule ends after this many hits. */
  times: z.int().positive().optional(),
  /** Seed of the chance. Default: the twin's. */
  seed: z.int().optional(),
  /** Status of `status` and `answer`. */
  status: z.int().min(200).max(599).optional(),
  /** Body of `answer` and `status`: text as it is, anything else as JSON. */
  body: z.unknown().optional(),
  /** Headers of `answer` and `status`. */
  headers: z.record(z.string(), z.string()).optional(),
  /** Seconds of a Retry-After, or `none`. */
  retryAfter: z.union([z.number().nonnegative(), z.literal('none')]).optional(),
  /** How the Retry-After is written: seconds, an HTTP date, or the millisecond header of some services. */
  retryAfterAs: z.enum(['seconds', 'date', 'milliseconds']).default('seconds'),
  /** Host that `foreign-link` leads to. */
  host: z.string().min(1).optional(),
  /** Length of `slow`, milliseconds. */
  delayMs: z.int().positive().max(600_000).optional(),
  /** Share of the rows that `shrunken-listing` leaves, and of the bytes that `cut-off` sends. Default 0.5. */
  share: z.number().min(0).max(1).default(0.5),
  /** What `edit` does. */
  edit: z.enum(pageEdits).optional(),
  /** Property that `edit` changes, as a path: `body/content`, `reactions/0/user`. Default `body/content`. */
  field: z.string().min(1).default('body/content'),
  /** Value of `set` and `duplicate-key`. */
  value: z.unknown().optional(),
  /** The stray text of `text-after-colon`. */
  text: z.string().min(1).default('STRAY'),
});

export type FaultRule = z.output<typeof faultRuleSchema>;
export type PageEdit = (typeof pageEdits)[number];
export type RecordRule = z.output<typeof recordSchema>;
