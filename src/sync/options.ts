import type { GraphClient } from '../graph/types.ts';
import type { Lake } from '../lake/types.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { TableShape } from '../schema/column.ts';
import type { Caps } from '../strategies/budget.ts';
import type { PutBack } from '../strategies/put-back.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Edges } from './edges.ts';
import type { NotExported, SkippedPartition, SyncEvent } from './report.ts';
import type { AskedNames } from './scope.ts';
import type { VerifyOptions } from './verify.ts';

/**
 * `teams`, `users`: only these; they are not listed then, and nobody's rows are deleted. `channels`, `chats`: only these of
 * theirs. `maxPages`, `maxRecords`: the most that is read of one place of messages or calls; the next run goes on there.
 */
export interface SyncOptions extends AskedNames, Edges, Caps {
  readonly graph: GraphClient;
  readonly lake: Lake;
  readonly tables: readonly TableShape[];
  readonly runtime: Runtime;
  /** Read strategy for resources that offer it; default: the planner's choice. */
  readonly strategy?: string | undefined;
  /**
   * Only rows that meet it are read: a condition of OData on the rows of one table, which is named before a colon where
   * several are read (`members: userId eq '…'`). What does not meet it stays as it is; marks of runs without it do not move.
   */
  readonly filter?: string | undefined;
  /** Messages of the last days are read once more: of reactions the service may move no time. Default: not. */
  readonly verify?: VerifyOptions | undefined;
  /** Listings that shrank are believed: what they no longer name is deleted. */
  readonly allowShrink?: boolean | undefined;
  /** How far an incremental read goes back behind its mark, ms. Default 300,000. */
  readonly overlapMs?: number | undefined;
  /** Records of the tenant that are read side by side. Default 48: the governor decides what is sent. */
  readonly parallel?: number | undefined;
  /** The largest hosted content whose bytes are kept, MB. Default 20. They are read when their tables are among `tables`. */
  readonly contentLimitMb?: number | undefined;
  readonly segmentPages?: number | undefined;
  readonly segmentMs?: number | undefined;
  /** What whoever calls could not find of what the run is about: it is named with the rest that was not read. */
  readonly unfound?: readonly SkippedPartition[] | undefined;
  /** Told the ids that names were found to have, before anything is read. */
  readonly onNames?: ((ids: ReadonlyMap<string, string>) => void) | undefined;
  readonly onEvent?: (event: SyncEvent) => void;
  /** The tables are all there are, and nobody named them: what no administrator has granted is left out, and named. */
  readonly onlyGranted?: boolean | undefined;
  /** What is read once more from its beginning; rows stay until newer ones are there. */
  readonly again?: readonly PutBack[] | undefined;
  /** Writes for others what the run has landed, and answers what was not written. */
  readonly exportsAfter?: ((signal: AbortSignal) => Promise<readonly NotExported[]>) | undefined;
  /** How the run is called where runs are remembered. Default `sync`. */
  readonly command?: string | undefined;
  /** Default: the OpenTelemetry API, which goes nowhere without an SDK. */
  readonly telemetry?: Telemetry;
}
