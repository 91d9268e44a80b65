export type { Fallback } from '../strategies/strategy.ts';
export { estimateRun } from './estimate.ts';
export type { EstimateOptions, ResourceEstimate, RunEstimate } from './estimated.ts';
export type { SyncOptions } from './options.ts';
export type { NotPermitted, RequestPlan, RunReport, SkippedPartition, SyncEvent, SyncOutcome } from './report.ts';
export { sync } from './run.ts';
