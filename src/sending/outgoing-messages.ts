import { isSluiceError, type SluiceError } from '../errors/sluice-error.ts';
import type { Message, Subject } from '../messages/types.ts';
import { newMessageRow } from '../outbox/new-message.ts';
import type { NewMessage } from '../outbox/types.ts';
import { digest } from '../router/notification.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { OutboxTarget } from './destinations.ts';
import { deadLetterOf, type Outgoing, partsOf, type Unrenderable } from './outgoing.ts';
import type { Rendered, Renderer } from './render/render.ts';

export interface OutgoingOptions {
  readonly renderer: Renderer;
  readonly runtime: Runtime;
  readonly telemetry: Telemetry;
  /** Where the outbox is to send what is for a receiver. */
  readonly targetOf: (tenant: string, receiver: string) => OutboxTarget;
  readonly ttlMs: () => number | undefined;
}

type Stored = NewMessage<Outgoing | Unrenderable>;

/**
 * What the outbox stores of the messages of one group. Never throws: a message that cannot be shown in any form becomes
 * a dead letter with its reason, and the others are sent.
 */
export async function outgoingMessages(
  { messages, stopOnError, groupKey }: { messages: readonly Message[]; stopOnError: boolean; groupKey: string },
  options: OutgoingOptions,
): Promise<Stored[]> {
  const stored: Stored[] = [];
  const chained = stopOnError && messages.length > 1;
  for (const message of messages) {
    const previous = stored.at(-1);
    const chain: Chain = {
      lane: chained ? `chain ${digest([groupKey])}` : undefined,
      after: chained ? previous?.id : undefined,
      notifier: chained ? previous?.notifier : undefined,
    };
    stored.push(...(await outgoingParts(message, chain, options)));
  }
  return stored;
}

/** What waits for another message stands in one lane with it, and lanes are the notifiers' own. */
interface Chain {
  readonly lane: string | undefined;
  readonly after: string | undefined;
  readonly notifier: string | undefined;
}

async function outgoingParts(
  message: Message,
  { lane, after, notifier }: Chain,
  { renderer, runtime, telemetry, targetOf, ttlMs }: OutgoingOptions,
): Promise<Stored[]> {
  const { receiver, tenant, id, fallback } = message;
  const own = targetOf(tenant, receiver);
  const target = { ...own, notifier: notifier ?? own.notifier };
  // Where one message waits for another, order is all.
  const series = lane === undefined ? digest([message.groupKey]) : undefined;
  try {
    const { bodies, ...rendered } = await renderer.render(message);
    tellRendered(receiver, rendered, telemetry);
    const parts = partsOf(message, bodies, {
      changes: rendered,
      target,
      fallback: fallback && targetOf(tenant, fallback.receiver),
      lane,
      series,
      after,
      ttlMs: shorter(ttlMs(), message.repeatMs),
      coalesceKey: coalesceKeyOf(message),
      subject: subjectOf(message),
    });
    // What the outbox would refuse must not stop the transaction that others are in.
    for (const part of parts) newMessageRow(part, runtime);
    return parts;
  } catch (error) {
    const code = isSluiceError(error) ? error.code : 'unexpected';
    telemetry.log('message.unrenderable', { messageId: id, receiver, code });
    return [deadLetterOf(message, { target, series, code })];
  }
}

/**
 * The same for messages of a group that say the same of the same alerts, so that a repeat replaces the one that waits. A
 * message that says anything else replaces nothing: no change is lost. Of events each is said.
 */
function coalesceKeyOf({ groupKey, receiver, notifications, senderGroup }: Message): string | undefined {
  if (notifications.some(({ status }) => status === 'event')) return undefined;
  const said = notifications.map(({ fingerprint, status }) => `${status} ${fingerprint}`).sort();
  return digest([groupKey, receiver, said, senderGroup?.truncatedAlerts ?? 0]);
}

/** Alerts change; an event is said once. */
function subjectOf(message: Message): Subject | undefined {
  const said = coalesceKeyOf(message);
  return said === undefined ? undefined : { key: digest([message.groupKey]), said };
}

const shorter = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);

/** Places named in one log line: enough to find the cause. */
const MAX_PLACES = 10;
const named = (places: readonly string[]) => [...new Set(places)].slice(0, MAX_PLACES);

/** Says in log and metric what could not be shown as it was meant. */
export function tellRendered(
  receiver: string,
  { fellBack, refusedLinks, droppedValues, charactersNotSent, removedCharacters }: Omit<Rendered, 'bodies'>,
  telemetry: Telemetry,
): void {
  if (fellBack) {
    telemetry.log('card.fell_back', { code: fellBack.code, receiver, place: placeOf(fellBack) });
    telemetry.count('teams.card.fell_back', 1, { code: fellBack.code });
  }
  if (charactersNotSent > 0) {
    telemetry.log('card.shortened', { receiver, count: charactersNotSent });
    telemetry.count('teams.card.characters_not_sent', charactersNotSent, {});
  }
  if (removedCharacters > 0) {
    telemetry.log('card.characters_removed', { receiver, count: removedCharacters });
    telemetry.count('teams.card.characters_removed', removedCharacters, {});
  }
  if (refusedLinks.length > 0) {
    telemetry.log('card.links_refused', { receiver, count: refusedLinks.length, places: named(refusedLinks) });
    telemetry.count('teams.card.links_refused', refusedLinks.length, {});
  }
  if (droppedValues.length > 0) {
    telemetry.log('card.values_dropped', { receiver, count: droppedValues.length, places: named(droppedValues) });
    telemetry.count('teams.card.values_dropped', droppedValues.length, {});
  }
}

/** Where in the card or template the first fault is: a path and its reason, never data. */
function placeOf({ details, message }: SluiceError): string {
  const [first] = [details['places'], details['faults']].flatMap((list) => (Array.isArray(list) ? list : []));
  return String(first ?? message);
}
