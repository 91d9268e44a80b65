import { cappedPages } from './budget.ts';
import type { RangesPartition } from './context.ts';
import { estimateExportPages } from './density.ts';
import { msOf, type Range } from './position.ts';
import type { EstimateContext, EstimatedRequests } from './strategy.ts';
import { isStretchRead } from './stretch.ts';
import { newRange } from './time-slices.ts';

/** The requests that an export takes: a first load as many as its messages fill, later one (at least). */
export async function estimateExport(
  context: EstimateContext,
  { ids, position }: Pick<RangesPartition, 'ids' | 'position'>,
): Promise<readonly EstimatedRequests[]> {
  if (isStretchRead(context, position)) return [];
  const { graph, way, signal, caps, random } = context;
  const request = { method: 'GET', route: way.route, ids } as const;
  const size = sizeOf(context, position);
  if (size === undefined) return [{ ...request, count: 1, isSize: false }];
  const probe = { way, ids, nowMs: context.now(), random, ...size };
  const pages = await estimateExportPages(graph, probe, signal);
  return [{ ...request, ...cappedExport(pages, cappedPages(caps, way.pageSize)), isSize: true }];
}

/** Of what a run reads the size; undefined: only what is new. */
function sizeOf(
  { sinceMs, untilMs }: Pick<EstimateContext, 'sinceMs' | 'untilMs'>,
  position: RangesPartition['position'],
): { readonly fromMs?: number | undefined; readonly ranges?: readonly Range[] } | undefined {
  const open = position.ranges.filter(({ done, failed }) => !done && failed === undefined);
  if (position.through !== undefined) return open.length > 0 ? { ranges: open } : undefined;
  if (untilMs !== undefined)
    return { ranges: [newRange(sinceMs === undefined ? undefined : sinceMs - 1, untilMs - 1)] };
  const edgeMs = position.again ? msOf(position.since) : sinceMs;
  return { fromMs: edgeMs === undefined ? undefined : edgeMs - 1 };
}

/** Beside those that a cap allows, the newest is looked at first, and once more when something may have moved. */
function cappedExport(pages: number, most: number): { readonly count: number; readonly isCut: boolean } {
  const looks = 2;
  return pages - looks > most ? { count: most + looks, isCut: true } : { count: pages, isCut: false };
}
