import { z } from 'zod';
import type { TeamsPayload } from '../cards/index.ts';
import type { Message, Notifier, Outcome, Subject } from '../messages/types.ts';
import { outboxErrors } from '../outbox/errors.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { NewMessage } from '../outbox/types.ts';
import { digest } from '../router/notification.ts';
import type { OutboxTarget } from './destinations.ts';
import { contentErrors, deliveryErrors } from './errors.ts';

/** What the outbox stores of a message. */
export interface Outgoing {
  readonly body: TeamsPayload;
  /** Id of the message that must have arrived before this one is sent (`stop_on_error`). */
  readonly after?: string;
  /** What it tells of, when that may change. */
  readonly subject?: Subject | undefined;
  /** What was cut from the whole message, with its first part. */
  readonly changes?: TextChanges;
}

/** What of a message's text its receiver does not get. What is 0 is left out. */
export interface TextChanges {
  readonly charactersNotSent?: number;
  readonly removedCharacters?: number;
}

/** What the outbox stores of a message that could not be shown in any form: the reason, for its dead letter. */
export interface Unrenderable {
  readonly unrenderable: { readonly code: string };
}

interface PartOptions {
  readonly target: OutboxTarget;
  /** Where the parts go that certainly did not arrive. */
  readonly fallback?: OutboxTarget | undefined;
  readonly lane?: string | undefined;
  /** What the parts belong to; undefined where order is all. */
  readonly series?: string | undefined;
  readonly after?: string | undefined;
  readonly ttlMs?: number | undefined;
  /** The parts replace those of a message with the same key and as many parts that still waits. */
  readonly coalesceKey?: string | undefined;
  readonly changes: Required<TextChanges>;
  readonly subject?: Subject | undefined;
}

/** A message of which this many parts are made, in order, each with a stable id. */
export function partsOf(
  message: Message,
  bodies: readonly TeamsPayload[],
  options: PartOptions,
): NewMessage<Outgoing>[] {
  const { target, fallback, lane, series, after, ttlMs, coalesceKey, subject } = options;
  const changed = noteworthy(options.changes);
  return bodies.map((body, index) => {
    const id = index === 0 ? message.id : `${message.id}.${index + 1}`;
    return {
      id,
      ...target,
      dedupeKey: id,
      series,
      continues: index > 0,
      payload: {
        body,
        subject: subject && { ...subject, key: `${subject.key}.${index + 1}` },
        ...(after !== undefined && { after }),
        ...(index === 0 && changed && { changes: changed }),
      },
      // Two receivers of one group may be sent different bodies: each is said there, and the same one once.
      fallback: fallback && {
        notifier: fallback.notifier,
        destinations: [fallback.destination],
        key: digest([message.fallback?.key, index, body]),
      },
      lane,
      ttlMs,
      coalesceKey: coalesceKey === undefined ? undefined : `${coalesceKey}.${index + 1}/${bodies.length}`,
    };
  });
}

function noteworthy({ charactersNotSent, removedCharacters }: Required<TextChanges>): TextChanges | undefined {
  if (charactersNotSent === 0 && removedCharacters === 0) return undefined;
  return {
    ...(charactersNotSent > 0 && { charactersNotSent }),
    ...(removedCharacters > 0 && { removedCharacters }),
  };
}

/** A stored message for a list or an answer: without its text, with what was cut from it. */
export function withoutText<M extends { readonly payload?: unknown }>({ payload, ...rest }: M) {
  const stored = payloadOf(payload);
  return { ...rest, ...('body' in stored && stored.changes) };
}

/**
 * Gives the bodies to a notifier, and holds back what waits for another message that has not arrived. Both stand in one
 * lane, so the other one is final when this one's turn comes.
 */
export function outgoingNotifier(inner: Notifier<TeamsPayload>, outbox: Outbox): Notifier {
  return {
    name: inner.name,
    endpointsOf: (destination) => inner.endpointsOf?.(destination) ?? [],
    notify: async (message, signal) => {
      const payload = payloadOf(message.payload);
      if ('unrenderable' in payload) {
        return {
          kind: 'permanent',
          blame: 'nobody',
          error: contentErrors.message_unrenderable({ reason: payload.unrenderable.code }),
        };
      }
      const { body, after, subject } = payload;
      if (after !== undefined && !(await mayFollow(outbox, after))) return skipped(after);
      return await inner.notify({ ...message, payload: body, subject }, signal);
    },
  };
}

const storedSchema = z.union([
  z.object({ unrenderable: z.object({ code: z.string() }) }),
  z.object({
    body: z.looseObject({ attachments: z.array(z.looseObject({ content: z.looseObject({}) })).min(1) }),
    after: z.string().optional(),
    subject: z.object({ key: z.string(), said: z.string() }).optional(),
    changes: z
      .object({ charactersNotSent: z.number().optional(), removedCharacters: z.number().optional() })
      .optional(),
  }),
]);

/** What an earlier process stored. Anything else is damaged, and the end of that one message. */
export function payloadOf(stored: unknown): Outgoing | Unrenderable {
  if (!storedSchema.safeParse(stored).success) return { unrenderable: { code: 'payload_damaged' } };
  return stored as Outgoing | Unrenderable;
}

/** A message that nothing can be sent of: it goes straight to the dead letters, and holds up nobody. */
export function deadLetterOf(
  message: Message,
  options: { readonly target: OutboxTarget; readonly series?: string | undefined; readonly code: string },
) {
  const { target, series, code } = options;
  const payload: Unrenderable = { unrenderable: { code } };
  return { id: message.id, ...target, dedupeKey: message.id, series, payload };
}

/**
 * Whether what waits for that message may be sent: it has arrived, or a newer one says the same in its place. One that
 * the outbox does not hold any more has not arrived, as far as anybody knows.
 */
async function mayFollow(outbox: Outbox, id: string): Promise<boolean> {
  const state = await outbox.show(id).then(
    (message) => message.state,
    (error: unknown) => {
      if (outboxErrors.message_not_found.is(error)) return undefined;
      throw error;
    },
  );
  return state === 'delivered' || state === 'accepted' || state === 'superseded';
}

const skipped = (after: string): Outcome => ({
  kind: 'permanent',
  blame: 'nobody',
  error: deliveryErrors.stopped_on_error({ after }),
});
