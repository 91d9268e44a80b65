import { z } from 'zod';
import { isSluiceError } from '../../errors/sluice-error.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import { account, type Envelope } from '../activities/envelope.ts';
import { botErrors } from '../errors.ts';
import type { TurnRecord } from '../turns.ts';
import { activitiesOf, addressed, cardMessage, editOf, type Message, type Sent, sentId, sentOf } from './messages.ts';
import type { Connector } from './request.ts';
import { createStream, type SentOnce, type Stream } from './stream.ts';
import { createTargeted, type Targeted } from './targeted.ts';

/** A person or a bot in a conversation. */
export type Member = z.output<typeof account>;

/** What a handler can say where the activity came from. Every call rejects with a SluiceError of surface `bot`. */
export interface Speech {
  /** Answers the activity: in a channel in its thread. */
  reply(message: string | Message): Promise<Sent>;
  /** Answers with an Adaptive Card. */
  card(card: object): Promise<Sent>;
  /** Answers while the answer is being written. Always end it. */
  stream(): Stream;
  /** Messages that one member alone sees. */
  readonly targeted: Targeted;
  /** Puts something else in the place of a message of the bot. */
  edit(id: string, message: string | Message): Promise<void>;
  /** Takes a message of the bot away. */
  delete(id: string): Promise<void>;
  /** Shows that the bot is writing. */
  typing(): Promise<void>;
  /** Everybody in the conversation, page after page. */
  members(): AsyncIterable<Member>;
}

export interface SpeechOptions {
  readonly connector: Connector;
  readonly tenantId: string;
  readonly signal: AbortSignal;
  readonly runtime: Runtime;
  readonly telemetry: Telemetry;
  readonly record?: TurnRecord | undefined;
}

/** @see https://learn.microsoft.com/microsoftteams/platform/bots/how-to/get-teams-context */
const MEMBERS_PER_PAGE = '500';

const pageSchema = z.object({
  members: z.array(account).default([]),
  continuationToken: z.string().nullish(),
});

/** Speaks to where an activity came from. */
export function createSpeech(
  activity: Envelope,
  { connector, tenantId, signal, runtime, telemetry, record }: SpeechOptions,
): Speech {
  let ordinals = 0;
  const { serviceUrl, id: activityId } = activity;
  const conversationId = activity.conversation.id;
  const place = { serviceUrl, conversationId, tenantId };
  const beside = { route: 'activities' } as const;

  const post = async (body: object): Promise<string | undefined> => {
    // Only a message can be answered; whatever else happened is answered beside it.
    const to = activityId && activity.type === 'message' ? ({ route: 'activity', activityId } as const) : beside;
    return sentId(await connector({ method: 'POST', ...place, ...to, body }, signal));
  };
  /** The next message of this turn: what it sent already, before its process died, is not sent again. */
  const nextOnce = (): SentOnce => {
    const ordinal = ++ordinals;
    return {
      begin: async () => record?.begin(ordinal),
      done: async (id) => record?.done(ordinal, id),
      failed: async (error) => {
        if (certainlyNotDone(error)) await record?.undone(ordinal);
      },
    };
  };
  const sendAll = async (bodies: readonly object[], send: (body: object) => Promise<string | undefined>) => {
    const parts = bodies.map((body) => ({ body, once: nextOnce() }));
    const ids: (string | undefined)[] = [];
    for (const { body, once } of parts) ids.push(await sendOnce(once, () => send(body)));
    return sentOf(ids);
  };
  const reply: Speech['reply'] = async (message) => sendAll(activitiesOf(message, activity), post);
  return {
    reply,
    card: (card) => reply(cardMessage(card)),
    stream: () => createStream({ connector, activity, place, signal, runtime, telemetry, post, once: nextOnce() }),
    targeted: createTargeted({ connector, activity, place, signal, sendAll, post }),
    edit: async (id, message) => {
      const body = editOf(message, activity);
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

async function sendOnce(once: SentOnce, send: () => Promise<string | undefined>): Promise<string | undefined> {
  const sent = await once.begin();
  if (sent) return sent.id;
  try {
    const id = await send();
    await once.done(id);
    return id;
  } catch (error) {
    await once.failed(error);
    throw error;
  }
}

/** Refused before anything was done, or never sent. Of a failure of the service nobody knows. */
function certainlyNotDone(error: unknown): boolean {
  if (!isSluiceError(error)) return false;
  const status = error.request?.status;
  return status === undefined ? error.details['sent'] === false : status < 500;
}
