import { invalidEvent, type TwinEvent } from './event-schema.ts';
import { anyUser, namedUser, pickChannel, pickTeam } from './event-targets.ts';
import { hex, pick, sample } from './generator/chance.ts';
import { addChannelMembers, newChannel, newTeam } from './generator/organization.ts';
import { generatePeople } from './generator/people.ts';
import { pickTopic, subjectText } from './generator/texts.ts';
import { newMessage } from './message.ts';
import { freeTimeMs } from './message-events.ts';
import type { TenantStore } from './store.ts';
import * as systemEvents from './system-events.ts';
import type { TwinChannel, TwinEventDetail, TwinTeam, TwinUser } from './types.ts';

type Of<Type extends TwinEvent['type']> = Extract<TwinEvent, { type: Type }>;

const NEW_TEAM_MEMBERS = 8;
const DEFAULT_DOMAIN = 'northwind.example';

export function createChannel(tenant: TenantStore, event: Of<'createChannel'>, nowMs: number): TwinChannel {
  const team = pickTeam(tenant, event.teamId, isActive);
  const { displayName = newName(tenant), membershipType = 'standard' } = event;
  const channel = newChannel(tenant.random, { team, displayName, membershipType, createdMs: nowMs });
  tenant.addChannel(channel);
  addChannelMembers(tenant, tenant.random, channel);
  announce(tenant, team.id, nowMs, (initiator) => systemEvents.channelAdded(initiator, channel));
  return channel;
}

export function renameChannel(tenant: TenantStore, event: Of<'renameChannel'>, nowMs: number): TwinChannel {
  const channel = pickChannel(tenant, event, (candidate) => !isGeneral(tenant, candidate));
  tenant.changeChannel(channel.id, { displayName: event.displayName ?? newName(tenant) });
  announce(tenant, channel.teamId, nowMs, (initiator) => systemEvents.channelRenamed(initiator, channel));
  return channel;
}

export function deleteChannel(tenant: TenantStore, event: Of<'deleteChannel'>, nowMs: number): TwinChannel {
  const channel = pickChannel(tenant, event, (candidate) => !isGeneral(tenant, candidate));
  if (isGeneral(tenant, channel)) throw invalidEvent('channelId', 'the General channel cannot be deleted');
  tenant.removeChannel(channel.id);
  announce(tenant, channel.teamId, nowMs, (initiator) => systemEvents.channelDeleted(initiator, channel));
  return channel;
}

/** Gone from every answer, and no message says so: late visibility begins with this. */
export function hideChannel(tenant: TenantStore, event: Of<'hideChannel'>): TwinChannel {
  const channel = pickChannel(tenant, event, (candidate) => !isGeneral(tenant, candidate));
  tenant.removeChannel(channel.id);
  return channel;
}

/** A deleted or hidden channel is back with all its messages, old times and all. */
export function restoreChannel(tenant: TenantStore, event: Of<'restoreChannel'>): TwinChannel {
  const gone = tenant.gone().channels;
  const id = event.channelId ?? gone.at(-1)?.id;
  if (id === undefined || !tenant.restoreChannel(id)) {
    throw invalidEvent(
      'channelId',
      'no channel of a present team was deleted or hidden',
      gone.map((channel) => channel.id),
    );
  }
  return tenant.channel(id)!;
}

export function restoreTeam(tenant: TenantStore, event: Of<'restoreTeam'>): TwinTeam {
  const { teamIds } = tenant.gone();
  const id = event.teamId ?? teamIds.at(-1);
  if (id === undefined || !tenant.restoreTeam(id)) throw invalidEvent('teamId', 'no such team was deleted', teamIds);
  return tenant.team(id)!;
}

export function createTeam(tenant: TenantStore, event: Of<'createTeam'>, nowMs: number): TwinTeam {
  const displayName = event.displayName ?? newName(tenant);
  const team = newTeam(tenant.random, { displayName, description: null, createdMs: nowMs, tenantId: tenant.id });
  tenant.addTeam(team);
  const members = sample(tenant.random, tenant.users(), NEW_TEAM_MEMBERS);
  for (const [index, user] of members.entries()) tenant.addTeamMember(team.id, user, index === 0 ? 'owner' : undefined);
  tenant.addChannel(newChannel(tenant.random, { team, displayName: 'General', membershipType: 'standard' }));
  return team;
}

export function renameTeam(tenant: TenantStore, event: Of<'renameTeam'>, nowMs: number): TwinTeam {
  const team = pickTeam(tenant, event.teamId, isActive);
  tenant.changeTeam(team.id, { displayName: event.displayName ?? newName(tenant) });
  announce(tenant, team.id, nowMs, (initiator) => systemEvents.teamRenamed(initiator, team));
  return team;
}

export function deleteTeam(tenant: TenantStore, event: Of<'deleteTeam'>): TwinTeam {
  const team = pickTeam(tenant, event.teamId);
  tenant.removeTeam(team.id);
  return team;
}

/** Archives a team and its channels, or wakes them up. */
export function archiveTeam(
  tenant: TenantStore,
  event: Of<'archiveTeam'> | Of<'unarchiveTeam'>,
  nowMs: number,
): TwinTeam {
  const isArchived = event.type === 'archiveTeam';
  const team = pickTeam(tenant, event.teamId, (candidate) => candidate.isArchived !== isArchived);
  tenant.changeTeam(team.id, { isArchived });
  for (const { id } of tenant.channels(team.id)) tenant.changeChannel(id, { isArchived });
  announce(tenant, team.id, nowMs, (initiator) => systemEvents.teamArchived(initiator, team));
  return team;
}

export interface MembershipChange {
  readonly team: TwinTeam;
  readonly channel?: TwinChannel;
  readonly user: TwinUser;
}

/** Adds a user to a team, or a member of the team to one of its private or shared channels. */
export function addMember(tenant: TenantStore, event: Of<'addMember'>, nowMs: number): MembershipChange {
  const { team, channel } = membershipPlace(tenant, event);
  const candidates = channel
    ? tenant.teamMembers(team.id).map(({ userId }) => namedUser(tenant, userId))
    : tenant.users();
  const present = new Set(membersOf(tenant, team, channel).map(({ userId }) => userId));
  const absent = candidates.filter(({ id }) => !present.has(id));
  if (event.userId === undefined && absent.length === 0) throw invalidEvent('userId', 'everybody is a member already');
  const user = event.userId === undefined ? pick(tenant.random, absent) : namedUser(tenant, event.userId);
  if (channel) {
    tenant.addChannelMember(channel.id, user);
    return { team, channel, user };
  }
  tenant.addTeamMember(team.id, user, user.userType === 'Guest' ? 'guest' : undefined);
  announce(tenant, team.id, nowMs, (initiator) => systemEvents.membersAdded(initiator, [user]));
  return { team, user };
}

export function removeMember(tenant: TenantStore, event: Of<'removeMember'>, nowMs: number): MembershipChange {
  const { team, channel } = membershipPlace(tenant, event);
  const members = membersOf(tenant, team, channel).filter(({ userId }) => !event.userId || userId === event.userId);
  if (members.length === 0) throw invalidEvent('userId', 'no such member');
  const user = namedUser(tenant, pick(tenant.random, members).userId);
  if (channel) {
    tenant.removeChannelMember(channel.id, user.id);
    return { team, channel, user };
  }
  tenant.removeTeamMember(team.id, user.id);
  announce(tenant, team.id, nowMs, (initiator) => systemEvents.membersDeleted(initiator, [user]));
  return { team, user };
}

export function createUser(tenant: TenantStore, event: Of<'createUser'>): TwinUser {
  const domain = tenant.users()[0]?.userPrincipalName.split('@')[1] ?? DEFAULT_DOMAIN;
  const [person] = generatePeople(tenant.random, 1, domain) as [TwinUser];
  const mail = `${person.userPrincipalName.split('@')[0]}.${hex(tenant.random, 6)}@${domain}`;
  const name =
    event.displayName === undefined ? {} : { displayName: event.displayName, givenName: null, surname: null };
  const user = { ...person, ...name, mail, userPrincipalName: mail };
  tenant.addUser(user);
  return user;
}

const isActive = ({ isArchived }: TwinTeam) => !isArchived;

function isGeneral(tenant: TenantStore, channel: TwinChannel): boolean {
  return tenant.channels(channel.teamId)[0] === channel;
}

function newName(tenant: TenantStore): string {
  return `${subjectText(tenant.random, pickTopic(tenant.random))} ${hex(tenant.random, 4)}`;
}

function membershipPlace(
  tenant: TenantStore,
  { teamId, channelId }: { teamId?: string | undefined; channelId?: string | undefined },
) {
  if (channelId === undefined) return { team: pickTeam(tenant, teamId, isActive) };
  const channel = pickChannel(tenant, { teamId, channelId });
  const team = pickTeam(tenant, channel.teamId);
  return channel.membershipType === 'standard' ? { team } : { team, channel };
}

function membersOf(tenant: TenantStore, team: TwinTeam, channel: TwinChannel | undefined) {
  return channel ? tenant.channelMembers(channel.id) : tenant.teamMembers(team.id);
}

/** Teams tells the General channel of such changes. */
function announce(
  tenant: TenantStore,
  teamId: string,
  nowMs: number,
  detail: (initiator: TwinUser) => TwinEventDetail,
): void {
  const general = tenant.channels(teamId)[0];
  if (!general) return;
  const owner = tenant.teamMembers(teamId)[0];
  const initiator = owner ? namedUser(tenant, owner.userId) : anyUser(tenant);
  const createdMs = freeTimeMs(tenant, general, null, nowMs);
  tenant.addMessage(newMessage({ channel: general, createdMs, eventDetail: detail(initiator) }));
}
