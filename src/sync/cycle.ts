import { createHash } from 'node:crypto';
import { positionKey } from '../lake/log/partition-key.ts';
import type { Load } from '../lake/types.ts';
import type { Caps } from '../strategies/budget.ts';
import { instant } from '../strategies/position.ts';
import { partitionName } from '../strategies/position-key.ts';
import { CYCLE, type Positions } from '../strategies/positions.ts';
import type { Edges } from './edges.ts';
import type { ResourceRead } from './plan.ts';
import type { Asked } from './scope.ts';

// A run with caps leaves something for the next ones. Where they follow a mark, what was finished stays finished. What reads
// anew whatever the mark says (`full`, and a stretch with `--until`) would begin again with each place that it has finished:
// such runs are one read, a cycle, until one of them leaves nothing.

/** Which runs with caps are one read. */
export interface Cycle {
  readonly resource: string;
  readonly partition: string;
  /** When the first of them began. */
  readonly begunAt: string;
}

interface CappedRun extends Edges, Caps {
  readonly reads: readonly ResourceRead[];
  readonly asked: Asked;
  /** The name of the filter of the run. */
  readonly filter?: string | undefined;
  readonly nowMs: number;
}

/** The cycle that a run goes on with, or begins; undefined: what it finishes stays finished. */
export function cycleOf(positions: Positions, run: CappedRun): Cycle | undefined {
  const { reads, asked, filter, sinceMs, untilMs, maxPages, maxRecords, nowMs } = run;
  const isCapped = maxPages !== undefined || maxRecords !== undefined;
  const isAnew = untilMs !== undefined || reads.some(({ read }) => read.strategy.isWhole);
  const [first] = reads;
  if (!isCapped || !isAnew || !first) return undefined;
  const ways = reads.map(({ resource, read }) => [resource.name, read.strategy.name]).sort();
  const about = JSON.stringify([ways, [...asked].sort(), filter, sinceMs, untilMs]);
  const partition = partitionName(CYCLE, createHash('sha256').update(about).digest('hex').slice(0, 16));
  const resource = first.resource.name;
  const begunAt = positions.get(positionKey(resource, partition))?.['begunAt'];
  return { resource, partition, begunAt: typeof begunAt === 'string' ? begunAt : instant(nowMs) };
}

/** Writes a cycle down, before anything is read with it. */
export const beginCycle = (load: Pick<Load, 'advance'>, { resource, partition, begunAt }: Cycle): void =>
  load.advance(resource, partition, { version: 1, begunAt });

export const endCycle = (load: Pick<Load, 'advance'>, { resource, partition }: Cycle): void =>
  load.advance(resource, partition, null);
