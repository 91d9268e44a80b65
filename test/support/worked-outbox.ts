import type { Notifier, Outcome } from '../../src/messages/types.ts';
import { openOutbox } from '../../src/outbox/outbox.ts';
import type { OutboxEvent } from '../../src/outbox/types.ts';
import { VirtualClock } from './virtual-clock.ts';

/** What a notifier was asked to deliver. */
export interface Sent {
  readonly id: string;
  readonly destination: string;
  readonly attempt: number;
  readonly atMs: number;
}

/** An outbox in virtual time, and a notifier that remembers what it was asked and answers as told. */
export async function workedOutbox(options: {
  readonly url: string;
  readonly answer: (sent: Sent) => Outcome | Promise<Outcome>;
  readonly endpointsOf?: Notifier['endpointsOf'] | undefined;
}) {
  const { url, answer, endpointsOf } = options;
  const runtime = new VirtualClock({ seed: 7 });
  const ended: string[] = [];
  const observe = (event: OutboxEvent) => {
    if (event.kind === 'ended') ended.push(`${event.id} ${event.deadReason ?? event.state}`);
  };
  const outbox = await openOutbox({ url, runtime, observe });
  const sent: Sent[] = [];
  const notifier: Notifier = {
    name: 'webhook',
    notify: async ({ id, destination, attempt }) => {
      const attempted = { id, destination, attempt, atMs: runtime.now() };
      sent.push(attempted);
      return await answer(attempted);
    },
    ...(endpointsOf && { endpointsOf }),
  };
  const settings = { notifiers: [notifier], waitMs: 0, observe };
  const drain = async () => await outbox.drain(settings);
  const later = async (ms: number) => {
    runtime.advance(ms);
    return await drain();
  };
  return { runtime, outbox, sent, ended, notifier, settings, drain, later };
}
