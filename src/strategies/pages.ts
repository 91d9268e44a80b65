import { createHash } from 'node:crypto';
import type { GraphClient, Page, PageRequest } from '../graph/types.ts';
import { strategyErrors } from './errors.ts';

/** More pages than any listing has; a service that sends more is not sending a listing. */
const MAX_PAGES = 1_000_000;

/** So many pages in a row that show nothing new are no listing; a moving list repeats a page or two. */
const MAX_REPEATED_PAGES = 100;
/** Empty pages may stand for long stretches that a filter passes over. */
const MAX_EMPTY_PAGES = 1_000;

/**
 * The pages of one listing, in order. Ends where no nextLink is given: a short or empty page is not the end.
 *
 * @throws SluiceError `page_loop` when a link comes a second time, or the same pages come again and again under new links
 */
export async function* pagesFrom(
  graph: Pick<GraphClient, 'page'>,
  first: PageRequest,
  signal: AbortSignal,
): AsyncGenerator<Page> {
  const seen = new Set<string>();
  const advance = new Advance();
  let request = first;
  for (let count = 0; count < MAX_PAGES; count++) {
    const page = await graph.page(request, signal);
    yield page;
    if (page.nextLink === undefined) return;
    if (seen.has(page.nextLink) || advance.isOver(page)) throw strategyErrors.page_loop({ route: request.route });
    seen.add(page.nextLink);
    request = { ...request, url: page.nextLink };
  }
  throw strategyErrors.page_loop({ route: first.route });
}

/** Looks whether the pages of a list show something new. */
class Advance {
  readonly #shown = new Set<string>();
  #repeated = 0;
  #empty = 0;

  isOver(page: Page): boolean {
    const records = recordBytes(page);
    const isEmpty = records.length <= EMPTY_BYTES;
    const print = fingerprint(records);
    const isRepeated = !isEmpty && this.#shown.has(print);
    this.#shown.add(print);
    this.#empty = isEmpty ? this.#empty + 1 : 0;
    this.#repeated = isRepeated ? this.#repeated + 1 : isEmpty ? this.#repeated : 0;
    return this.#repeated >= MAX_REPEATED_PAGES || this.#empty >= MAX_EMPTY_PAGES;
  }
}

const VALUE = Buffer.from('"value"');
const CLOSE = 0x5d;
const EMPTY_BYTES = '"value" : [ ]'.length;
const PRINT_BYTES = 512;

/** The list of a page without what stands around it: links are new every time. */
function recordBytes({ bytes }: Page): Buffer {
  const page = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return page.subarray(Math.max(0, page.indexOf(VALUE)), page.lastIndexOf(CLOSE) + 1);
}

/** Pages that show something else begin, end or are long otherwise: ids and times stand there. */
function fingerprint(records: Buffer): string {
  const hash = createHash('sha256').update(records.subarray(0, PRINT_BYTES)).update(records.subarray(-PRINT_BYTES));
  return `${records.length}:${hash.digest('base64')}`;
}

/** A whole listing of few pages. */
export async function readAll(
  graph: Pick<GraphClient, 'page'>,
  first: PageRequest,
  signal: AbortSignal,
): Promise<Page[]> {
  const pages: Page[] = [];
  for await (const page of pagesFrom(graph, first, signal)) pages.push(page);
  return pages;
}
