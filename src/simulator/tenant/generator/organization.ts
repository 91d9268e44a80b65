import { graphDateTime } from '../date-time.ts';
import type { TenantStore } from '../store.ts';
import type { MembershipType, MigrationMode, TwinChannel, TwinTeam, TwinUser } from '../types.ts';
import { between, guid, hex, pick, type Random, sample } from './chance.ts';
import type { Generation } from './generation.ts';

const DEPARTMENTS = [
  ['Engineering', 'Platform, services and everything that runs at night'],
  ['Sales EMEA', 'Offers, renewals and forecasts'],
  ['Finance', 'Closing, budgets, invoices'],
  ['Customer Support', 'Tickets and escalations around the clock'],
  ['Marketing & Brand', 'Campaigns, events, website'],
  ['People & Culture', 'Hiring, onboarding, benefits'],
  ['Legal', 'Contracts and compliance'],
  ['Data & Analytics', 'Reports, models, dashboards'],
  ['IT Service Desk', 'Devices, accounts, access'],
  ['Werk Süd – Produktion', 'Linien 1–7, Schichtübergaben'],
  ['Équipe Lyon', 'Le bureau de Lyon'],
  ['東京オフィス', '東京オフィスの連絡用'],
  ['Procurement', 'Suppliers and orders'],
  ['Research', 'What comes after next'],
] as const;
const PROJECTS = ['Aurora', 'Falcon', 'Mosaic', 'Riverbed', 'Lighthouse', 'Quartz', 'Tangerine', 'Polaris'];
const CHANNELS = [
  'Announcements',
  'Questions',
  'Planning',
  'Leadership',
  'Releases',
  'Incidents',
  'Customers',
  'Random ☕',
  'Design reviews',
  'Weekly notes',
  'Übergabe',
  'Réunions',
  '雑談',
  'Metrics',
  'Suppliers',
];
const DAY_MS = 86_400_000;
const PRIVATE_SHARE = 0.12;
const SHARED_SHARE = 0.05;
const ARCHIVED_SHARE = 0.03;

/** Teams of a company, all founded before the first message. */
export function generateTeams(tenant: TenantStore, { options, random, startMs }: Generation): void {
  const teams = Array.from({ length: options.teams }, (_, index) =>
    newTeam(random, {
      ...teamName(index),
      createdMs: startMs - between(random, 30, 900) * DAY_MS,
      tenantId: tenant.id,
      isArchived: index > 1 && random() < ARCHIVED_SHARE,
      classification: index % 3 === 0 ? 'Internal' : undefined,
    }),
  );
  for (const team of teams) tenant.addTeam(team);
}

export function generateTeamMembers(tenant: TenantStore, { random }: Generation): void {
  for (const { id } of tenant.teams()) {
    const members = sample(random, tenant.users(), between(random, 6, 40));
    for (const [index, user] of members.entries()) tenant.addTeamMember(id, user, role(user, index));
  }
}

/** Channels, and who is in the private and shared ones. */
export function generateChannels(tenant: TenantStore, { options, random, startMs }: Generation): void {
  const teams = tenant.teams();
  for (const team of teams) {
    for (let index = 0; index < options.channels; index++) {
      const membershipType = channelKind(random, index, team, teams);
      const others = teams.filter((other) => other !== team);
      const sharedWithTeamIds =
        membershipType === 'shared' ? sample(random, others, between(random, 1, 2)).map(({ id }) => id) : [];
      const displayName = channelName(index);
      const channel = newChannel(random, {
        team,
        displayName,
        membershipType,
        sharedWithTeamIds,
        description: index % 2 === 1 ? `${displayName} of ${team.displayName}` : undefined,
        ...(team === teams[0] && index === 1 && migrated(startMs)),
      });
      tenant.addChannel(channel);
      addChannelMembers(tenant, random, channel);
    }
  }
}

/** One channel of the first team came from another system. */
const migrated = (startMs: number) => ({
  migrationMode: 'completed' as const,
  createdMs: startMs - 1_000 * DAY_MS,
  originalCreatedMs: startMs,
});

export interface NewTeam {
  readonly displayName: string;
  readonly description: string | null;
  readonly createdMs: number;
  readonly tenantId: string;
  readonly isArchived?: boolean | undefined;
  readonly classification?: string | undefined;
}

/** A team record with the ids and addresses that Teams would give it. */
export function newTeam(random: Random, options: NewTeam): TwinTeam {
  const id = guid(random);
  return {
    id,
    displayName: options.displayName,
    description: options.description,
    visibility: random() < 0.6 ? 'private' : 'public',
    classification: options.classification ?? null,
    createdDateTime: graphDateTime(options.createdMs),
    isArchived: options.isArchived ?? false,
    internalId: `19:${hex(random, 32)}@thread.tacv2`,
    webUrl: `https://teams.microsoft.com/l/team/${id}/conversations?groupId=${id}&tenantId=${options.tenantId}`,
  };
}

function teamName(index: number): { displayName: string; description: string | null } {
  const department = DEPARTMENTS[index];
  if (department) return { displayName: department[0], description: department[1] };
  const project = PROJECTS[index % PROJECTS.length]!;
  const round = Math.floor(index / PROJECTS.length);
  return {
    displayName: `Project ${project} ${round}`,
    description: index % 3 === 0 ? null : `Everything about ${project}`,
  };
}

function channelName(index: number): string {
  if (index === 0) return 'General';
  const round = Math.floor((index - 1) / CHANNELS.length);
  return `${CHANNELS[(index - 1) % CHANNELS.length]!}${round === 0 ? '' : ` ${round + 1}`}`;
}

/** The first team has one of each kind when it has four channels; the rest is chance. */
function channelKind(random: Random, index: number, team: TwinTeam, teams: readonly TwinTeam[]): MembershipType {
  const chance = random();
  if (index === 0) return 'standard';
  const certain = team === teams[0] ? index : 0;
  if (certain === 2 || (certain !== 3 && chance < PRIVATE_SHARE)) return 'private';
  const shared = certain === 3 || chance < PRIVATE_SHARE + SHARED_SHARE;
  return shared && teams.length > 1 ? 'shared' : 'standard';
}

export interface NewChannel {
  readonly team: TwinTeam;
  readonly displayName: string;
  readonly membershipType: MembershipType;
  readonly sharedWithTeamIds?: readonly string[] | undefined;
  readonly createdMs?: number | undefined;
  readonly description?: string | undefined;
  readonly migrationMode?: MigrationMode | undefined;
  readonly originalCreatedMs?: number | undefined;
}

/** A channel record with the ids and addresses that Teams would give it. */
export function newChannel(random: Random, options: NewChannel): TwinChannel {
  const { team, displayName, membershipType } = options;
  const id = `19:${hex(random, 32)}@thread.tacv2`;
  return {
    id,
    teamId: team.id,
    displayName,
    description: options.description ?? null,
    membershipType,
    createdDateTime: options.createdMs === undefined ? team.createdDateTime : graphDateTime(options.createdMs),
    isArchived: team.isArchived,
    email: `${hex(random, 8)}.example@emea.teams.ms`,
    webUrl: `https://teams.microsoft.com/l/channel/${encodeURIComponent(id)}/${encodeURIComponent(displayName)}?groupId=${team.id}`,
    migrationMode: options.migrationMode ?? null,
    originalCreatedDateTime: options.originalCreatedMs === undefined ? null : graphDateTime(options.originalCreatedMs),
    sharedWithTeamIds: options.sharedWithTeamIds ?? [],
  };
}

/** A third of the team, its owner included, is in a private or shared channel. */
export function addChannelMembers(tenant: TenantStore, random: Random, channel: TwinChannel): void {
  if (channel.membershipType === 'standard') return;
  const [owner, ...others] = tenant.teamMembers(channel.teamId);
  if (!owner) return;
  const chosen = [owner, ...sample(random, others, Math.ceil(others.length / 3))];
  for (const [index, { userId }] of chosen.entries()) {
    const user = tenant.user(userId)!;
    tenant.addChannelMember(channel.id, user, role(user, index));
  }
}

function role(user: TwinUser, index: number): 'owner' | 'guest' | undefined {
  if (index === 0) return 'owner';
  return user.userType === 'Guest' ? 'guest' : undefined;
}

/** Someone of the team, the same few more often than the rest. */
export function pickAuthor(random: Random, members: readonly TwinUser[]): TwinUser {
  return random() < 0.5
    ? pick(random, members.slice(0, Math.max(1, Math.ceil(members.length / 4))))
    : pick(random, members);
}
