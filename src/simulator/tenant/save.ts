import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { makeFolders } from '../../runtime/folders.ts';
import { isSystemEvent } from './message.ts';
import type { Tenant, TwinMessage, TwinReaction } from './types.ts';

/** Writes the tenant as `loadTenant` reads it. What soft deletes took is not kept, nor are chats. */
export async function saveTenant(dir: string, tenant: Tenant): Promise<void> {
  await makeFolders(dir);
  await writeLines(dir, 'users', tenant.users());
  await writeLines(dir, 'teams', teamRecords(tenant));
  await writeLines(dir, 'channels', channelRecords(tenant));
  await writeLines(dir, 'messages', messageRecords(tenant));
}

async function writeLines(dir: string, name: string, records: Iterable<unknown>): Promise<void> {
  await pipeline(Readable.from(blocks(records)), createWriteStream(join(dir, `${name}.jsonl`)));
}

const BLOCK_LINES = 1000;

function* blocks(records: Iterable<unknown>): Iterable<string> {
  let lines: string[] = [];
  for (const record of records) {
    lines.push(`${JSON.stringify(record)}\n`);
    if (lines.length < BLOCK_LINES) continue;
    yield lines.join('');
    lines = [];
  }
  yield lines.join('');
}

function* teamRecords(tenant: Tenant): Iterable<unknown> {
  for (const { internalId: _, webUrl: __, ...team } of tenant.teams()) {
    yield { ...team, members: tenant.teamMembers(team.id).map(({ userId }) => userId) };
  }
}

function* channelRecords(tenant: Tenant): Iterable<unknown> {
  for (const team of tenant.teams()) {
    for (const { email: _, webUrl: __, ...channel } of tenant.channels(team.id)) {
      if (channel.membershipType === 'standard') yield channel;
      else yield { ...channel, members: tenant.channelMembers(channel.id).map(({ userId }) => userId) };
    }
  }
}

function* messageRecords(tenant: Tenant): Iterable<unknown> {
  for (const team of tenant.teams()) {
    for (const { id } of tenant.channels(team.id)) {
      for (const message of tenant.changes(id, 0)) yield messageRecord(message);
    }
  }
}

function messageRecord(message: TwinMessage): unknown {
  const { from } = message;
  const user = from && !('type' in from) ? from : null;
  return {
    id: message.id,
    channelId: message.channel.id,
    ...(message.root && { replyToId: message.root.id }),
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
    ...(from && !user && { application: from }),
    ...(isSystemEvent(message) && { eventDetail: message.eventDetail }),
  };
}

function reactionRecord({ reactionType, custom, user, createdMs }: TwinReaction) {
  return { reactionType, ...(custom && { custom }), userId: user.id, createdDateTime: dateTime(createdMs) };
}

const dateTime = (ms: number) => new Date(ms).toISOString();
