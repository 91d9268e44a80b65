import { rangeOf } from '../graph/modified-range.ts';
import { GraphRefusal, refusals } from '../protocol/graph-refusal.ts';
import { userIdentityType } from '../tenant/identities.ts';
import { isSystemEvent } from '../tenant/message.ts';
import type { ModifiedRange, TwinChatMessage } from '../tenant/types.ts';

export interface ChatMessageFilter {
  readonly range: ModifiedRange;
  keep(message: TwinChatMessage): boolean;
}

const RANGE = 'lastModifiedDateTime';
const clause = /^\(?\s*([\w/]+)\s+(eq|ne)\s+'([^']*)'\s*\)?$/;

/** What a sender is told apart by; each is compared by `eq`. */
const senders: Readonly<Record<string, (from: TwinChatMessage['from']) => string | undefined>> = {
  'from/user/id': (from) => (from && !('type' in from) ? from.id : undefined),
  'from/user/userIdentityType': (from) => (from && !('type' in from) ? userIdentityType(from) : undefined),
  'from/application/applicationIdentityType': (from) => (from && 'type' in from ? from.type : undefined),
};

/**
 * The filter of the export of a user's chats: a range of time, and clauses on the sender or the type of the message,
 * joined by `or`. It lets a client ask each user only for what that user sent.
 *
 * @see https://learn.microsoft.com/en-us/graph/api/chats-getallmessages
 */
export function exportFilter(query: URLSearchParams): ChatMessageFilter {
  const parts = (query.get('$filter') ?? '').split(/\s+and\s+/i).filter((part) => part.trim() !== '');
  const isRange = (part: string) => part.includes(RANGE);
  const ranges = parts.filter(isRange);
  const alternatives = parts
    .filter((part) => !isRange(part))
    .map((part) =>
      part
        .trim()
        .split(/\s+or\s+/i)
        .map(test),
    );
  return {
    range: rangeOf(ranges.length > 0 ? ranges.join(' and ') : null, RANGE, ['gt', 'lt']),
    keep: (message) => alternatives.every((tests) => tests.some((holds) => holds(message))),
  };
}

function test(text: string): (message: TwinChatMessage) => boolean {
  const [, property, operator, value] = clause.exec(text.trim()) ?? [];
  if (property === undefined || value === undefined)
    throw new GraphRefusal(refusals.badRequest('Invalid filter clause'));
  if (property === 'messageType' && value === 'systemEventMessage') {
    return (message) => isSystemEvent(message) === (operator === 'eq');
  }
  const sender = senders[property];
  if (!sender || operator !== 'eq') {
    const kind = operator === 'eq' ? 'Equal' : 'NotEqual';
    throw new GraphRefusal(
      refusals.badRequest(
        `The entity property '${property}' and operationKind '${kind}' is not allowed in $filter query.`,
      ),
    );
  }
  return ({ from }) => sender(from) === value;
}
