import { isRefusedLink } from '../errors/graph-refusals.ts';
import { type Endpoint, expandRoute } from '../graph/endpoint.ts';
import { resolveLink } from '../graph/page.ts';
import type { Page, PageRequest } from '../graph/types.ts';
import { type ListPartition, landPage, listOf } from './context.ts';
import { recordLost } from './errors.ts';
import { failureOf, GAP_ATTEMPTS, isPageFailure } from './gaps.ts';
import { type Chain, lostTimes, repliesOf } from './message-times.ts';
import { pagesFrom } from './pages.ts';
import type { Failure, ThreadGap } from './position.ts';
import type { ReadContext } from './strategy.ts';

/**
 * Where replies beyond the inline ones are.
 *
 * @see https://learn.microsoft.com/en-us/graph/api/chatmessage-list-replies
 */
export const repliesOfList = ({ route }: Pick<Endpoint, 'route'>): Pick<Endpoint, 'route' | 'query'> => ({
  route: `${route}/{message-id}/replies`,
  query: '$top=50',
});

/**
 * Numbers of inline replies at which Graph may have stopped without a link: the documented limits (200, and 1,000
 * before) and the page sizes of lists. The link is missing at times.
 *
 * @see https://learn.microsoft.com/en-us/graph/api/channel-list-messages
 */
const CAPS: ReadonlySet<number> = new Set([20, 50, 100, 200, 1000]);
const SMALLEST_CAP = Math.min(...CAPS);
const REPLY_MARK = Buffer.from('"replyToId"');

/** A thread with replies that its list does not show. */
export interface HiddenReplies {
  readonly id: string;
  readonly link?: string | undefined;
}

/** The threads of a page that may have more replies than it shows. */
export function hiddenReplies(page: Page, chains: readonly Chain[]): HiddenReplies[] {
  if (page.replyLinks.length === 0 && !mayHideReplies(page)) return [];
  const cut = new Set(chains.filter((chain) => linkOf(chain) !== undefined).map((chain) => repliesOf(chain).length));
  return chains
    .filter((chain) => hidesReplies(chain, cut))
    .flatMap((chain) => {
      if (typeof chain.id !== 'string') return [];
      const link = linkOf(chain);
      const base = page.url;
      return [{ id: chain.id, link: link !== undefined && base !== undefined ? resolveLink(link, base) : link }];
    });
}

/** False when no list of the page is long enough to be cut, or says that it was. */
function mayHideReplies(page: Page): boolean {
  const bytes = Buffer.from(page.bytes.buffer, page.bytes.byteOffset, page.bytes.byteLength);
  if (bytes.includes('"replies@odata.count"')) return true;
  let count = 0;
  for (let at = bytes.indexOf(REPLY_MARK); at >= 0; at = bytes.indexOf(REPLY_MARK, at + REPLY_MARK.length)) {
    count += 1;
    if (count >= SMALLEST_CAP) return true;
  }
  return false;
}

/** @param cut - lengths at which other lists of the page were cut */
function hidesReplies(chain: Chain, cut: ReadonlySet<number>): boolean {
  if (linkOf(chain) !== undefined) return true;
  const inline = repliesOf(chain).length;
  const count = Number(chain['replies@odata.count'] ?? 0);
  return count > inline || CAPS.has(inline) || cut.has(inline);
}

function linkOf(chain: Chain): string | undefined {
  const link = chain['replies@odata.nextLink'];
  return typeof link === 'string' ? link : undefined;
}

/**
 * Lands the replies of a thread beyond those that its list shows.
 *
 * @returns the gap they leave when they cannot be read; what concerns more than this thread is thrown
 */
export async function landReplies(
  context: ReadContext,
  partition: ListPartition,
  thread: {
    readonly id: string;
    readonly link?: string | undefined;
    readonly failed?: Failure | undefined;
    /** Replies that were last changed before it are not landed. */
    readonly since?: string | undefined;
  },
): Promise<ThreadGap | undefined> {
  const { ids } = partition;
  const endpoint = repliesOfList(listOf(context));
  const { route } = endpoint;
  const whole = expandRoute(endpoint, { ...ids, 'message-id': thread.id });
  const attempts = thread.failed ? GAP_ATTEMPTS : undefined;
  try {
    if (thread.link === undefined || thread.failed) await landAll({ url: whole, route, ids, attempts });
    else await landLinked(thread.link);
    return undefined;
  } catch (error) {
    if (!isPageFailure(error, context.signal)) throw error;
    return { id: thread.id, failed: failureOf(error, thread.failed, context.now()) };
  }

  async function landLinked(url: string): Promise<void> {
    try {
      await landAll({ url, route, ids });
    } catch (error) {
      if (!isRefusedLink(error)) throw error;
      await landAll({ url: whole, route, ids });
    }
  }

  async function landAll(request: PageRequest): Promise<void> {
    let isWhole = true;
    for await (const page of pagesFrom(context.graph, request, context.signal)) {
      await landPage(context, partition, page, { since: thread.since });
      if (lostTimes(page).length > 0) isWhole = false;
    }
    if (!isWhole) throw recordLost(route);
  }
}
