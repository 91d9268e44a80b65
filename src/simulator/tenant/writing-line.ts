import { guid } from './generator/chance.ts';
import type { WritingRecord } from './line-schema.ts';
import { invalidLine, type LinePosition } from './lines.ts';
import { isSystemEvent, type WritingFields } from './message.ts';
import type { TwinAttachment, TwinHistoryItem, TwinMention, TwinReaction, TwinUser, TwinWriting } from './types.ts';

/** Who can have written in a place. */
export interface People {
  user(id: string): TwinUser | undefined;
  /** Makes ids that a line leaves out. */
  readonly random: () => number;
  /** Who they are, for complaints: `a user in users.jsonl`. */
  readonly who: string;
}

/** The id of a message whose line has none: its creation, moved on until it is free. */
export function freeId(createdMs: number, taken: Pick<ReadonlySet<string>, 'has'>): string {
  let id = createdMs;
  while (taken.has(String(id))) id += 1;
  return String(id);
}

/** What a line of a message says beside its place. */
export function writingOf(people: People, record: WritingRecord, position: LinePosition): WritingFields {
  const reactions = record.reactions?.length ? toReactions(people, record.reactions, position) : undefined;
  const history = record.messageHistory
    ? toHistory(people, record.messageHistory, position)
    : reactions?.map(reactionAdded);
  return {
    id: record.id,
    createdMs: record.createdDateTime,
    modifiedMs: record.lastModifiedDateTime ?? undefined,
    modifiedStamp: record.modifiedStamp,
    editedMs: record.lastEditedDateTime,
    deletedMs: record.deletedDateTime,
    from: record.from === null ? record.application : userOf(people, record.from, position, 'from'),
    subject: record.subject,
    summary: record.summary,
    policyViolation: record.policyViolation,
    importance: record.importance,
    contentType: record.body.contentType,
    content: record.body.content,
    mentions: record.mentions?.map(toMention),
    attachments: record.attachments?.map((attachment) => toAttachment(people, attachment)),
    hostedContents: record.hostedContents ?? undefined,
    reactions,
    history,
    eventDetail: record.eventDetail,
  };
}

export function userOf(people: People, id: string, position: LinePosition, field: string): TwinUser {
  const user = people.user(id);
  if (!user) throw invalidLine(position, field, `"${id}" must be the id of ${people.who}`);
  return user;
}

type ReactionRecord = NonNullable<WritingRecord['reactions']>[number];

function toReactions(people: People, records: readonly ReactionRecord[], position: LinePosition): TwinReaction[] {
  const given = new Set<string>();
  return records.map((record, index) => {
    const key = `${record.userId} ${record.reactionType}`;
    if (given.has(key)) {
      throw invalidLine(position, `reactions.${index}`, 'must be the only one of its type by this user');
    }
    given.add(key);
    return toReaction(people, record, position, `reactions.${index}.userId`);
  });
}

function toReaction(people: People, record: ReactionRecord, position: LinePosition, field: string): TwinReaction {
  const user = userOf(people, record.userId, position, field);
  return { reactionType: record.reactionType, custom: record.custom, user, createdMs: record.createdDateTime };
}

function toHistory(
  people: People,
  records: NonNullable<WritingRecord['messageHistory']>,
  position: LinePosition,
): TwinHistoryItem[] {
  return records.map(({ actions, modifiedDateTime, reaction }, index) => ({
    actions,
    modifiedMs: modifiedDateTime,
    reaction: toReaction(people, reaction, position, `messageHistory.${index}.reaction.userId`),
  }));
}

function reactionAdded(reaction: TwinReaction): TwinHistoryItem {
  return { actions: 'reactionAdded', modifiedMs: reaction.createdMs, reaction };
}

function toMention({ id, mentionText, mentioned }: NonNullable<WritingRecord['mentions']>[number]): TwinMention {
  return {
    id,
    mentionText,
    mentioned: { application: null, device: null, user: null, conversation: null, ...mentioned },
  };
}

function toAttachment(people: People, record: NonNullable<WritingRecord['attachments']>[number]): TwinAttachment {
  return {
    id: record.id ?? guid(people.random),
    contentType: record.contentType,
    contentUrl: record.contentUrl ?? null,
    content: record.content ?? null,
    name: record.name ?? null,
    thumbnailUrl: record.thumbnailUrl ?? null,
    teamsAppId: record.teamsAppId ?? null,
  };
}

/** What of a message its line says beside its place, as {@link writingOf} reads it. */
export function writingRecord(message: TwinWriting): object {
  const { from } = message;
  const user = from && !('type' in from) ? from : null;
  return {
    id: message.id,
    from: user?.id ?? null,
    createdDateTime: dateTime(message.createdMs),
    lastModifiedDateTime: dateTime(message.modifiedMs),
    ...(message.modifiedStamp !== 'written' && { modifiedStamp: message.modifiedStamp }),
    ...(message.editedMs !== null && { lastEditedDateTime: dateTime(message.editedMs) }),
    ...(message.deletedMs !== null && { deletedDateTime: dateTime(message.deletedMs) }),
    ...(message.subject !== null && { subject: message.subject }),
    ...(message.summary !== null && { summary: message.summary }),
    ...(message.policyViolation !== null && { policyViolation: message.policyViolation }),
    ...(message.importance !== 'normal' && { importance: message.importance }),
    body: { contentType: message.contentType, content: message.content },
    ...(message.reactions.length > 0 && { reactions: message.reactions.map(reactionRecord) }),
    ...(message.history.length > 0 && {
      messageHistory: message.history.map(({ actions, modifiedMs, reaction }) => ({
        actions,
        modifiedDateTime: dateTime(modifiedMs),
        reaction: reactionRecord(reaction),
      })),
    }),
    ...(message.mentions.length > 0 && { mentions: message.mentions }),
    ...(message.attachments.length > 0 && { attachments: message.attachments }),
    hostedContents: message.hostedContents.length > 0 ? message.hostedContents : undefined,
    ...(from && !user && { application: from }),
    ...(isSystemEvent(message) && { eventDetail: message.eventDetail }),
  };
}

function reactionRecord({ reactionType, custom, user, createdMs }: TwinReaction) {
  return { reactionType, ...(custom && { custom }), userId: user.id, createdDateTime: dateTime(createdMs) };
}

/** As a line says it. */
export const dateTime = (ms: number) => new Date(ms).toISOString();
