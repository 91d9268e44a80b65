import type { GraphClient, Page } from '../graph/types.ts';
import { channels as channelsResource } from '../resources/channels.ts';
import { teams as teamsResource } from '../resources/teams.ts';
import { expandRoute } from '../resources/types.ts';
import { readAll } from './pages.ts';
import { records } from './records.ts';

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

/** A complete listing: what it holds, and its pages as received (a snapshot table lands the same pages). */
export interface Listing<T> {
  readonly items: readonly T[];
  readonly pages: readonly Page[];
}

/** Lists the tenant's teams and channels, each at most once a run, for all tables that need them. */
export class Discovery {
  readonly #graph: GraphClient;
  readonly #signal: AbortSignal;
  #teams: Promise<Listing<DiscoveredTeam>> | undefined;
  readonly #channels = new Map<string, Promise<Listing<DiscoveredChannel>>>();

  constructor(options: { graph: GraphClient; signal: AbortSignal }) {
    this.#graph = options.graph;
    this.#signal = options.signal;
  }

  /** Every team of the tenant. Rejects when the listing is not complete. */
  teams(): Promise<Listing<DiscoveredTeam>> {
    this.#teams ??= this.#list<DiscoveredTeam>(
      { url: expandRoute(teamsResource.reads[0], {}), route: teamsResource.reads[0].route },
      {},
    );
    return this.#teams;
  }

  /** The channels a team hosts. Rejects when the listing is not complete. */
  channels(teamId: string): Promise<Listing<DiscoveredChannel>> {
    let listing = this.#channels.get(teamId);
    if (!listing) {
      const read = channelsResource.reads[0];
      const ids = { 'team-id': teamId };
      listing = this.#list<DiscoveredChannel>({ url: expandRoute(read, ids), route: read.route, ids }, { teamId });
      this.#channels.set(teamId, listing);
    }
    return listing;
  }

  async #list<T extends { id: string }>(
    request: Parameters<typeof readAll>[1],
    extra: Partial<T>,
  ): Promise<Listing<T>> {
    const pages = await readAll(this.#graph, request, this.#signal);
    return { pages, items: pages.flatMap((page) => records<T>(page).map((item) => ({ ...item, ...extra }))) };
  }
}
