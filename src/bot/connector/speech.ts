import { z } from 'zod';
import { isSluiceError } from '../../errors/sluice-error.ts';
import { account, type Envelope } from '../activities/envelope.ts';
import { botErrors } from '../errors.ts';
import type { TurnRecord } from '../turns.ts';
import type { Connector } from './connector.ts';
import { activitiesOf, addressed, cardMessage, type Message } from './messages.ts';

/** What was sent. */
export interface Sent {
  /** By which it can be edited and deleted; undefined when Teams gives none. */
  readonly id: string | undefined;
  /** Of every part: text and attachments are sent one after the other. */
  readonly ids: readonly string[];
}

/** A person or a bot in a conversation. */
export type Member = z.output<typeof account>;

/** What a handler can say where the activity came from. Every call rejects with a SluiceError of surface `bot`. */
export interface Speech {
  /** Answers the activity: in a channel in its thread. */
  reply(message: string | Message): Promise<Sent>;
  /** Answers with an Adaptive Card. */
  card(card: object): Promise<Sent>;
  /** Puts something else in the place of a message of the bot. */
  edit(id: string, message: string | Message): Promise<void>;
  /** Takes a message of the bot away. */
  delete(id: string): Promise<void>;
  /** Shows that the bot is writing. */
  typing(): Promise<void>;
  /** Everybody in the conversation, page after page. */
  members(): AsyncIterable<Member>;
}

/** @see https://learn.microsoft.com/microsoftteams/platform/bots/how-to/get-teams-context */
const MEMBERS_PER_PAGE = '500';

const sentSchema = z.object({ id: z.string().optional() }).catch({});
const pageSchema = z.object({
  members: z.array(account).default([]),
  continuationToken: z.string().nullish(),
});

/** Speaks to where an activity came from. */
export function createSpeech(
  connector: Connector,
  activity: Envelope,
  { signal, record }: { readonly signal: AbortSignal; readonly record?: TurnRecord | undefined },
): Speech {
  let ordinals = 0;
  const { serviceUrl, id: activityId } = activity;
  const conversationId = activity.conversation.id;
  const place = { serviceUrl, conversationId };
  const beside = { route: 'activities' } as const;

  const post = async (body: object): Promise<string | undefined> => {
    // Only a message can be answered; whatever else happened is answered beside it.
    const to = activityId && activity.type === 'message' ? ({ route: 'activity', activityId } as const) : beside;
    return sentSchema.parse(await connector({ method: 'POST', ...place, ...to, body }, signal)).id;
  };
  /** What the turn sent already, before its process died, is not sent again. */
  const send = async (body: object, ordinal: number): Promise<string | undefined> => {
    const sent = await record?.begin(ordinal);
    if (sent) return sent.id;
    try {
      const id = await post(body);
      await record?.done(ordinal, id);
      return id;
    } catch (error) {
      if (certainlyNotDone(error)) await record?.undone(ordinal);
      throw error;
    }
  };
  const reply: Speech['reply'] = async (message) => {
    const parts = activitiesOf(message, activity).map((body) => ({ body, ordinal: ++ordinals }));
    const ids: string[] = [];
    for (const { body, ordinal } of parts) {
      const id = await send(body, ordinal);
      if (id !== undefined) ids.push(id);
    }
    return { id: ids[0], ids };
  };
  return {
    reply,
    card: (card) => reply(cardMessage(card)),
    edit: async (id, message) => {
      const [body, ...more] = activitiesOf(message, activity);
      if (more.length > 0) throw botErrors.edit_in_two();
      await connector({ method: 'PUT', ...place, route: 'activity', activityId: id, body }, signal);
    },
    delete: async (id) => {
      await connector({ method: 'DELETE', ...place, route: 'activity', activityId: id }, signal);
    },
    typing: async () => {
      await connector({ method: 'POST', ...place, ...beside, body: addressed('typing', activity) }, signal);
    },
    async *members() {
      let continuationToken: string | null | undefined;
      do {
        const query = { pageSize: MEMBERS_PER_PAGE, ...(continuationToken ? { continuationToken } : {}) };
        const page = pageSchema.safeParse(
          await connector({ method: 'GET', ...place, route: 'members', query }, signal),
        );
        if (!page.success) throw botErrors.members_unreadable();
        yield* page.data.members;
        continuationToken = page.data.continuationToken;
      } while (continuationToken);
    },
  };
}

/** Refused before anything was done, or never sent. Of a failure of the service nobody knows. */
function certainlyNotDone(error: unknown): boolean {
  if (!isSluiceError(error)) return false;
  const status = error.request?.status;
  return status === undefined ? error.details['sent'] === false : status < 500;
}
