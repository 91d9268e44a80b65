import { lowerBound } from '../limits/lower-bound.ts';
import { resources as allResources } from '../resources/index.ts';
import { sharedSignal } from '../runtime/concurrency.ts';
import { positionsWith } from '../strategies/filtered-positions.ts';
import type { PlannedRequests } from '../strategies/strategy.ts';
import { cycleOf } from './cycle.ts';
import { checkEdges } from './edges.ts';
import { estimateVerifying } from './estimate-verifying.ts';
import type { EstimateOptions, ResourceEstimate, RunEstimate } from './estimated.ts';
import { Estimator, type Planned } from './estimator.ts';
import { Listings } from './listings.ts';
import { Grantable } from './not-permitted.ts';
import { hostedElsewhere, skippedPartition } from './outcomes.ts';
import { Places } from './places.ts';
import { planReads, type ResourceRead } from './plan.ts';
import type { SkippedPartition } from './report.ts';
import { askedOf } from './scope.ts';
import { levelsOf } from './tree.ts';

/**
 * Predicts the requests of a run: the same tree, asked of the same strategies. Costs the listing of the top records, the
 * listings below each sampled one, and for a first load some requests more for each of them. A record that cannot be read
 * is in `skipped`, as it would be after a run.
 */
export async function estimateRun(options: EstimateOptions, outer: AbortSignal): Promise<RunEstimate> {
  const signal = sharedSignal(outer);
  const { tables, strategy, written = new Set() } = options;
  checkEdges(options, options.runtime.now());
  const permissions = await options.graph.permissions(signal);
  const asked = askedOf(options);
  const { reads, doubts, filter } = planReads({ tables, permissions, strategy, asked, filter: options.filter });
  const positions = filter ? positionsWith(options.positions, filter) : options.positions;
  const lake = { positions: () => positions, written: () => written };
  const grantable = options.onlyGranted
    ? new Grantable({ graph: options.graph, reads, shown: permissions, lake, isPart: asked.size > 0 })
    : undefined;
  const graph = grantable?.graph ?? options.graph;
  const held: SkippedPartition[] = [];
  const listings = new Listings({
    graph,
    signal,
    positions,
    shared: levelsOf(reads),
    resources: allResources,
    filter,
    hold: (error, resource, partition) => held.push(skippedPartition(error, resource, partition, signal)),
  });
  const tenantId = (await options.graph.source?.(signal))?.tenantId;
  const places = new Places(listings, asked, tenantId);
  const nowMs = options.runtime.now();
  const cycle = cycleOf(positions, { ...options, reads, asked, filter: filter?.name, nowMs });
  const estimator = new Estimator(
    { ...options, positions, graph, grantable, tenantId, cycle: cycle?.begunAt },
    { asked, listings, places, reads },
    signal,
  );
  const resources: ResourceEstimate[] = [];
  const all: PlannedRequests[] = [];
  for (const plan of reads) {
    const estimated = await estimator.estimate(plan);
    all.push(...estimated.planned);
    resources.push(estimateOf(plan, estimated));
  }
  const verified: ResourceEstimate[] = [];
  if (options.verify) {
    const known = { positions, nowMs };
    for (const plan of reads.filter(({ resource }) => resource.mayChangeUnseen)) {
      const estimated = await estimateVerifying(plan, options.verify, { ...known, estimator });
      all.push(...estimated.planned);
      verified.push(estimateOf(plan, estimated));
    }
  }
  const settled = grantable?.settle();
  const nothing = settled?.nothing ?? estimator.nothing;
  if (nothing !== undefined) throw nothing;
  return {
    records: estimator.records,
    requests: total(all),
    lowerBoundMs: Math.ceil(lowerBound(all)),
    resources,
    verified,
    doubts,
    skipped: [...held, ...estimator.skipped, ...(settled?.skipped ?? [])],
    notPermitted: settled?.notPermitted ?? [],
    filter: filter?.report,
    absent: [...estimator.absent, ...[...places.elsewhere].map(([id, of]) => hostedElsewhere(of, id))],
  };
}

const estimateOf = (plan: ResourceRead, { planned, basis }: Planned): ResourceEstimate => ({
  resource: plan.resource.name,
  tables: plan.tables.map(({ name }) => name),
  strategy: plan.read.strategy.name,
  requests: total(planned),
  lowerBoundMs: Math.ceil(lowerBound(planned)),
  basis,
  unfinished: planned.filter(({ isCut }) => isCut).length,
});

const total = (planned: readonly PlannedRequests[]) => planned.reduce((sum, { count }) => sum + count, 0);
