export type { Fallback } from '../strategies/strategy.ts';
export { type EstimateOptions, estimateRun, type ResourceEstimate, type RunEstimate } from './estimate.ts';
export type { NotPermitted, RequestPlan, RunReport, SkippedPartition, SyncEvent, SyncOutcome } from './report.ts';
export { type SyncOptions, sync } from './run.ts';
