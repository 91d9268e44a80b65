import { createHash } from 'node:crypto';
import { graphDateTime } from '../tenant/date-time.ts';
import { hostedBytes, keptFor } from '../tenant/hosted-content.ts';
import type { LedgerRow } from '../tenant/ledger-row.ts';
import type { Tenant, TwinChatMessage, TwinMessage, TwinReaction, TwinWriting } from '../tenant/types.ts';
import type { LedgerRows } from './collection.ts';

/** Rows taken out of a message carry the message's time. */
const modifiedOf = ({ modifiedMs, modifiedStamp }: TwinWriting) => ({
  lastModifiedDateTime: modifiedStamp === 'written' ? graphDateTime(modifiedMs) : null,
});

export const timesOf = (message: TwinWriting): LedgerRow => ({
  ...modifiedOf(message),
  deletedDateTime: message.deletedMs === null ? null : graphDateTime(message.deletedMs),
});

/** Custom reactions of one person are told apart by name and picture; others have neither. */
function customKey(custom: TwinReaction['custom']): LedgerRow {
  return custom ? { custom_name: custom.displayName, custom_picture: custom.contentUrl } : {};
}

/** The pictures and the code of messages. */
export const hostedContentRows = <M extends TwinChatMessage | TwinMessage>(
  messages: (tenant: Tenant) => Iterable<M>,
  placeColumns: (message: M) => LedgerRow,
): LedgerRows =>
  function* (tenant) {
    for (const message of messages(tenant)) {
      const place = { ...placeColumns(message), message_id: message.id };
      for (const content of keptFor(message)) {
        const { id, contentType, size } = content;
        const sha256 = createHash('sha256').update(hostedBytes(content)).digest('hex');
        yield { ...place, id, ...modifiedOf(message), contentType, size, sha256 };
      }
    }
  };

/** The tables of the lists inside messages: `NAME_reactions`, `NAME_mentions`, `NAME_attachments`. */
export function listRows<M extends TwinWriting>(
  name: string,
  messages: (tenant: Tenant) => Iterable<M>,
  placeColumns: (message: M) => LedgerRow,
): Readonly<Record<string, LedgerRows>> {
  const rows = (keysOf: (message: M) => readonly LedgerRow[]): LedgerRows =>
    function* (tenant) {
      for (const message of messages(tenant)) {
        const place = { ...placeColumns(message), message_id: message.id };
        for (const key of keysOf(message)) yield { ...place, ...key, ...modifiedOf(message) };
      }
    };
  return {
    [`${name}_reactions`]: rows(({ reactions }) =>
      reactions.map(({ user, reactionType, custom }) => ({
        user_id: user.id,
        reaction_type: reactionType,
        ...customKey(custom),
      })),
    ),
    [`${name}_mentions`]: rows(({ mentions }) => mentions.map(({ id }) => ({ id }))),
    [`${name}_attachments`]: rows(({ attachments }) => attachments.map(({ id }) => ({ id }))),
  };
}
