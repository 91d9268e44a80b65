import { z } from 'zod';
import type { GraphClient, PageRequest } from '../graph/types.ts';
import { positionKey } from '../lake/log/partition-key.ts';
import type { Load, Position } from '../lake/types.ts';
import { pathTo, type Resource } from '../resources/types.ts';
import { listingName } from '../strategies/context.ts';
import { CONDITION_PARTITION, conditionPosition, positionsWith } from '../strategies/filtered-positions.ts';
import { countOn } from '../strategies/message-times.ts';
import { instant } from '../strategies/position.ts';
import { partitionName } from '../strategies/position-key.ts';
import { CYCLE, type Positions } from '../strategies/positions.ts';
import type { Place, ReadContext } from '../strategies/strategy.ts';
import { FilteredLoad } from './filtered-load.ts';
import type { Places } from './places.ts';
import type { ResourceRead } from './plan.ts';
import type { Verified } from './report.ts';
import { tenantPlace } from './tree.ts';

/** Its positions are its own, as those of a filter: it moves no mark of a run. */
const NAME = 'verify';
const CONDITION = 'verify-reactions';
const WINDOW = partitionName(CYCLE, 'all');

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
  /** Names what could not be read; throws what concerns the whole run. @returns false: the service has nothing there, which is no failure */
  failed(error: unknown, resource: string, partition: string): boolean;
}

/** A window that is looked at, place after place, by as many runs as it takes. */
const lookSchema = z.object({
  version: z.literal(1),
  since: z.iso.datetime(),
  until: z.iso.datetime(),
  done: z.array(z.string()),
});
type Look = z.output<typeof lookSchema>;

/** Positions of its own of what is looked at. */
export const verifyPositions = (positions: Positions, resource: string): Positions =>
  positionsWith(positions, { resource, name: NAME });

/** The window that runs have begun and not ended yet. @param positions - of the lake */
export function openLook(
  positions: Positions,
  resource: string,
): { readonly filter: string; readonly since: string; readonly until: string; readonly done: number } | undefined {
  const own = verifyPositions(positions, resource);
  const stored = lookSchema.safeParse(own.get(positionKey(resource, WINDOW)));
  if (!stored.success) return undefined;
  const { since, until, done } = stored.data;
  return { filter: CONDITION, since, until, done: done.length };
}

/** The window that an earlier run has begun, or a new one. @param positions - {@link verifyPositions} */
export function lookOf(
  positions: Positions,
  { resource, windowMs, nowMs }: { readonly resource: string; readonly windowMs: number; readonly nowMs: number },
): Look {
  const stored = lookSchema.safeParse(positions.get(positionKey(resource, WINDOW)));
  if (stored.success) return stored.data;
  return { version: 1, since: instant(nowMs - windowMs), until: instant(nowMs), done: [] };
}

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
    this.#read = read;
    this.#options = options;
    this.#context = context;
    this.#counted = counted;
    const filter = { resource: read.resource.name, name: NAME };
    this.#load = new FilteredLoad(context.load, { filter, compared: new Set() });
    this.#positions = verifyPositions(context.positions, read.resource.name);
  }

  /** @returns false: the limit was reached before the end of the window */
  async run(signal: AbortSignal): Promise<boolean> {
    const { name: resource } = this.#read.resource;
    const { windowMs } = this.#options;
    const look = lookOf(this.#positions, { resource, windowMs, nowMs: this.#context.now() });
    const done = new Set(look.done);
    this.#load.advance(resource, CONDITION_PARTITION, conditionPosition(CONDITION));
    // Also when the limit ends it in the first place: the next run goes on with this window.
    this.#keep(look);
    for (const place of await this.#places(pathTo(this.#read.read.per), tenantPlace)) {
      if (done.has(listingName(place))) continue;
      if (this.#left <= 0 || !(await this.#place(place, look, signal))) return false;
      done.add(listingName(place));
      this.#keep({ ...look, done: [...done] });
    }
    this.#keep(undefined);
    return true;
  }

  /** The places of a level. Those whose list cannot be had are missed, and no others. */
  async #places([next, ...others]: readonly Resource[], place: Place): Promise<readonly Place[]> {
    if (next === undefined) return [place];
    try {
      const places = await this.#context.places.all(next, place);
      return (await Promise.all(places.map((one) => this.#places(others, one)))).flat();
    } catch (error) {
      this.#miss(error, listingName(place));
      return [];
    }
  }

  #miss(error: unknown, partition: string): void {
    if (this.#context.failed(error, this.#read.resource.name, partition)) this.#counted.failed += 1;
  }

  get #left(): number {
    return this.#options.maxRecords - this.#counted.records;
  }

  #keep(look: Position | undefined): void {
    this.#load.advance(this.#read.resource.name, WINDOW, look ?? null);
  }

  /** @returns false: the limit ended it */
  async #place(place: Place, { since, until }: Look, signal: AbortSignal): Promise<boolean> {
    const { contextOf } = this.#context;
    const { read } = this.#read;
    const reader = await read.strategy.load();
    let isWhole = true;
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
          cycle: until,
          once: (_, begin) => begin(),
          skip: (error, partition) => this.#miss(error, partition),
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
      this.#miss(error, reader.partitionOf(place));
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
