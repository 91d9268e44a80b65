import type { Page, PageRequest } from '../graph/types.ts';
import type { PageContext, RawPage } from '../lake/types.ts';
import { expandRoute, type Resource } from '../resources/types.ts';
import { forEachLimited } from './concurrency.ts';
import type { DiscoveredTeam, Discovery } from './discovery.ts';
import type { Listings } from './listings.ts';
import { instant } from './position.ts';
import type { SyncContext } from './sync-context.ts';

/** Details of single teams read side by side. */
const PARALLEL_DETAILS = 24;

/** Lands every team whole. A team whose details are refused keeps the rows it has. */
export async function snapshotTeams(
  context: SyncContext,
  resource: Resource,
  teams: readonly DiscoveredTeam[],
): Promise<void> {
  const details = resource.details!;
  await forEachLimited(teams, PARALLEL_DETAILS, context.signal, async ({ id }, signal) => {
    const ids = { 'team-id': id };
    try {
      const page = await context.graph.page(
        { url: expandRoute(details, ids), route: details.route, ids, shape: 'single' },
        signal,
      );
      await context.load.replace(resource.name, id, [rawPage(resource, id, page, { team_id: id })]);
    } catch (error) {
      context.skip(error, resource.name, id);
    }
  });
}

/** Lands the channels of a team from the listing that discovery made. */
export async function snapshotChannels(
  context: SyncContext,
  discovery: Discovery,
  resource: Resource,
  teamId: string,
): Promise<void> {
  try {
    const listing = await discovery.channels(teamId);
    const pages = listing.pages.map((page) => rawPage(resource, teamId, page, { team_id: teamId }));
    await context.load.replace(resource.name, teamId, pages, { keepUnlisted: listing.held });
  } catch (error) {
    context.skip(error, resource.name, teamId);
  }
}

/** Lands a plain list: its rows are replaced when the listing is complete, and only then. */
export async function snapshotList(
  context: SyncContext,
  listings: Listings,
  resource: Resource,
  options: { partition: string; ids: Readonly<Record<string, string>>; context?: Omit<PageContext, 'fetchedAt'> },
): Promise<void> {
  const read = resource.reads[0];
  const request: PageRequest = { url: expandRoute(read, options.ids), route: read.route, ids: options.ids };
  try {
    const { pages, held } = await listings.read(resource, options.partition, request);
    await context.load.replace(
      resource.name,
      options.partition,
      pages.map((page) => rawPage(resource, options.partition, page, options.context)),
      { keepUnlisted: held },
    );
  } catch (error) {
    context.skip(error, resource.name, options.partition);
  }
}

function rawPage(
  resource: Resource,
  partition: string,
  page: Page,
  context: Omit<PageContext, 'fetchedAt'> = {},
): RawPage {
  return {
    resource: resource.name,
    partition,
    context: { ...context, fetchedAt: instant(page.receivedAtMs) },
    bytes: page.bytes,
  };
}
