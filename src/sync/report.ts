import type { TableCounts } from '../lake/types.ts';
import type { Unfinished } from '../strategies/budget.ts';
import type { Gap } from '../strategies/gaps.ts';
import type { Fallback, StrategyName } from '../strategies/strategy.ts';

export type SyncOutcome = 'ok' | 'partial' | 'failed';

/** A partition that could not be read, and why. Its rows and its position are as before the run. */
export interface SkippedPartition {
  readonly resource: string;
  readonly partition: string;
  readonly code: string;
  /** The service's own code for it, the innermost one. */
  readonly serviceCode?: string | undefined;
  /** The missing application permission, when that is the reason. */
  readonly permission?: string | undefined;
  /** The service's `request-id`, for a support case. */
  readonly requestId?: string | undefined;
  /** Of a listing that was held back: the rows that stand, and the records it names. */
  readonly rows?: { readonly before: number; readonly after: number } | undefined;
  readonly message: string;
}

/** A partition that a cap ended (`--max-pages`, `--max-records`): the next run goes on. */
export interface UnfinishedPartition extends Unfinished {
  /** Those of the run that it feeds. */
  readonly tables: readonly string[];
}

/** What came with a new version of Sluice after rows were landed, and is filled by this run. */
export interface Filling {
  readonly resource: string;
  /** Tables, and columns as `table.column`. */
  readonly names: readonly string[];
  readonly partitions: number;
  /** `kept_pages`: the pages that the lake keeps were landed again. `reading_again`: the partitions are read from their beginning. */
  readonly by: 'kept_pages' | 'reading_again';
}

/** A table or a column that rows of partitions of this run lack, because it came after they were read. */
export interface NotFilled {
  readonly code: 'table_not_filled' | 'column_not_filled';
  readonly table: string;
  readonly column?: string;
  /** How many partitions were read before it came. */
  readonly partitions: number;
  readonly message: string;
}

/** A table that nobody named, that the lake never held, and for which no administrator has granted a permission. */
export interface NotPermitted {
  readonly table: string;
  /** Application permissions to grant: the least of those that would do. */
  readonly missing: readonly string[];
}

/** Of which rows a run read only a part (`--filter`): the others stay as they are. */
export interface FilterReport {
  readonly tables: readonly string[];
  readonly filter: string;
  /** What Graph is asked to compare; the rest, and all that rows hold, is compared when they are landed. */
  readonly sent?: string | undefined;
}

/** What a second look at messages found (`--verify-reactions`). */
export interface Verified {
  /** Messages that were read once more, replies among them. */
  readonly records: number;
  /** Of these, with something else in them than the lake had. */
  readonly changed: number;
  /** Places and stretches that could not be read; each is named. */
  readonly failed: number;
  /** False: the limit of the run came first; the next run goes on. */
  readonly isComplete: boolean;
}

export interface RequestCounts {
  readonly total: number;
  readonly throttled: number;
  readonly retried: number;
}

/** What a run needs at least: its requests, and the time the published limits allow them in. */
export interface RequestPlan {
  readonly requests: number;
  readonly lowerBoundMs: number;
}

/** The last event of every run. */
/** A table that could not be written for others; without a name: none was. */
export interface NotExported {
  readonly table?: string | undefined;
  readonly code: string;
  readonly message: string;
}

export interface RunReport {
  readonly event: 'run';
  readonly outcome: SyncOutcome;
  readonly tables: Readonly<Record<string, TableCounts>>;
  readonly requests: RequestCounts;
  readonly plan: RequestPlan;
  readonly elapsedMs: number;
  readonly skipped: readonly SkippedPartition[];
  readonly fallbacks: readonly Fallback[];
  /** What is missing of partitions that were read; each once. */
  readonly gaps: readonly Gap[];
  /** What caps left for the next run. */
  readonly unfinished: readonly UnfinishedPartition[];
  /** What came after rows were landed and is filled in this run … */
  readonly fillings: readonly Filling[];
  /** … and what is not: those rows lack it. */
  readonly notFilled: readonly NotFilled[];
  /** Set when the lake did not say what its rows were made for: what its files hold was taken. */
  readonly adopted?: boolean | undefined;
  /** Set when the lake did not say whose rows it holds: from now on it says so, the tenant and its cloud. */
  readonly adoptedFor?: string | undefined;
  readonly strategies: Readonly<Record<string, StrategyName>>;
  /** Set when the run read only rows that meet a filter. */
  readonly filter?: FilterReport | undefined;
  /** Set when messages were read once more. */
  readonly verified?: Verified | undefined;
  /**
   * Places that the service has nothing of for any app, by what they are: a user without a licence for Teams, a chat that
   * another tenant hosts. No failure of the run; what was read of them before stays, and they are looked at in every run.
   */
  readonly absent: readonly SkippedPartition[];
  /** Tables that were left out. No failure of the run: they were not asked for by name, and are read once it is granted. */
  readonly notPermitted: readonly NotPermitted[];
  /** What was to be written for others after the run (`lake.delta`) and was not. Absent: nothing, or all was written. */
  readonly notExported?: readonly NotExported[] | undefined;
  /** Commit the lake stands at. */
  readonly version: number;
  /** Set when nothing was to be done: a run that began then has read it all. ISO 8601. */
  readonly freshSince?: string;
  /** Why the run failed or stopped early. */
  readonly error?: { readonly code: string; readonly message: string } | undefined;
}

export interface ProgressEvent {
  readonly event: 'progress';
  /** Rows landed so far, of all tables. */
  readonly rows: number;
  /** The same by table; tables without any are left out. */
  readonly tables: Readonly<Record<string, number>>;
  readonly requests: number;
  readonly throttled: number;
  /** True while the service has told us to wait. */
  readonly stopped: boolean;
  readonly partitionsDone: number;
  readonly partitions: number;
  readonly elapsedMs: number;
  /** Time left by the share of partitions read. Absent while that says nothing: few are done, no row has landed, or the service lets us wait. */
  readonly etaMs?: number;
}

export type SyncEvent =
  | ProgressEvent
  | { readonly event: 'plan'; readonly strategies: Readonly<Record<string, StrategyName>> }
  | ({ readonly event: 'skipped' } & SkippedPartition)
  | ({ readonly event: 'absent' } & SkippedPartition)
  | ({ readonly event: 'not_permitted' } & NotPermitted)
  | ({ readonly event: 'fallback' } & Fallback)
  | ({ readonly event: 'gap' } & Gap)
  | ({ readonly event: 'unfinished' } & UnfinishedPartition)
  | ({ readonly event: 'filling' } & Filling)
  | RunReport;
