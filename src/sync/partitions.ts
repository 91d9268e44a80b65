import type { Resource } from '../resources/types.ts';
import type { DiscoveredChannel, DiscoveredTeam, Discovery } from './discovery.ts';
import { type Listings, TENANT } from './listings.ts';
import { readTeamMessages, uncover } from './messages.ts';
import type { ReadPlan, ResourceRead } from './plan.ts';
import { snapshotChannels, snapshotList, snapshotTeams } from './snapshots.ts';
import { RESOURCE } from './strategies/context.ts';
import type { SyncContext } from './sync-context.ts';

/** What the partitions of one run are read with. */
export interface PartitionReads {
  readonly listings: Listings;
  readonly discovery: Discovery;
  readonly plan: ReadPlan;
}

/** Reads a resource of the whole tenant. */
export async function readTenant(
  context: SyncContext,
  listings: Listings,
  { resource }: ResourceRead,
  teams: readonly DiscoveredTeam[],
): Promise<void> {
  if (resource.details) return snapshotTeams(context, resource, teams);
  return snapshotList(context, listings, resource, { partition: TENANT, ids: {} });
}

/** Reads all that the plan wants of one team. */
export async function readTeam(
  context: SyncContext,
  { listings, discovery, plan }: PartitionReads,
  teamId: string,
): Promise<void> {
  const ids = { 'team-id': teamId };
  for (const part of plan.reads.filter(({ read }) => read.partition !== 'tenant')) {
    const { resource, read } = part;
    if (read.strategy !== 'snapshot') await readTeamMessages(context, part, teamId);
    else if (read.partition === 'channel') await readChannelLists(context, listings, resource, teamId);
    else if (resource.name === 'channels') await snapshotChannels(context, discovery, resource, teamId);
    else await snapshotList(context, listings, resource, { partition: teamId, ids, context: { team_id: teamId } });
  }
}

async function readChannelLists(
  context: SyncContext,
  listings: Listings,
  resource: Resource,
  teamId: string,
): Promise<void> {
  const types = resource.membershipTypes;
  for (const channel of await context.channelsOf(teamId, resource.name)) {
    if (types && !types.includes(channel.membershipType)) continue;
    await snapshotList(context, listings, resource, {
      partition: `${teamId}/${channel.id}`,
      ids: { 'team-id': teamId, 'channel-id': channel.id },
      context: { team_id: teamId, channel_id: channel.id },
    });
  }
}

/** Deletes the rows of teams and channels that a complete listing no longer names. */
export async function retainListed(
  context: SyncContext,
  discovery: Discovery,
  teams: readonly DiscoveredTeam[],
  plan: ReadPlan,
): Promise<void> {
  const { load } = context;
  const teamIds = new Set(teams.map(({ id }) => id));
  if (plan.reads.some(({ resource }) => resource.name === RESOURCE)) uncover(context, teamIds);
  for (const { resource, read } of plan.reads.filter((part) => part.read.strategy === 'snapshot')) {
    if (resource.details || read.partition === 'team') await load.retain(resource.name, teamIds);
    const channels = read.partition === 'channel' ? await allChannels(discovery, teams) : undefined;
    if (channels) await load.retain(resource.name, new Set(channels.map(({ teamId, id }) => `${teamId}/${id}`)));
  }
}

/** Every channel of every team, or undefined when one listing is not complete. */
async function allChannels(
  discovery: Discovery,
  teams: readonly DiscoveredTeam[],
): Promise<readonly DiscoveredChannel[] | undefined> {
  const listings = await Promise.allSettled(teams.map(({ id }) => discovery.channels(id)));
  const complete = listings.flatMap((listing) =>
    listing.status === 'fulfilled' && !listing.value.held ? [listing.value.items] : [],
  );
  return complete.length === teams.length ? complete.flat() : undefined;
}
