import { seededRandom } from '../../runtime/runtime.ts';
import { loadChats } from '../collections/chat-lines.ts';
import { guid } from './generator/chance.ts';
import { ChannelLine, MessageLine, TeamLine, UserLine } from './line-schema.ts';
import { duplicate, invalidLine, type LinePosition, readRecords } from './lines.ts';
import type { StoredMessage } from './message.ts';
import { messageReader } from './message-record.ts';
import { TenantStore } from './store.ts';
import { tenantIdOf } from './tenant-id.ts';
import type { TwinChannel, TwinUser } from './types.ts';
import { userOfLine } from './user-line.ts';

const FOUNDED = '2020-01-01T00:00:00.000Z';

export interface LoadOptions {
  /** Seeds the tenant id and what events pick; default 1. */
  readonly seed?: number;
  /** Tenant id; default: from the seed and the ids of the teams. */
  readonly id?: string;
}

/**
 * Reads a tenant from `users`, `teams`, `channels` and `messages` (`.jsonl` or `.jsonl.gz`) in `dir`.
 *
 * What may be left out: a team's members (then: who writes in it), the members of a private or shared channel (then:
 * the team's), a message's id (then: its creation time in ms, moved on until it is free in its thread). Messages may
 * come in any order. Files that may be missing: `chats` with `chat-messages`, and `federated`, the people of other
 * tenants in them.
 *
 * @throws SluiceError `tenant_file_missing`, `tenant_file_unreadable`, `tenant_line_invalid` (file, line, field)
 */
export async function loadTenant(dir: string, { seed = 1, id }: LoadOptions = {}): Promise<TenantStore> {
  const random = seededRandom(seed);
  // As in a generated tenant.
  guid(random);
  const tenant = new TenantStore({ id: id ?? (await loadedId(dir, seed)), displayName: 'Loaded tenant', random });
  await loadUsers(tenant, dir);
  const openTeams = await loadTeams(tenant, dir);
  const openChannels = await loadChannels(tenant, dir);
  const messages = await loadMessages(tenant, dir);
  for (const [teamId, users] of writersOf(openTeams, messages)) joinTeam(tenant, teamId, users);
  for (const channel of openChannels) {
    const members = tenant.teamMembers(channel.teamId).map(({ userId }) => tenant.user(userId)!);
    joinChannel(tenant, channel.id, members);
  }
  tenant.addMessages(messages);
  await loadChats(tenant, dir);
  return tenant;
}

async function loadedId(dir: string, seed: number): Promise<string> {
  const teams: string[] = [];
  await readRecords(dir, 'teams', TeamLine, ({ id }) => void teams.push(id));
  return tenantIdOf(['loaded', seed, ...teams.sort()]);
}

async function loadUsers(tenant: TenantStore, dir: string): Promise<void> {
  await readRecords(dir, 'users', UserLine, (record, position) => {
    if (tenant.user(record.id)) throw duplicate(position, record.id);
    tenant.addUser(userOfLine(record));
  });
}

/** Returns the teams whose line names no members. */
async function loadTeams(tenant: TenantStore, dir: string): Promise<Set<string>> {
  const open = new Set<string>();
  await readRecords(dir, 'teams', TeamLine, (record, position) => {
    const { id, displayName } = record;
    if (tenant.team(id)) throw duplicate(position, id);
    tenant.addTeam({
      id,
      displayName,
      description: record.description ?? null,
      visibility: record.visibility ?? 'private',
      classification: record.classification ?? null,
      createdDateTime: record.createdDateTime ?? FOUNDED,
      isArchived: record.isArchived ?? false,
      internalId: `19:${id}@thread.tacv2`,
      webUrl: `https://teams.microsoft.com/l/team/${id}/conversations?groupId=${id}&tenantId=${tenant.id}`,
    });
    if (!record.members) open.add(id);
    joinTeam(tenant, id, knownUsers(tenant, record.members ?? [], position));
  });
  return open;
}

/** Returns the private and shared channels whose line names no members. */
async function loadChannels(tenant: TenantStore, dir: string): Promise<TwinChannel[]> {
  const open: TwinChannel[] = [];
  await readRecords(dir, 'channels', ChannelLine, (record, position) => {
    const { id, teamId, displayName, membershipType = 'standard', sharedWithTeamIds = [] } = record;
    if (tenant.channel(id)) throw duplicate(position, id);
    const team = tenant.team(teamId);
    if (!team) throw invalidLine(position, 'teamId', `"${teamId}" must be the id of a team in teams.jsonl`);
    const stranger = sharedWithTeamIds.find((other) => !tenant.team(other));
    if (stranger)
      throw invalidLine(position, 'sharedWithTeamIds', `"${stranger}" must be the id of a team in teams.jsonl`);
    const channel: TwinChannel = {
      id,
      teamId,
      displayName,
      description: record.description ?? null,
      membershipType,
      createdDateTime: record.createdDateTime ?? FOUNDED,
      isArchived: record.isArchived ?? team.isArchived,
      email: '',
      webUrl: `https://teams.microsoft.com/l/channel/${encodeURIComponent(id)}/${encodeURIComponent(displayName)}?groupId=${teamId}`,
      migrationMode: record.migrationMode ?? null,
      originalCreatedDateTime: record.originalCreatedDateTime ?? null,
      sharedWithTeamIds,
    };
    tenant.addChannel(channel);
    if (membershipType !== 'standard' && !record.members) open.push(channel);
    joinChannel(tenant, id, knownUsers(tenant, record.members ?? [], position));
  });
  return open;
}

async function loadMessages(tenant: TenantStore, dir: string): Promise<StoredMessage[]> {
  const reader = messageReader(tenant);
  await readRecords(dir, 'messages', MessageLine, reader.read);
  return reader.finish();
}

/** Who wrote in the teams of `teamIds`, in order of first appearance. */
function writersOf(teamIds: ReadonlySet<string>, messages: readonly StoredMessage[]): Map<string, Set<TwinUser>> {
  const writers = new Map<string, Set<TwinUser>>([...teamIds].map((id) => [id, new Set()]));
  for (const { channel, from } of messages) {
    if (from && !('type' in from)) writers.get(channel.teamId)?.add(from);
  }
  return writers;
}

function knownUsers(tenant: TenantStore, ids: readonly string[], position: LinePosition): Set<TwinUser> {
  const users = ids.map((id, index) => {
    const user = tenant.user(id);
    if (!user) throw invalidLine(position, `members.${index}`, `"${id}" must be the id of a user in users.jsonl`);
    return user;
  });
  return new Set(users);
}

/** The first member owns the team. */
function joinTeam(tenant: TenantStore, teamId: string, users: Iterable<TwinUser>): void {
  for (const [index, user] of [...users].entries()) tenant.addTeamMember(teamId, user, role(user, index));
}

function joinChannel(tenant: TenantStore, channelId: string, users: Iterable<TwinUser>): void {
  for (const [index, user] of [...users].entries()) tenant.addChannelMember(channelId, user, role(user, index));
}

function role(user: TwinUser, index: number): 'owner' | 'guest' | undefined {
  if (index === 0) return 'owner';
  return user.userType === 'Guest' ? 'guest' : undefined;
}
