export { type EstimateOptions, estimateRun, type ResourceEstimate, type RunEstimate } from './estimate.ts';
export type { Fallback, RequestPlan, RunReport, SkippedPartition, SyncEvent, SyncOutcome } from './report.ts';
export { type SyncOptions, sync } from './run.ts';
