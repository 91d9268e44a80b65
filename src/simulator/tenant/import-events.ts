import { invalidEvent, type TwinEvent } from './event-schema.ts';
import { pickChannel, pickTeam, pickUser } from './event-targets.ts';
import { newChannel } from './generator/organization.ts';
import { pickTopic, replyText, rootText } from './generator/texts.ts';
import { newMessage, type StoredMessage } from './message.ts';
import { freeTimeMs } from './message-events.ts';
import type { TenantStore } from './store.ts';
import type { TwinChannel } from './types.ts';

type Import = Extract<TwinEvent, { type: 'import' }>;

const usual = { messages: 50, repliesShare: 0.3, years: 20 } as const;
const yearMs = 365.25 * 86_400_000;

/**
 * Brings history from elsewhere into a channel, or into a new one: messages of old times that arrive now.
 *
 * @see https://learn.microsoft.com/microsoftteams/platform/graph-api/import-messages/import-external-messages-to-teams
 */
export function importMessages(tenant: TenantStore, event: Import, nowMs: number): TwinChannel {
  const times = timesOf(tenant, event, nowMs);
  const channel =
    event.channelId === undefined ? migratedChannel(tenant, event, times[0]!, nowMs) : existing(tenant, event);
  let root: StoredMessage | undefined;
  for (const timeMs of times) {
    const isReply = event.times === undefined && root && tenant.random() < (event.repliesShare ?? usual.repliesShare);
    const message = imported(tenant, event, { channel, root: isReply ? root! : null, timeMs, nowMs });
    tenant.addMessage(message);
    if (!message.root) root = message;
  }
  if (event.hidden) tenant.removeChannel(channel.id);
  return channel;
}

export function completeMigration(
  tenant: TenantStore,
  event: Extract<TwinEvent, { type: 'completeMigration' }>,
): TwinChannel {
  const channel = pickChannel(tenant, event, ({ migrationMode }) => migrationMode === 'inProgress');
  if (channel.migrationMode !== 'inProgress') throw invalidEvent('channelId', 'the channel is not being migrated');
  tenant.changeChannel(channel.id, { migrationMode: 'completed' });
  return channel;
}

/** Oldest first. */
function timesOf(tenant: TenantStore, event: Import, nowMs: number): number[] {
  if (event.times) return [...event.times].sort((a, b) => a - b);
  const toMs = event.to ?? nowMs;
  const fromMs = event.from ?? toMs - usual.years * yearMs;
  if (fromMs >= toMs) throw invalidEvent('from', 'must be before to');
  const count = event.messages ?? usual.messages;
  const times = Array.from({ length: count }, () => fromMs + Math.floor(tenant.random() * (toMs - fromMs)));
  return times.sort((a, b) => a - b);
}

function existing(tenant: TenantStore, event: Import): TwinChannel {
  const channel = pickChannel(tenant, event);
  tenant.changeChannel(channel.id, {
    migrationMode: event.migrationMode ?? 'completed',
    originalCreatedDateTime: channel.originalCreatedDateTime ?? channel.createdDateTime,
  });
  return channel;
}

/** The migrated channel says that it is as old as its first message; when it was really made stands beside it. */
function migratedChannel(tenant: TenantStore, event: Import, firstMs: number, nowMs: number): TwinChannel {
  const channel = newChannel(tenant.random, {
    team: pickTeam(tenant, event.teamId, ({ isArchived }) => !isArchived),
    displayName: event.displayName ?? `Imported ${new Date(firstMs).getUTCFullYear()}`,
    membershipType: 'standard',
    createdMs: firstMs,
    migrationMode: event.migrationMode ?? 'completed',
    originalCreatedMs: nowMs,
  });
  tenant.addChannel(channel);
  return channel;
}

interface Imported {
  readonly channel: TwinChannel;
  readonly root: StoredMessage | null;
  readonly timeMs: number;
  readonly nowMs: number;
}

function imported(tenant: TenantStore, event: Import, { channel, root, timeMs, nowMs }: Imported): StoredMessage {
  const topic = pickTopic(tenant.random);
  const text = root ? replyText(tenant.random, topic) : rootText(tenant.random, topic);
  return newMessage({
    channel,
    root,
    createdMs: freeTimeMs(tenant, channel, root, timeMs),
    modifiedStamp: event.modifiedStamp,
    arrivedMs: nowMs,
    from: pickUser(tenant, undefined, channel.id),
    contentType: 'html',
    content: `<p>${text}</p>`,
  });
}
