import type { RangesPartition } from './context.ts';
import { estimateExportPages } from './density.ts';
import { msOf } from './position.ts';
import type { EstimateContext, EstimatedRequests } from './strategy.ts';
import { newRange } from './time-slices.ts';

/** The requests that an export takes: a first load as many as its messages fill, later one (at least). */
export async function estimateExport(
  context: EstimateContext,
  { ids, position }: Pick<RangesPartition, 'ids' | 'position'>,
): Promise<readonly EstimatedRequests[]> {
  const { graph, way, sinceMs, untilMs, signal } = context;
  const request = { method: 'GET', route: way.route, ids } as const;
  const open = position.ranges.filter(({ done, failed }) => !done && failed === undefined);
  const isFirst = position.through === undefined;
  if (!isFirst && open.length === 0) return [{ ...request, count: 1, isSize: false }];
  if (isFirst && untilMs !== undefined) {
    const ranges = [newRange(sinceMs === undefined ? undefined : sinceMs - 1, untilMs - 1)];
    const probe = { way, ids, nowMs: context.now(), random: context.random, ranges };
    return [{ ...request, count: await estimateExportPages(graph, probe, signal), isSize: true }];
  }
  const edgeMs = position.again ? msOf(position.since) : sinceMs;
  const size = isFirst ? { fromMs: edgeMs === undefined ? undefined : edgeMs - 1 } : { ranges: open };
  const probe = { way, ids, nowMs: context.now(), random: context.random, ...size };
  return [{ ...request, count: await estimateExportPages(graph, probe, signal), isSize: true }];
}
