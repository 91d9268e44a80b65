import { invalidEvent } from './event-schema.ts';
import { pick } from './generator/chance.ts';
import { isSystemEvent, type StoredMessage } from './message.ts';
import type { TenantStore } from './store.ts';
import type { TwinChannel, TwinTeam, TwinUser } from './types.ts';

interface Place {
  readonly teamId?: string | undefined;
  readonly channelId?: string | undefined;
}

interface Target extends Place {
  readonly messageId?: string | undefined;
  readonly replyId?: string | undefined;
}

const TRIES = 50;

/** The team an event names, or any; `wanted` limits the choice. */
export function pickTeam(
  tenant: TenantStore,
  teamId: string | undefined,
  wanted: (team: TwinTeam) => boolean = () => true,
): TwinTeam {
  if (teamId !== undefined) return tenant.team(teamId) ?? refuse('teamId', `no team ${teamId}`);
  const teams = tenant.teams().filter(wanted);
  return teams.length > 0 ? pick(tenant.random, teams) : refuse('teamId', 'the tenant has no team for this event');
}

/** The channel an event names, or any of the named team, or any of a team that is not archived. */
export function pickChannel(
  tenant: TenantStore,
  { teamId, channelId }: Place,
  wanted: (channel: TwinChannel) => boolean = () => true,
): TwinChannel {
  if (channelId !== undefined) {
    const channel = tenant.channel(channelId) ?? refuse('channelId', `no channel ${channelId}`);
    if (teamId !== undefined && channel.teamId !== teamId) refuse('channelId', `not a channel of team ${teamId}`);
    return channel;
  }
  const teams =
    teamId === undefined ? tenant.teams().filter(({ isArchived }) => !isArchived) : [pickTeam(tenant, teamId)];
  const channels = teams.flatMap(({ id }) => tenant.channels(id)).filter(wanted);
  return channels.length > 0 ? pick(tenant.random, channels) : refuse('channelId', 'no channel for this event');
}

/** The root an event names, or any, recent ones more often. */
export function pickRoot(
  tenant: TenantStore,
  target: Target,
  wanted: (message: StoredMessage) => boolean = isAlive,
): StoredMessage {
  return pickMessage(tenant, { ...target, replyId: undefined }, (message) => message.root === null && wanted(message));
}

/** The message an event names, root or reply, or any that is `wanted`, recent ones more often. */
export function pickMessage(
  tenant: TenantStore,
  target: Target,
  wanted: (message: StoredMessage) => boolean = isAlive,
): StoredMessage {
  if (target.messageId !== undefined) return namedMessage(tenant, target);
  if (target.replyId !== undefined) refuse('messageId', 'missing; a reply is named by its root and its own id');
  const channels = (channel: TwinChannel) => tenant.roots(channel.id).length > 0;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const roots = tenant.roots(pickChannel(tenant, target, channels).id);
    const root = roots[Math.floor(tenant.random() ** 2 * roots.length)]!;
    const replies = tenant.replies(root);
    const reply = replies.length > 0 && tenant.random() < 0.5 ? pick(tenant.random, replies) : undefined;
    const found = [reply, root].find((message) => message !== undefined && wanted(message));
    if (found) return found;
  }
  return firstWanted(tenant, target, wanted) ?? refuse('messageId', 'the tenant has no message for this event');
}

/** People wrote it and nobody deleted it. */
export function isAlive(message: StoredMessage): boolean {
  return message.deletedMs === null && !isSystemEvent(message);
}

/** The user an event names, or any member of the channel (anyone when it has none). */
export function pickUser(tenant: TenantStore, userId: string | undefined, channelId: string): TwinUser {
  if (userId !== undefined) return namedUser(tenant, userId);
  const members = tenant.channelMembers(channelId);
  if (members.length > 0) return tenant.user(pick(tenant.random, members).userId)!;
  return anyUser(tenant);
}

export function namedUser(tenant: TenantStore, userId: string): TwinUser {
  return tenant.user(userId) ?? refuse('userId', `no user ${userId}`);
}

export function anyUser(tenant: TenantStore): TwinUser {
  const users = tenant.users();
  return users.length > 0 ? pick(tenant.random, users) : refuse('userId', 'the tenant has no users');
}

function namedMessage(tenant: TenantStore, { channelId, messageId, replyId, teamId }: Target): StoredMessage {
  if (channelId === undefined) return refuse('channelId', 'missing; message ids repeat across channels');
  const channel = pickChannel(tenant, { teamId, channelId });
  const root = tenant.root(channel.id, messageId!) ?? refuse('messageId', `no root ${messageId} in this channel`);
  if (replyId === undefined) return root;
  return tenant.reply(root, replyId) ?? refuse('replyId', `no reply ${replyId} to message ${messageId}`);
}

function firstWanted(tenant: TenantStore, { teamId, channelId }: Place, wanted: (message: StoredMessage) => boolean) {
  const places =
    channelId === undefined
      ? tenant.teams().flatMap(({ id }) => tenant.channels(id))
      : [pickChannel(tenant, { channelId })];
  for (const channel of places) {
    if (teamId !== undefined && channel.teamId !== teamId) continue;
    const found = tenant.changes(channel.id, 0).find(wanted);
    if (found) return found;
  }
  return undefined;
}

function refuse(field: string, problem: string): never {
  throw invalidEvent(field, problem);
}
