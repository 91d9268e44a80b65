import { z } from 'zod';
import { isSluiceError } from '../../errors/sluice-error.ts';
import type { Runtime } from '../../runtime/runtime.ts';

/** What a person sees of an answer that is not over. */
export interface Shown {
  readonly kind: 'informative' | 'streaming';
  readonly text: string;
}

/** One request of a stream. It gives what the service answered. */
export type SendUpdate = (
  shown: Shown & { readonly sequence: number; readonly streamId: string | undefined },
) => Promise<unknown>;

/** What became of the updates, once there are no more. */
export interface UpdatesEnd {
  /** Undefined: nothing was shown. */
  readonly streamId: string | undefined;
  /** Whether the stream can be ended by a last message. */
  readonly isOpen: boolean;
  /** The next request must not be earlier. */
  readonly nextAtMs: number;
}

/** The newest text is shown, about once a second; one request at a time. */
export interface StreamUpdates {
  show(next: Shown): void;
  /** Shows nothing more, and waits for what is under way. */
  end(): Promise<UpdatesEnd>;
  /** Aborted when the person has stopped the stream. */
  readonly stopped: AbortSignal;
}

/** Two updates are never nearer: one request in a second is what Teams takes, and it asks for 1.5 s. */
const PACE_MS = 1_500;
/** What is over before this is one message, without a stream. */
const FIRST_MS = 500;
/** Teams ends a stream after two minutes. From here on the text is collected, and put in its place at the end. */
const LONGEST_MS = 110_000;

/** Code of the error that says that the person has stopped it. */
export const STOPPED = 'stream_stopped';

const startedSchema = z.object({ id: z.string().min(1) });
const droppedSchema = z.object({ error: z.object({ code: z.string() }) });

/** A 202 may say that an update came too late. */
export const wasDropped = (answer: unknown): boolean => droppedSchema.safeParse(answer).success;

/**
 * Shows a text while it grows.
 *
 * @see https://learn.microsoft.com/microsoftteams/platform/bots/streaming-ux
 */
export function createStreamUpdates(
  send: SendUpdate,
  { runtime, signal }: { readonly runtime: Runtime; readonly signal: AbortSignal },
): StreamUpdates {
  const stopped = new AbortController();
  const ended = new AbortController();
  const waiting = AbortSignal.any([signal, ended.signal]);
  let next: Shown | undefined;
  let shown: Shown | undefined;
  let streamId: string | undefined;
  let sequence = 0;
  let begunAtMs = 0;
  let nextAtMs = 0;
  let isOpen = true;
  let pumping: Promise<void> | undefined;

  const isDue = () => isOpen && !waiting.aborted && next !== shown;
  const isLate = () => streamId !== undefined && runtime.monotonic() - begunAtMs > LONGEST_MS;

  async function update(now: Shown): Promise<void> {
    shown = now;
    sequence += 1;
    nextAtMs = runtime.monotonic() + PACE_MS;
    if (streamId === undefined) begunAtMs = runtime.monotonic();
    try {
      const answer = await send({ ...now, sequence, streamId });
      // The next update has the whole text again.
      if (wasDropped(answer)) shown = undefined;
      streamId ??= startedSchema.parse(answer).id;
    } catch (error) {
      if (!isSluiceError(error) || !isPassing(error, streamId)) throw error;
      shown = undefined;
      if (streamId === undefined) sequence = 0;
      nextAtMs = Math.max(nextAtMs, runtime.monotonic() + (error.retryAfterMs ?? 2 * PACE_MS));
    }
  }

  async function pump(): Promise<void> {
    if (next?.kind === 'streaming' && shown === undefined) nextAtMs = runtime.monotonic() + FIRST_MS;
    while (isDue()) {
      await runtime.sleep(Math.max(0, nextAtMs - runtime.monotonic()), waiting).catch(() => {});
      if (waiting.aborted) return;
      if (isLate()) isOpen = false;
      else await update(next!);
    }
  }

  function start(): void {
    if (pumping || !isDue()) return;
    pumping = pump()
      .catch((error: unknown) => {
        isOpen = false;
        if (isSluiceError(error) && error.code === STOPPED) stopped.abort();
      })
      .finally(() => {
        pumping = undefined;
        // Words may have come while the last request was under way.
        start();
      });
  }

  return {
    stopped: stopped.signal,
    show: (given) => {
      next = given;
      start();
    },
    end: async () => {
      ended.abort();
      await pumping;
      return { streamId, isOpen: isOpen && streamId !== undefined && !isLate(), nextAtMs };
    },
  };
}

/** Too fast, or a fault of the service. Whether a first update stands after a fault, nobody knows. */
const isPassing = ({ code }: { readonly code: string }, streamId: string | undefined): boolean =>
  NOT_DONE.has(code) || (code === SERVICE_FAILED && streamId !== undefined);

const NOT_DONE: ReadonlySet<string> = new Set(['bot_throttled', 'conversation_busy', 'bot_windows_full']);
const SERVICE_FAILED = 'bot_service_error';
