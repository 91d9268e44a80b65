import { isSluiceError } from '../../errors/sluice-error.ts';
import type { GraphClient, Page } from '../../graph/types.ts';
import type { Load, PageContext, Position } from '../../lake/types.ts';
import { pagesFrom } from '../pages.ts';
import { instant, type MessagePosition } from '../position.ts';

/** Clocks of one service differ by less than this: what was modified shortly before a read may show up shortly after. */
export const CLOCK_SKEW_MS = 5_000;

/** What a read strategy works with. */
export interface ReadContext {
  readonly graph: GraphClient;
  readonly load: Load;
  readonly signal: AbortSignal;
  /** How far an incremental read goes back behind the mark, ms: late arrivals are found, known rows are not landed twice. */
  readonly overlapMs: number;
  /** A first load begins here instead of at the beginning. */
  readonly sinceMs?: number;
}

/** One partition of `channel_messages` and where reading stands in it. */
export interface MessagePartition {
  readonly key: string;
  readonly teamId: string;
  readonly channelId?: string;
  readonly position: MessagePosition;
}

export const RESOURCE = 'channel_messages';

/** Where replies beyond the inline ones are. https://learn.microsoft.com/en-us/graph/api/chatmessage-list-replies */
export const REPLIES_ROUTE = '/teams/{team-id}/channels/{channel-id}/messages/{message-id}/replies';

/** @param options.nested - false: the listing gives replies as records of their own, never inside their root */
export async function landPage(
  context: ReadContext,
  partition: MessagePartition,
  page: Page,
  options: { readonly nested?: boolean } = {},
): Promise<void> {
  const pageContext: PageContext = {
    team_id: partition.teamId,
    ...(partition.channelId !== undefined && { channel_id: partition.channelId }),
    fetchedAt: instant(page.receivedAtMs),
  };
  const { bytes } = page;
  await context.load.append({ resource: RESOURCE, partition: partition.key, context: pageContext, bytes, ...options });
}

export function advance(context: ReadContext, partition: MessagePartition, position: MessagePosition): void {
  context.load.advance(RESOURCE, partition.key, position as unknown as Position);
}

/** The service no longer takes a link it gave: 400 invalid token, 410 gone. */
export function isRefusedLink(error: unknown): boolean {
  return isSluiceError(error) && (error.request?.status === 400 || error.request?.status === 410);
}

export function channelIds(partition: MessagePartition): Record<string, string> {
  return { 'team-id': partition.teamId, 'channel-id': partition.channelId! };
}

/** Lands the replies beyond those a list gives inline, at one request per further page. */
export async function landFurtherReplies(context: ReadContext, partition: MessagePartition, page: Page): Promise<void> {
  const ids = channelIds(partition);
  for (const url of page.replyLinks) {
    for await (const replies of pagesFrom(context.graph, { url, route: REPLIES_ROUTE, ids }, context.signal)) {
      await landPage(context, partition, replies);
    }
  }
}
