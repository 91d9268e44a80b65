import { z } from 'zod';
import { storedJson } from '../../outbox/stored-json.ts';

/** What a person thinks of a message of the bot: `activity.replyToId` is its id. Teams keeps none of it. */
export interface Feedback {
  readonly reaction: 'like' | 'dislike';
  /** What the person wrote, or what the inputs of the bot's own dialog hold. */
  readonly feedback: string | Readonly<Record<string, unknown>> | undefined;
}

const schema = z.object({
  actionName: z.literal('feedback'),
  actionValue: z.object({
    reaction: z.enum(['like', 'dislike']),
    feedback: z.union([z.string(), z.record(z.string(), z.unknown())]).nullish(),
  }),
});

/** In the default dialog. */
const wordsSchema = z.object({ feedbackText: z.string() });

/**
 * Reads `value` of `invoke:message/submitAction`. Undefined: it is no feedback.
 *
 * @see https://learn.microsoft.com/microsoftteams/platform/bots/how-to/bot-messages-ai-generated-content#feedback-buttons
 */
export function readFeedback(value: unknown): Feedback | undefined {
  const read = schema.safeParse(value);
  if (!read.success) return undefined;
  const { reaction, feedback } = read.data.actionValue;
  return { reaction, feedback: wordsOf(feedback ?? undefined) };
}

/** The default dialog sends its words as JSON in a text. */
function wordsOf(given: Feedback['feedback']): Feedback['feedback'] {
  if (typeof given !== 'string') return given;
  const words = wordsSchema.safeParse(storedJson(given)?.value);
  return words.success ? words.data.feedbackText : given;
}
