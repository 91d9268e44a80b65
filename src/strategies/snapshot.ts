import { expandRoute } from '../graph/endpoint.ts';
import type { Page } from '../graph/types.ts';
import type { RawPage } from '../lake/types.ts';
import { forEachLimited } from '../runtime/concurrency.ts';
import { listingName, pageContext, partitionOf } from './context.ts';
import { namedBefore, namedPosition } from './named.ts';
import { partitionName, placeOfKey } from './position-key.ts';
import type { EstimateContext, EstimatedRequests, Place, ReadContext, Reader, Stored } from './strategy.ts';
import { isUnmoved, markRead } from './unmoved.ts';

/** Details of single records read side by side. */
const PARALLEL_DETAILS = 24;

/** A plain list: its rows are replaced when the listing is complete, and only then. One of several lists of the same records deletes nothing. */
export const reader: Reader = { read, estimate, partitionOf: listingName, retain };

async function read(context: ReadContext, place: Place): Promise<void> {
  if (context.details) return readDetails(context, place);
  if (isUnmoved(context, place)) return;
  const partition = listingName(place);
  const { items, pages, inner, held } = await context.listing(place);
  const raw = [...pages.map((page) => ({ ids: place.ids, page })), ...inner].map(({ ids, page }) =>
    rawPage(context, partition, ids, page),
  );
  if (context.isListedInParts) {
    const before = namedBefore(context.positions, context.resource, place);
    await context.load.replace(context.resource, partition, raw, { isPart: true });
    context.load.advance(context.resource, partitionOf(place), namedPosition(items, { held, before }));
    return;
  }
  await context.load.replace(context.resource, partition, raw, { keepUnlisted: held });
  if (context.movesWith === undefined) return;
  const readAtMs = Math.min(...pages.map(({ serviceTimeMs }) => serviceTimeMs));
  context.load.advance(context.resource, partitionOf(place), held ? null : markRead(context, place, readAtMs));
}

/** Lands every record whole, as a partition of its own. One that is refused keeps the row it has. */
async function readDetails(context: ReadContext, place: Place): Promise<void> {
  const { graph, load, resource, details } = context;
  const records = await context.records(place);
  await forEachLimited(records, PARALLEL_DETAILS, context.signal, async (record, signal) => {
    const partition = listingName(record);
    const { ids } = record;
    try {
      const request = { url: expandRoute(details!, ids), route: details!.route, ids, shape: 'single' } as const;
      const page = await graph.page(request, signal);
      await load.replace(resource, partition, [rawPage(context, partition, ids, page)]);
    } catch (error) {
      context.skip(error, partition);
    }
  });
}

const rawPage = (
  { resource }: ReadContext,
  partition: string,
  ids: Readonly<Record<string, string>>,
  page: Page,
): RawPage => ({ resource, partition, context: pageContext(ids, page), bytes: page.bytes });

/** What was written down of places that are gone is forgotten: their rows are deleted. */
function retain(
  { load, positions, resource }: Stored & Pick<ReadContext, 'load'>,
  listed: ReadonlySet<string>,
  kinds: ReadonlySet<string>,
): void {
  for (const key of positions.keys()) {
    const place = placeOfKey(key, resource);
    if (place === undefined || !kinds.has(place.kind) || listed.has(listingName({ path: place.ids }))) continue;
    load.advance(resource, partitionName(place.kind, ...place.ids), null);
  }
}

/** One page, or one for each record; none, where nothing can have changed. */
async function estimate(context: EstimateContext, place: Place): Promise<EstimatedRequests[]> {
  const { way, details } = context;
  if (!details && isUnmoved(context, place)) return [];
  const once = { method: 'GET', count: 1, isSize: false } as const;
  if (!details) return [{ ...once, route: way.route, ids: place.ids }];
  return (await context.records(place)).map(({ ids }) => ({ ...once, route: details.route, ids }));
}
