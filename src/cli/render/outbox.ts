import { cardToText } from '../../cards/index.ts';
import type { AttemptRecord, MessageDetail, MessageSummary, OutboxStats } from '../../outbox/types.ts';
import { payloadOf, type TextChanges, withoutText } from '../../sending/outgoing.ts';
import { renderTable } from './table.ts';

/** Messages as a table. */
export function renderMessages(
  messages: readonly (MessageSummary & TextChanges)[],
  options: { columns: number },
): string {
  if (messages.length === 0) return '';
  const rows = messages.map((one) => [
    one.id,
    one.state,
    one.destination,
    one.attempts,
    time(one.enqueuedAtMs),
    whyOf(one),
  ]);
  return `${renderTable(['id', 'state', 'to', 'attempts', 'accepted', 'why'], rows, options)}\n\n`;
}

function whyOf({ errorCode, charactersNotSent, removedCharacters }: MessageSummary & TextChanges): string {
  const parts = [
    ...(errorCode === undefined ? [] : [errorCode]),
    ...(charactersNotSent === undefined ? [] : [`shortened by ${charactersNotSent}`]),
    ...(removedCharacters === undefined ? [] : [`${removedCharacters} taken away`]),
  ];
  return parts.join(', ');
}

/** Counts by state, those that are not zero. */
export function renderStats({ states, endpoints, unknowns }: OutboxStats): string {
  const counts = Object.entries(states).filter(([, count]) => count > 0);
  const messages = counts.map(([state, count]) => `${count} ${state}`).join(', ') || 'empty';
  const ill = Object.entries(endpoints).filter(([state, count]) => state !== 'healthy' && count > 0);
  return [
    `Messages: ${messages}.`,
    ...(ill.length > 0 ? [`Endpoints: ${ill.map(([state, count]) => `${count} ${state}`).join(', ')}.`] : []),
    ...(unknowns > 0 ? [`Attempts whose result nobody knows: ${unknowns}.`] : []),
    '',
  ].join('\n');
}

/** One message and its attempts. */
export function renderMessage(message: MessageDetail, options: { columns: number; content: boolean }): string {
  const payload = payloadOf(message.payload);
  const body = 'body' in payload ? payload.body : undefined;
  const { charactersNotSent, removedCharacters } = withoutText(message);
  return [
    `${message.id}: ${message.state}${message.deadReason ? ` (${message.deadReason})` : ''}, to ${message.destination}`,
    `accepted ${time(message.enqueuedAtMs)}${endOf(message)}`,
    ...(message.receipt === undefined ? [] : [`receipt ${message.receipt}`]),
    ...(message.replaced === undefined ? [] : [`replaced ${message.replaced} older that still waited`]),
    ...(message.fellBackTo === undefined ? [] : [`sent elsewhere as ${message.fellBackTo}`]),
    ...(charactersNotSent === undefined ? [] : [`shortened: ${charactersNotSent} characters were not sent`]),
    ...(removedCharacters === undefined
      ? []
      : [`${removedCharacters} control or direction characters were taken away`]),
    ...(message.errorMessage === undefined ? [] : [`${message.errorCode}: ${message.errorMessage}`]),
    ...(message.history.length === 0 ? [] : ['', attempts(message.history, options)]),
    ...(options.content && body ? ['', cardToText(body.attachments[0].content)] : []),
    '',
  ].join('\n');
}

function endOf({ finishedAtMs, nextAttemptAtMs }: MessageDetail): string {
  return finishedAtMs === undefined ? `, next attempt ${time(nextAttemptAtMs)}` : `, over ${time(finishedAtMs)}`;
}

function attempts(history: readonly AttemptRecord[], options: { columns: number }): string {
  const rows = history.map((one) => [
    one.attempt,
    time(one.startedAtMs),
    one.finishedAtMs === undefined ? null : one.finishedAtMs - one.startedAtMs,
    one.outcome ?? 'in flight',
    one.errorCode ?? '',
  ]);
  return renderTable(['attempt', 'began', 'took ms', 'outcome', 'why'], rows, options);
}

/** The last instant of JavaScript's calendar. https://tc39.es/ecma262/#sec-time-values-and-time-range */
const LAST_MS = 8.64e15;

/** What is stored is shown, whatever it is. */
const time = (ms: number) => (Math.abs(ms) <= LAST_MS ? new Date(ms).toISOString() : `${ms} ms`);
