import { SluiceError } from '../errors/sluice-error.ts';
import type { GraphClient, Page, PageRequest } from '../graph/types.ts';

/** More pages than any listing has; a service that sends more is not sending a listing. */
const MAX_PAGES = 1_000_000;

/**
 * The pages of one listing, in order. Ends where no nextLink is given: a short or empty page is not the end.
 *
 * @throws SluiceError `page_loop` when a link comes a second time.
 */
export async function* pagesFrom(graph: GraphClient, first: PageRequest, signal: AbortSignal): AsyncGenerator<Page> {
  const seen = new Set<string>();
  let request = first;
  for (let count = 0; count < MAX_PAGES; count++) {
    const page = await graph.page(request, signal);
    yield page;
    if (page.nextLink === undefined) return;
    if (seen.has(page.nextLink)) throw pageLoop(request.route);
    seen.add(page.nextLink);
    request = { ...request, url: page.nextLink };
  }
  throw pageLoop(first.route);
}

/** A whole listing of few pages. */
export async function readAll(graph: GraphClient, first: PageRequest, signal: AbortSignal): Promise<Page[]> {
  const pages: Page[] = [];
  for await (const page of pagesFrom(graph, first, signal)) pages.push(page);
  return pages;
}

function pageLoop(route: string): SluiceError {
  return new SluiceError({
    code: 'page_loop',
    recovery: 'retry',
    surface: 'graph',
    message: `[GET ${route}] The service gave the same next page twice; the listing has no end.`,
    hint: 'Nothing was lost: the position stays where it was, the next run reads again.',
    request: { method: 'GET', route },
  });
}
