import { z } from 'zod';

/** What a bot may ask of the connector. */
export const operations = ['create', 'send', 'reply', 'update', 'delete', 'members', 'react', 'team'] as const;
export type Operation = (typeof operations)[number];

/** One refusal, or `times` of them, for requests of one operation or of any. */
const stepSchema = z.strictObject({
  operation: z.enum(operations).optional(),
  status: z.int().min(200).max(599),
  /** `error.code` of the body; without one the body is empty. */
  code: z.string().max(200).optional(),
  message: z.string().max(2_000).optional(),
  /** The whole body, in place of the form with `error`. */
  body: z.unknown().optional(),
  retryAfter: z.number().nonnegative().max(86_400).optional(),
  /** So many requests that it fits are let through first. */
  after: z.int().nonnegative().max(1_000_000).default(0),
  times: z.int().positive().max(1_000_000).default(1),
  /** The request is carried out all the same. */
  executed: z.boolean().default(false),
});

/** What `POST /_twin/bot/script` takes: it replaces what was left of the one before. */
export const botScriptSchema = z.strictObject({ steps: z.array(stepSchema).max(10_000) });

export type BotStep = z.output<typeof stepSchema>;

/** Plays the first step that an operation fits. */
export function createBotPlayer() {
  let steps: BotStep[] = [];
  return {
    load: (given: readonly BotStep[]) => {
      steps = given.map((step) => ({ ...step }));
    },
    play: (operation: Operation): BotStep | undefined => {
      const at = steps.findIndex((step) => step.operation === undefined || step.operation === operation);
      const step = steps[at];
      if (!step) return undefined;
      if (step.after > 0) {
        steps[at] = { ...step, after: step.after - 1 };
        return undefined;
      }
      if (step.times === 1) steps.splice(at, 1);
      else steps[at] = { ...step, times: step.times - 1 };
      return step;
    },
  };
}

export type BotPlayer = ReturnType<typeof createBotPlayer>;
