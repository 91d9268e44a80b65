import { isSluiceError } from '../../errors/sluice-error.ts';
import { MAX_BOT_MESSAGE_BYTES } from '../../limits/bot-limits.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import type { Envelope } from '../activities/envelope.ts';
import { botErrors } from '../errors.ts';
import {
  activitiesOf,
  addressed,
  bytesOf,
  type Message,
  type MessageActivity,
  oneActivityOf,
  type Sent,
  sentOf,
  streamInfo,
} from './messages.ts';
import type { Connector, ConnectorRequest } from './request.ts';
import { createStreamUpdates, STOPPED, type UpdatesEnd, wasDropped } from './stream-updates.ts';

/**
 * An answer that is shown while it is written: in the chat with one person, about once a second. Elsewhere, and where
 * Teams refuses to stream, the whole text is one ordinary message at the end.
 *
 * @see https://learn.microsoft.com/microsoftteams/platform/bots/streaming-ux
 */
export interface Stream {
  /** Says what the bot is about to do, until the first words are there. */
  inform(text: string): void;
  /**
   * Adds words, and waits for nothing.
   *
   * @throws SluiceError `message_too_large`, `stream_ended`
   */
  write(text: string): void;
  /** Ends it, with what only a last message may have: attachments, feedback, labels. Rejects as an ordinary message would. */
  end(rest?: Omit<Message, 'text'>): Promise<Sent>;
  /** Aborted when the person has stopped it: what is written from then on, nobody sees. */
  readonly stopped: AbortSignal;
}

/** A message that a turn sends, however often it is made: what was sent already is not sent again. */
export interface SentOnce {
  /** What this turn has sent as this message already. */
  begin(): Promise<{ readonly id: string | undefined } | undefined>;
  done(id: string | undefined): Promise<void>;
  failed(error: unknown): Promise<void>;
}

export interface StreamOptions {
  readonly connector: Connector;
  readonly activity: Envelope;
  readonly place: Pick<ConnectorRequest, 'serviceUrl' | 'conversationId' | 'tenantId'>;
  readonly signal: AbortSignal;
  readonly runtime: Runtime;
  readonly telemetry: Telemetry;
  /** Sends an ordinary activity. */
  readonly post: (body: object) => Promise<string | undefined>;
  readonly once: SentOnce;
}

/** How a stream ended, for the counters. */
interface Finished {
  readonly outcome: 'streamed' | 'stopped' | 'edited' | 'plain';
  readonly ids: readonly (string | undefined)[];
}

/** For what says which stream it is. */
const RESERVE_BYTES = 1_024;
/** Where Teams streams. */
const PERSONAL = 'personal';

/** Each request has the whole text so far; the last one is a message. */
export function createStream(options: StreamOptions): Stream {
  const { connector, activity, place, signal, runtime, telemetry, once } = options;
  const isStreamed = activity.conversation.conversationType === PERSONAL;
  let text = '';
  let written = bytesOf(addressed('message', activity)) + RESERVE_BYTES;
  let isEnded = false;
  let known: ReturnType<SentOnce['begin']> | undefined;
  const begin = () => {
    known ??= once.begin();
    return known;
  };
  const updates = createStreamUpdates(
    async ({ kind, text: words, sequence, streamId }) => {
      if (await begin()) throw botErrors.stream_ended();
      const about = { streamType: kind, streamSequence: sequence, streamId };
      const body = streamInfo(about, { ...addressed('typing', activity), text: words });
      return connector({ method: 'POST', ...place, route: 'activities', body, repeats: 'never' }, signal);
    },
    { runtime, signal },
  );
  const checkOpen = () => {
    if (isEnded) throw botErrors.stream_ended();
  };

  async function finish(message: Message): Promise<Finished> {
    const parts = activitiesOf(message, activity);
    const end = await updates.end();
    const closed = end.isOpen ? await close(message, end) : undefined;
    if (closed === 'streamed') return { outcome: closed, ids: [end.streamId] };
    // What the person has stopped stays as it is.
    if (closed === 'stopped' || updates.stopped.aborted) return { outcome: 'stopped', ids: [end.streamId] };
    if (end.streamId === undefined) return { outcome: 'plain', ids: await postAll(parts) };
    return { outcome: 'edited', ids: await replace(parts, end.streamId) };
  }

  /** The last message of a stream. Undefined: Teams does not take it, and the text must be said otherwise. */
  async function close(message: Message, end: UpdatesEnd): Promise<'streamed' | 'stopped' | undefined> {
    await runtime.sleep(Math.max(0, end.nextAtMs - runtime.monotonic()), signal);
    const body = streamInfo({ streamType: 'final', streamId: end.streamId }, oneActivityOf(message, activity));
    try {
      const request = { method: 'POST', ...place, route: 'activities', body, repeats: 'always' } as const;
      return wasDropped(await connector(request, signal)) ? undefined : 'streamed';
    } catch (error) {
      if (!isSluiceError(error) || signal.aborted) throw error;
      return error.code === STOPPED ? 'stopped' : undefined;
    }
  }

  const postAll = async (parts: readonly object[]): Promise<readonly (string | undefined)[]> => {
    const ids: (string | undefined)[] = [];
    for (const part of parts) ids.push(await options.post(part));
    return ids;
  };

  /** The whole in the place of what was streamed; was that taken away, as a message. */
  async function replace([first, ...others]: readonly MessageActivity[], streamId: string) {
    try {
      await connector({ method: 'PUT', ...place, route: 'activity', activityId: streamId, body: first! }, signal);
      return [streamId, ...(await postAll(others))];
    } catch (error) {
      if (!isSluiceError(error) || error.code !== GONE) throw error;
      return postAll([first!, ...others]);
    }
  }

  return {
    stopped: updates.stopped,
    inform: (words) => {
      checkOpen();
      if (isStreamed && text === '') updates.show({ kind: 'informative', text: words });
    },
    write: (words) => {
      checkOpen();
      const bytes = written + bytesOfText(words);
      if (bytes > MAX_BOT_MESSAGE_BYTES) throw botErrors.message_too_large({ bytes, maxBytes: MAX_BOT_MESSAGE_BYTES });
      written = bytes;
      text += words;
      if (isStreamed && text !== '') updates.show({ kind: 'streaming', text });
    },
    end: async (rest = {}) => {
      checkOpen();
      isEnded = true;
      try {
        const earlier = await begin();
        if (earlier) return sentOf([earlier.id]);
        const { outcome, ids } = await finish({ ...rest, text });
        telemetry.count('teams.bot.streams', 1, { outcome });
        await once.done(ids[0]);
        return sentOf(ids);
      } catch (error) {
        await once.failed(error);
        throw error;
      }
    },
  };
}

/** Code of the error that says that a message is not there any more. */
const GONE = 'activity_not_found';

/** In JSON, without its quotes. */
const bytesOfText = (text: string): number => bytesOf(text) - bytesOf('');
