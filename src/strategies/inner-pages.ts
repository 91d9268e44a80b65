import { resolveLink } from '../graph/page.ts';
import type { GraphClient, Page } from '../graph/types.ts';
import { pagesFrom } from './pages.ts';
import type { InnerPage, Item, Way } from './strategy.ts';

/** What a listing is asked for. */
interface Asked {
  readonly way: Pick<Way, 'route' | 'inner'>;
  /** Of the place. */
  readonly ids: Readonly<Record<string, string>>;
  /** How routes name the id of a record. */
  readonly gives: string | undefined;
}

/**
 * The further pages of the lists inside of a page's records. A record holds the first part of such a list and says where
 * the rest is: `segments@odata.nextLink`.
 *
 * @see https://docs.oasis-open.org/odata/odata-json-format/v4.01/odata-json-format-v4.01.html#sec_ControlInformationnextLinkodatanextL
 */
export async function* innerPages(
  graph: GraphClient,
  { way: { route, inner }, ids, gives }: Asked,
  { page, items }: { readonly page: Page; readonly items: readonly Item[] },
  signal: AbortSignal,
): AsyncGenerator<InnerPage> {
  if (inner === undefined || gives === undefined) return;
  for (const item of items) {
    const { [`${inner}@odata.nextLink`]: link, id } = item;
    if (typeof link !== 'string' || link === '') continue;
    const request = { url: page.url === undefined ? link : resolveLink(link, page.url), route, ids };
    for await (const further of pagesFrom(graph, request, signal))
      yield { ids: { ...ids, [gives]: id }, page: further };
  }
}
