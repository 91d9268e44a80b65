import { channels as channelsResource } from '../resources/channels.ts';
import { teams as teamsResource } from '../resources/teams.ts';
import { expandRoute } from '../resources/types.ts';
import { type CompleteListing, type Listings, TENANT } from './listings.ts';

export interface DiscoveredTeam {
  readonly id: string;
  readonly displayName: string;
}

export interface DiscoveredChannel {
  readonly id: string;
  readonly teamId: string;
  readonly membershipType: string;
  readonly createdDateTime?: string;
  /** `inProgress` or `completed` where messages of another system are or were brought in. */
  readonly migrationMode?: string | null;
}

/** Lists the tenant's teams and channels, each at most once a run, for all tables that need them. */
export class Discovery {
  readonly #listings: Listings;
  #teams: Promise<CompleteListing<DiscoveredTeam>> | undefined;
  readonly #channels = new Map<string, Promise<CompleteListing<DiscoveredChannel>>>();

  constructor(listings: Listings) {
    this.#listings = listings;
  }

  /** Every team of the tenant. Rejects when the listing is not complete. */
  teams(): Promise<CompleteListing<DiscoveredTeam>> {
    const [read] = teamsResource.reads;
    this.#teams ??= this.#listings.teams<DiscoveredTeam>(teamsResource, TENANT, {
      url: expandRoute(read, {}),
      route: read.route,
    });
    return this.#teams;
  }

  /** The channels a team hosts. Rejects when the listing is not complete. */
  channels(teamId: string): Promise<CompleteListing<DiscoveredChannel>> {
    let listing = this.#channels.get(teamId);
    if (!listing) {
      listing = this.#listChannels(teamId);
      this.#channels.set(teamId, listing);
    }
    return listing;
  }

  async #listChannels(teamId: string): Promise<CompleteListing<DiscoveredChannel>> {
    const [read] = channelsResource.reads;
    const ids = { 'team-id': teamId };
    const request = { url: expandRoute(read, ids), route: read.route, ids };
    const listing = await this.#listings.read<DiscoveredChannel>(channelsResource, teamId, request);
    return { ...listing, items: listing.items.map((item) => ({ ...item, teamId })) };
  }
}
