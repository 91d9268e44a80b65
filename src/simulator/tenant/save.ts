import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { makeFolders } from '../../runtime/folders.ts';
import { chatMessageRecords, chatRecords, federatedRecords } from '../collections/chat-lines.ts';
import type { Tenant, TwinMessage } from './types.ts';
import { writingRecord } from './writing-line.ts';

/** Writes the tenant as `loadTenant` reads it. What soft deletes took is not kept. */
export async function saveTenant(dir: string, tenant: Tenant): Promise<void> {
  await makeFolders(dir);
  await writeLines(dir, 'users', tenant.users());
  await writeLines(dir, 'teams', teamRecords(tenant));
  await writeLines(dir, 'channels', channelRecords(tenant));
  await writeLines(dir, 'messages', messageRecords(tenant));
  await writeLines(dir, 'federated', federatedRecords(tenant));
  await writeLines(dir, 'chats', chatRecords(tenant));
  await writeLines(dir, 'chat-messages', chatMessageRecords(tenant));
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

const messageRecord = ({ channel, root, ...message }: TwinMessage): unknown => ({
  channelId: channel.id,
  ...(root && { replyToId: root.id }),
  ...writingRecord(message),
});
