import type { SluiceError } from '../../errors/sluice-error.ts';
import { twinErrors } from '../errors.ts';
import { bodyText, type TwinAnswer } from '../protocol/exchange.ts';
import type { Tenant, TwinChatMessage, TwinMessage } from '../tenant/types.ts';
import type { RecordRule } from './fault-rule.ts';

/** A record that a rule is bound to. Undefined parts match anything. */
export interface HeldRecord {
  readonly id: string;
  readonly channelId?: string | undefined;
  readonly chatId?: string | undefined;
  readonly rootId?: string | null | undefined;
}

/** A record of an answer, as parsed. */
export type AnswerRecord = Record<string, unknown>;

/**
 * The record that a rule names: looked up once, when the rule is set, so that what is written later moves nothing.
 *
 * @throws SluiceError `twin_input_invalid` when there is no such message
 */
export function resolveRecord(rule: RecordRule, tenant: Tenant): HeldRecord {
  if ('id' in rule) return rule;
  const messages = messagesOf(tenant, rule);
  if (rule.of !== undefined && messages.length !== rule.of) {
    throw noSuchMessage('holds.of', `there are ${messages.length} messages, not ${rule.of}`);
  }
  const found = messages.at(rule.message > 0 ? rule.message - 1 : rule.message);
  if (!found) throw noSuchMessage('holds.message', `there are only ${messages.length} messages`);
  if ('chat' in found) return { id: found.id, chatId: found.chat.id };
  return { id: found.id, channelId: found.channel.id, rootId: found.root?.id ?? null };
}

type MessageRule = Extract<RecordRule, { message: number }>;

function messagesOf(tenant: Tenant, rule: MessageRule): (TwinMessage | TwinChatMessage)[] {
  if (rule.chatId !== undefined) return [...tenant.chats.messages(rule.chatId, 'created')].reverse();
  const teams = rule.teamId === undefined ? tenant.teams().map(({ id }) => id) : [rule.teamId];
  const channels = rule.channelId === undefined ? teams.flatMap((id) => tenant.channels(id)) : [{ id: rule.channelId }];
  const messages: TwinMessage[] = channels.flatMap(({ id }) => [...tenant.changes(id, 0)]);
  return messages.sort((a, b) => a.createdMs - b.createdMs || a.sequence - b.sequence);
}

function noSuchMessage(field: string, problem: string): SluiceError {
  return twinErrors.twin_input_invalid({ place: 'POST /_twin/faults', field, problem, valid: [] });
}

/** Every record of a page: rows, inline replies, a single entity. */
export function* recordsIn(page: AnswerRecord): Iterable<AnswerRecord> {
  const rows = Array.isArray(page['value']) ? page['value'] : [page];
  for (const row of rows as AnswerRecord[]) {
    yield row;
    if (Array.isArray(row['replies'])) yield* row['replies'] as AnswerRecord[];
  }
}

/** The JSON of a good answer. */
export function pageOf(answer: TwinAnswer): AnswerRecord | undefined {
  if (answer.status !== 200) return undefined;
  try {
    return JSON.parse(bodyText(answer)) as AnswerRecord;
  } catch {
    return undefined;
  }
}

/** True when the record is the one a rule is bound to. */
export function isHeld(record: AnswerRecord, held: HeldRecord): boolean {
  if (record['id'] !== held.id) return false;
  const place = record['channelIdentity'] as { channelId?: unknown } | null | undefined;
  if (held.channelId !== undefined && place?.channelId !== held.channelId) return false;
  if (held.chatId !== undefined && record['chatId'] !== held.chatId) return false;
  return held.rootId === undefined || (record['replyToId'] ?? null) === held.rootId;
}

export function holdsRecord(answer: TwinAnswer, held: HeldRecord): boolean {
  // Parsing a page costs much more than looking for the id in its bytes.
  if (!bodyText(answer).includes(JSON.stringify(held.id))) return false;
  const page = pageOf(answer);
  if (!page) return false;
  for (const record of recordsIn(page)) if (isHeld(record, held)) return true;
  return false;
}
