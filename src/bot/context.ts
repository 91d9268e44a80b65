import type { ActivityType } from './activities/activity-types.ts';
import type { Activity } from './activities/read-activity.ts';
import { attachmentsOf, htmlOf, textOf } from './activities/text.ts';
import type { Speech } from './connector/speech.ts';
import type { ActivityFor, Filter } from './filters.ts';

/** What a handler works with. */
interface TurnContext extends Speech {
  /** Tenant of the conversation, in lower case: one of those that the bot serves. */
  readonly tenantId: string;
  readonly conversationId: string;
  /** Aborted when nobody waits for the answer any more: an invoke waits five seconds. */
  readonly signal: AbortSignal;
}

/** What a message has besides. */
interface Words {
  /** What the person wrote, without the mention of the bot itself. */
  readonly text: string;
  /** The same as Teams shows it, where it came. */
  readonly html: string | undefined;
  /** What was attached; the HTML form of the text is none. */
  readonly attachments: ReturnType<typeof attachmentsOf>;
}

type TypeWithWords = Extract<ActivityType, 'message' | 'messageUpdate'>;

/** The context of an activity that a filter lets through. */
export type Context<Given extends Filter = Filter> = TurnContext & {
  readonly activity: ActivityFor<Given>;
} & (Given extends TypeWithWords | `${TypeWithWords}:${string}` ? Words : unknown);

/** The context of middleware, which sees every activity. */
export type AnyContext = TurnContext & { readonly activity: Activity };

export function createContext(
  activity: Activity,
  { speech, ...facts }: Pick<TurnContext, 'tenantId' | 'signal'> & { readonly speech: Speech },
): AnyContext {
  const base = { ...speech, ...facts, activity, conversationId: activity.conversation.id };
  if (activity.type !== 'message' && activity.type !== 'messageUpdate') return base;
  const words: Words = { text: textOf(activity), html: htmlOf(activity), attachments: attachmentsOf(activity) };
  return { ...base, ...words };
}
