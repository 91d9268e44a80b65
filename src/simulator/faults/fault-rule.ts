import { z } from 'zod';

/** Which requests a fault hits, and its own settings. `POST /_twin/faults` takes one of these. */
export const faultRuleSchema = z.strictObject({
  /** A name of the table in `fault-kinds.ts`. */
  kind: z.string(),
  /** Which of the twin's services is hit. Default `graph`. */
  service: z.enum(['graph', 'login']).default('graph'),
  /** Path pattern, for Graph below the version root: `/teams/{id}/channels/**`. Default `/**`. */
  route: z.string().startsWith('/').default('/**'),
  method: z.enum(['GET', 'POST', 'PATCH', 'PUT', 'DELETE']).optional(),
  /** Chance that a matching request is hit. Default 1. */
  probability: z.number().gt(0).max(1).default(1),
  /** Script: which matching requests are hit, counted from 1. */
  nth: z.array(z.int().positive()).min(1).optional(),
  /** The rule ends after this many hits. */
  times: z.int().positive().optional(),
  /** Seed of the chance. Default: the twin's. */
  seed: z.int().optional(),
  /** Status of `status`. */
  status: z.int().min(400).max(599).optional(),
  /** Seconds of a Retry-After, or `none`. */
  retryAfter: z.union([z.number().nonnegative(), z.literal('none')]).optional(),
  /** How the Retry-After is written: seconds, an HTTP date, or the millisecond header of some services. */
  retryAfterAs: z.enum(['seconds', 'date', 'milliseconds']).default('seconds'),
  /** Host that `foreign-link` leads to. */
  host: z.string().min(1).optional(),
  /** Length of `slow`, milliseconds. */
  delayMs: z.int().positive().max(600_000).optional(),
});

export type FaultRule = z.output<typeof faultRuleSchema>;
