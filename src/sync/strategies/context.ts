import { isSluiceError } from '../../errors/sluice-error.ts';
import type { GraphClient, Page } from '../../graph/types.ts';
import type { Load, PageContext } from '../../lake/types.ts';
import { type ChannelPosition, instant, storedPosition, type TeamPosition } from '../position.ts';
import type { Gap } from '../report.ts';

/** What a read strategy works with. */
export interface ReadContext {
  readonly graph: GraphClient;
  readonly load: Load;
  readonly signal: AbortSignal;
  /** How far an incremental read goes back behind the mark, ms: late arrivals are found, known rows are not landed twice. */
  readonly overlapMs: number;
  /** A first load begins here instead of at the beginning. */
  readonly sinceMs?: number | undefined;
  /** Our own clock, ms. */
  now(): number;
  /** Names what could not be read of a partition that was read otherwise. */
  gap(gap: Gap): void;
}

/** The messages of one team, read by export, and where reading stands. */
export interface TeamPartition {
  readonly key: string;
  readonly teamId: string;
  readonly position: TeamPosition;
  /** An earlier run landed messages of the team, by whatever strategy. */
  readonly readBefore?: boolean | undefined;
}

/** The messages of one channel, read by its list, and where reading stands. */
export interface ChannelPartition {
  readonly key: string;
  readonly teamId: string;
  readonly channelId: string;
  readonly position: ChannelPosition;
  /** An earlier run landed messages of the team, by whatever strategy. */
  readonly readBefore?: boolean | undefined;
}

export const RESOURCE = 'channel_messages';

/**
 * @param options.nested - false: the listing gives replies as records of their own, never inside their root
 * @param options.since - what was last changed before it is not landed, though the page holds it
 */
export async function landPage(
  context: ReadContext,
  partition: Pick<TeamPartition, 'key' | 'teamId' | 'readBefore'> & Partial<Pick<ChannelPartition, 'channelId'>>,
  page: Page,
  { since, ...options }: { readonly nested?: boolean; readonly since?: string | undefined } = {},
): Promise<void> {
  const pageContext: PageContext = {
    team_id: partition.teamId,
    ...(partition.channelId !== undefined && { channel_id: partition.channelId }),
    since,
    fetchedAt: instant(page.receivedAtMs),
  };
  const { bytes } = page;
  const { key, readBefore } = partition;
  await context.load.append({
    resource: RESOURCE,
    partition: key,
    context: pageContext,
    bytes,
    readBefore,
    ...options,
  });
}

export function advance(context: ReadContext, key: string, position: TeamPosition | ChannelPosition): void {
  context.load.advance(RESOURCE, key, storedPosition(position));
}

/** The service no longer takes a link it gave: 400 invalid token, 410 gone. */
export function isRefusedLink(error: unknown): boolean {
  return isSluiceError(error) && (error.request?.status === 400 || error.request?.status === 410);
}

export function channelIds(partition: Pick<ChannelPartition, 'teamId' | 'channelId'>): Record<string, string> {
  return { 'team-id': partition.teamId, 'channel-id': partition.channelId };
}
