import type { GraphClient } from '../graph/types.ts';
import type { PartitionKey, Position } from '../lake/types.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { TableShape } from '../schema/column.ts';
import type { Caps } from '../strategies/budget.ts';
import type { NamedContents, StrategyName, UnkeptCount } from '../strategies/strategy.ts';
import type { Edges } from './edges.ts';
import type { Doubt } from './plan.ts';
import type { FilterReport, NotPermitted, SkippedPartition } from './report.ts';
import type { AskedNames } from './scope.ts';
import type { VerifyOptions } from './verify.ts';

/** How sure a number is: listed = counted just now; sampled = extrapolated from a part; at least = more if more changed. */
export type EstimateBasis = 'listed' | 'sampled' | 'at least';

export interface ResourceEstimate {
  readonly resource: string;
  readonly tables: readonly string[];
  readonly strategy: StrategyName;
  readonly requests: number;
  readonly lowerBoundMs: number;
  readonly basis: EstimateBasis;
  /** Places of which a cap leaves something for the next run. */
  readonly unfinished: number;
}

export interface RunEstimate {
  /** How many records of the tenant are read, by collection. */
  readonly records: Readonly<Record<string, number>>;
  readonly requests: number;
  readonly lowerBoundMs: number;
  readonly resources: readonly ResourceEstimate[];
  /** What is read once more (`--verify-reactions`). */
  readonly verified: readonly ResourceEstimate[];
  /** What the token does not seem to allow; Graph decides in the run. */
  readonly doubts: readonly Doubt[];
  readonly skipped: readonly SkippedPartition[];
  /** What the service has nothing of, by what it is. */
  readonly absent: readonly SkippedPartition[];
  /** Tables that a run would leave out. */
  readonly notPermitted: readonly NotPermitted[];
  /** Set when the run would read only rows that meet a filter. */
  readonly filter?: FilterReport | undefined;
}

export interface EstimateOptions extends AskedNames, Edges, Caps {
  readonly graph: GraphClient;
  readonly runtime: Runtime;
  readonly tables: readonly TableShape[];
  readonly positions: ReadonlyMap<PartitionKey, Position>;
  readonly strategy?: string | undefined;
  /** As of a run: messages of the last days are read once more. */
  readonly verify?: VerifyOptions | undefined;
  /** As of a run: only what meets it is read. */
  readonly filter?: string | undefined;
  /** As of a run: the tables were not named. */
  readonly onlyGranted?: boolean | undefined;
  /** Tables that the lake has files with rows of: with `onlyGranted`, they are not left out. */
  readonly written?: ReadonlySet<string> | undefined;
  /** Contents that rows of the lake name and it does not have. Default: there is no lake. */
  readonly unkept?: ((contents: NamedContents) => Promise<readonly UnkeptCount[]>) | undefined;
}
