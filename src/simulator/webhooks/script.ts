import { z } from 'zod';
import { behaviourNames } from './behaviours.ts';

/** One step: what a webhook does with one request, or with `times` of them. */
export const stepSchema = z.strictObject({
  /** A name of the table in `behaviours.ts`. */
  do: z.enum(behaviourNames),
  times: z.int().positive().max(1_000_000).default(1),
  /** Status of the answer, where the behaviour has one. */
  status: z.int().min(200).max(599).optional(),
  /** Text of the answer, where the behaviour has one. */
  body: z.string().max(100_000).optional(),
  /** Seconds of a Retry-After, or of the wait in a quota text. */
  retryAfter: z.number().nonnegative().max(1_000_000).optional(),
  /** The answer comes this much later. */
  delayMs: z.int().nonnegative().max(600_000).default(0),
  /** The flow runs this long after the answer. */
  flowDelayMs: z.int().nonnegative().max(600_000).default(0),
  /** Why the flow fails. */
  reason: z.string().max(1_000).optional(),
});

/** What `POST /_twin/webhooks/{id}/script` takes: steps in order, then one for ever. */
export const scriptSchema = z.strictObject({
  steps: z.array(stepSchema).max(10_000).default([]),
  /** After the steps. Default: what the real service does. */
  after: stepSchema.optional(),
});

export type Step = z.output<typeof stepSchema>;
export type Script = z.output<typeof scriptSchema>;

/** Plays a script, one step per request. */
export function createPlayer(usual: Step): { play(): Step; load(script: Script): void } {
  let queue: Step[] = [];
  let last = usual;
  return {
    play: () => {
      const step = queue[0];
      if (!step) return last;
      if (step.times === 1) queue.shift();
      else queue[0] = { ...step, times: step.times - 1 };
      return step;
    },
    load: ({ steps, after }) => {
      queue = [...steps];
      last = after ?? usual;
    },
  };
}
