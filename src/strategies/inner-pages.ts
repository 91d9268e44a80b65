import { expandRoute } from '../graph/endpoint.ts';
import { resolveLink } from '../graph/page.ts';
import type { GraphClient, Page } from '../graph/types.ts';
import { pagesFrom } from './pages.ts';
import type { InnerPage, Item, Way } from './strategy.ts';

/** What a listing is asked for. */
interface Asked {
  readonly way: Pick<Way, 'route' | 'inner' | 'beyond'>;
  /** Of the place. */
  readonly ids: Readonly<Record<string, string>>;
  /** How routes name the id of a record. */
  readonly gives: string | undefined;
}

/**
 * The further pages of the lists inside of a page's records. A record holds the first part of such a list and says where
 * the rest is: `segments@odata.nextLink`. Where it does not, and says that there is more, the list itself is asked.
 *
 * @see https://docs.oasis-open.org/odata/odata-json-format/v4.01/odata-json-format-v4.01.html#sec_ControlInformationnextLinkodatanextL
 */
export async function* innerPages(
  graph: GraphClient,
  { way: { route, inner, beyond }, ids, gives }: Asked,
  { page, items }: { readonly page: Page; readonly items: readonly Item[] },
  signal: AbortSignal,
): AsyncGenerator<InnerPage> {
  if (inner === undefined || gives === undefined) return;
  for (const item of items) {
    const own = { ...ids, [gives]: item.id };
    const url =
      linkOf(page, item, inner) ?? (beyond && isCut(item, inner, beyond) ? expandRoute(beyond, own) : undefined);
    if (url === undefined) continue;
    const request = { url, route, ids };
    for await (const further of pagesFrom(graph, request, signal)) yield { ids: own, page: further };
  }
}

function linkOf({ url }: Page, item: Item, inner: string): string | undefined {
  const link = item[`${inner}@odata.nextLink`];
  if (typeof link !== 'string' || link === '') return undefined;
  return url === undefined ? link : resolveLink(link, url);
}

function isCut(item: Item, inner: string, { count }: NonNullable<Way['beyond']>): boolean {
  const [held, said] = [item[inner], item[count]];
  return Array.isArray(held) && typeof said === 'number' && held.length < said;
}
