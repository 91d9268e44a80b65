import { z } from 'zod';
import type { GraphClient, PageRequest } from '../graph/types.ts';
import { positionKey } from '../lake/log/partition-key.ts';
import type { Load, Position } from '../lake/types.ts';
import { pathTo } from '../resources/types.ts';
import { listingName } from '../strategies/context.ts';
import { positionsWith } from '../strategies/filtered-positions.ts';
import { countOn } from '../strategies/message-times.ts';
import { instant } from '../strategies/position.ts';
import { partitionName } from '../strategies/position-key.ts';
import type { Positions } from '../strategies/positions.ts';
import type { Place, ReadContext } from '../strategies/strategy.ts';
import { FilteredLoad } from './filtered-load.ts';
import type { Places } from './places.ts';
import type { ResourceRead } from './plan.ts';
import type { Verified } from './report.ts';
import { tenantPlace } from './tree.ts';

/** Its positions are its own: it moves no mark of a run. */
const NAME = 'verify';
const CYCLE = partitionName('cycle', 'all');

/** How much is looked at again. */
export interface VerifyOptions {
  /** Messages that last changed within so many ms. */
  readonly windowMs: number;
  /** Messages of one run, replies among them; the next run goes on. */
  readonly maxRecords: number;
}

/** What the walk of a run has ready. */
export interface VerifyContext {
  readonly reads: readonly ResourceRead[];
  readonly places: Places;
  readonly load: Load;
  readonly positions: Positions;
  now(): number;
  contextOf(read: ResourceRead, signal: AbortSignal): ReadContext;
  /** Names what could not be read; throws what concerns the whole run. */
  failed(error: unknown, resource: string, partition: string): void;
}

/** A window that is looked at, place after place, by as many runs as it takes. */
const cycleSchema = z.object({
  version: z.literal(1),
  since: z.iso.datetime(),
  until: z.iso.datetime(),
  done: z.array(z.string()),
});
type Cycle = z.output<typeof cycleSchema>;

/**
 * Reads messages of the last days once more, and lands those that say something else: of some changes the service moves no
 * time, so no incremental read can see them. They are asked for as a stretch of time, by the way of the run: an export
 * has fifty messages in a request, at ten times the rate of anything that has one.
 */
export async function verify(options: VerifyOptions, context: VerifyContext, signal: AbortSignal): Promise<Verified> {
  const counted = { records: 0, failed: 0 };
  let isComplete = true;
  await context.load.commit();
  const before = rowsOf(context);
  for (const read of context.reads) {
    const one = new Verification(read, options, context, counted);
    if (!(await one.run(signal))) isComplete = false;
  }
  await context.load.commit();
  return { ...counted, changed: rowsOf(context) - before, isComplete };
}

const rowsOf = ({ load, reads }: VerifyContext): number =>
  reads
    .flatMap(({ tables }) => tables)
    .filter(({ explode }) => explode === undefined)
    .reduce((sum, { name }) => sum + (load.counts[name]?.rows ?? 0), 0);

class Verification {
  readonly #read: ResourceRead;
  readonly #options: VerifyOptions;
  readonly #context: VerifyContext;
  readonly #counted: { records: number; failed: number };
  readonly #load: Load;
  readonly #positions: Positions;

  constructor(
    read: ResourceRead,
    options: VerifyOptions,
    context: VerifyContext,
    counted: { records: number; failed: number },
  ) {
    const filter = { resource: read.resource.name, name: NAME };
    this.#read = read;
    this.#options = options;
    this.#context = context;
    this.#counted = counted;
    this.#load = new FilteredLoad(context.load, { filter, compared: new Set() });
    this.#positions = positionsWith(context.positions, filter);
  }

  /** @returns false: the limit was reached before the end of the window */
  async run(signal: AbortSignal): Promise<boolean> {
    const cycle = this.#cycle();
    const done = new Set(cycle.done);
    const places = await this.#context.places.down(pathTo(this.#read.read.per), tenantPlace);
    for (const place of places) {
      if (done.has(listingName(place))) continue;
      if (this.#left <= 0 || !(await this.#place(place, cycle, signal))) return false;
      done.add(listingName(place));
      this.#keep({ ...cycle, done: [...done] });
    }
    this.#keep(undefined);
    return true;
  }

  get #left(): number {
    return this.#options.maxRecords - this.#counted.records;
  }

  /** The window that an earlier run has begun, or a new one. */
  #cycle(): Cycle {
    const stored = cycleSchema.safeParse(this.#positions.get(positionKey(this.#read.resource.name, CYCLE)));
    if (stored.success) return stored.data;
    const nowMs = this.#context.now();
    const since = instant(nowMs - this.#options.windowMs);
    return { version: 1, since, until: instant(nowMs), done: [] };
  }

  #keep(cycle: Position | undefined): void {
    this.#load.advance(this.#read.resource.name, CYCLE, cycle ?? null);
  }

  /** @returns false: the limit ended it */
  async #place(place: Place, { since, until }: Cycle, signal: AbortSignal): Promise<boolean> {
    const { contextOf, failed } = this.#context;
    const { resource, read } = this.#read;
    const reader = await read.strategy.load();
    let isWhole = true;
    const miss = (error: unknown, partition: string) => {
      this.#counted.failed += 1;
      failed(error, resource.name, partition);
    };
    const context = contextOf(this.#read, signal);
    try {
      await reader.read(
        {
          ...context,
          graph: this.#counting(context.graph),
          load: this.#load,
          positions: this.#positions,
          sinceMs: Date.parse(since),
          untilMs: Date.parse(until),
          caps: { maxRecords: this.#left },
          once: (_, begin) => begin(),
          skip: miss,
          gap: (gap) => {
            this.#counted.failed += 1;
            context.gap(gap);
          },
          unfinished: () => {
            isWhole = false;
          },
        },
        place,
      );
    } catch (error) {
      miss(error, reader.partitionOf(place));
    }
    return isWhole;
  }

  #counting(graph: GraphClient): GraphClient {
    return {
      get stats() {
        return graph.stats;
      },
      page: async (request: PageRequest, signal?: AbortSignal) => {
        const page = await graph.page(request, signal);
        this.#counted.records += countOn(page);
        return page;
      },
      file: (...args) => graph.file(...args),
      permissions: (signal) => graph.permissions(signal),
      close: () => graph.close(),
    };
  }
}
