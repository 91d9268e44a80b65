import type { PartitionKey, Position } from '../lake/types.ts';
import type { DiscoveredChannel } from './discovery.ts';
import type { Fallback } from './report.ts';
import type { ReadContext } from './strategies/context.ts';

/** What the readers of one run share. */
export interface SyncContext extends ReadContext {
  /** Positions as of the lake's version at the start of the run. */
  readonly positions: ReadonlyMap<PartitionKey, Position>;
  /** The chosen channels of a team; empty, with an outcome, when they cannot be listed. */
  channelsOf(teamId: string, resource: string): Promise<readonly DiscoveredChannel[]>;
  /** Records that a partition could not be read; throws what concerns the whole run. */
  skip(error: unknown, resource: string, partition: string): void;
  /** Records that another strategy reads a partition. */
  fallback(error: unknown, fallback: Omit<Fallback, 'code'>): void;
}
