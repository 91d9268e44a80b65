import type { Message } from '../messages/types.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { MessageDetail, OutboxEvent } from '../outbox/types.ts';
import type { WorkOptions } from '../outbox/work-options.ts';
import type { Send } from '../router/explain/delivery-report.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { outcomeOf } from './delivery.ts';
import type { OutboxTarget } from './destinations.ts';
import { partsOf } from './outgoing.ts';
import { tellRendered } from './outgoing-messages.ts';
import type { Renderer } from './render/render.ts';
import { isOver } from './work-settings.ts';

/** How often to look for messages that another process delivers. */
const ELSEWHERE_POLL_MS = 50;

interface DirectDeliveryOptions {
  readonly renderer: Renderer;
  readonly outbox: Outbox;
  readonly targetFor: (tenant: string, receiver: string) => OutboxTarget;
  readonly workOptions: (signal: AbortSignal) => WorkOptions;
  readonly runtime: Runtime;
  readonly telemetry: Telemetry;
}

/** Messages that go past routing: stored, worked on at once, and waited for. */
export class DirectDelivery {
  readonly #options: DirectDeliveryOptions;

  constructor(options: DirectDeliveryOptions) {
    this.#options = options;
  }

  /** Delivers a message, or says how far it came within `waitMs`: what is not over by then stays in the outbox. */
  async send(message: Message, waitMs: number, signal: AbortSignal): ReturnType<Send> {
    const { ids, ...cut } = await this.#enqueue(message);
    await this.#deliver(ids, waitMs, signal);
    return { ...outcomeOf(await this.#show(ids)), changes: { parts: ids.length, ...cut } };
  }

  async #enqueue(message: Message): Promise<{ ids: string[]; charactersNotSent: number; removedCharacters: number }> {
    const { renderer, outbox, targetFor, telemetry } = this.#options;
    const { bodies, ...rendered } = await renderer.render(message);
    tellRendered(message.receiver, rendered, telemetry);
    const target = targetFor(message.tenant, message.receiver);
    const parts = partsOf(message, bodies, { target, changes: rendered });
    const attributes = { notifications: message.notifications.length };
    const store = async () => await outbox.enqueueMany(parts);
    const receipts = await telemetry.span('teams.notification.accept', attributes, store);
    const { charactersNotSent, removedCharacters } = rendered;
    return { ids: receipts.map(({ id }) => id), charactersNotSent, removedCharacters };
  }

  async #show(ids: readonly string[]): Promise<MessageDetail[]> {
    return await Promise.all(ids.map((id) => this.#options.outbox.show(id)));
  }

  /** Works the outbox until these messages are over or wait longer than `waitMs`. Another worker may deliver some. */
  async #deliver(ids: readonly string[], waitMs: number, signal: AbortSignal): Promise<void> {
    const { runtime } = this.#options;
    const endAt = runtime.monotonic() + waitMs;
    const leftMs = () => Math.max(0, endAt - runtime.monotonic());
    for (;;) {
      await this.#drainUntilOver(ids, leftMs(), signal);
      const isDue = ({ finishedAtMs, nextAttemptAtMs }: MessageDetail) =>
        finishedAtMs === undefined && nextAttemptAtMs <= runtime.now() + leftMs();
      if (signal.aborted || leftMs() === 0 || !(await this.#show(ids)).some(isDue)) return;
      await runtime.sleep(ELSEWHERE_POLL_MS, signal).catch(() => {});
    }
  }

  async #drainUntilOver(ids: readonly string[], waitMs: number, signal: AbortSignal): Promise<void> {
    const { outbox, workOptions } = this.#options;
    const open = new Set(ids);
    const over = new AbortController();
    const options = workOptions(AbortSignal.any([signal, over.signal]));
    const observe = (event: OutboxEvent) => {
      options.observe?.(event);
      if ('state' in event && isOver(event.state)) open.delete(event.id);
      if (open.size === 0) over.abort();
    };
    await outbox.drain({ ...options, observe, waitMs });
  }
}
