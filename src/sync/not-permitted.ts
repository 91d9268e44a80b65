import { namesMissingPermission, saysNothingOfWhy } from '../errors/graph-refusals.ts';
import type { SluiceError } from '../errors/sluice-error.ts';
import type { GraphClient } from '../graph/types.ts';
import { splitKey } from '../lake/log/partition-key.ts';
import type { Lake } from '../lake/types.ts';
import { endpointAt } from '../resources/index.ts';
import { endpointsOf, listingRead, pathTo, type Resource, showingRead } from '../resources/types.ts';
import type { Fallback } from '../strategies/strategy.ts';
import { AskedOnce } from './asked-once.ts';
import { neededPermission } from './outcomes.ts';
import { missingPermissions, type ResourceRead } from './plan.ts';
import type { NotPermitted, SkippedPartition } from './report.ts';

/** A refusal that is kept until it is known whether it holds for the whole application. */
interface Kept {
  readonly error: SluiceError;
  readonly skipped: SkippedPartition;
}

/** What came of the tables that nobody named. */
export interface Settled {
  readonly notPermitted: readonly NotPermitted[];
  /** What was refused somewhere and granted elsewhere. */
  readonly skipped: readonly SkippedPartition[];
  /** What was read another way. */
  readonly fallbacks: readonly Fallback[];
  /** Why nothing of what the run is about could be read; undefined: something could, or it failed otherwise. */
  readonly nothing: SluiceError | undefined;
}

/**
 * The part of a run that is left out where no administrator has granted it: what nobody named and the lake never held.
 * Graph decides, by its answer to one request; the roles of the token only say what a refusal without a reason means.
 */
export class Grantable {
  readonly graph: GraphClient;
  readonly #asked: AskedOnce;
  readonly #reads: readonly ResourceRead[];
  readonly #shown: ReadonlySet<string>;
  /** How many collections the run reads, these and others. */
  readonly #count: number;
  readonly #fallbacks: Fallback[] = [];
  readonly #kept = new Map<string, Kept[]>();

  constructor(options: {
    readonly graph: GraphClient;
    readonly reads: readonly ResourceRead[];
    readonly shown: ReadonlySet<string>;
    readonly lake: Pick<Lake, 'positions' | 'written'>;
    /** The run is about some records: a permission may be granted for these alone, and each of them is asked. */
    readonly isPart: boolean;
  }) {
    const { graph, reads, shown, lake, isPart } = options;
    const written = lake.written();
    const read = new Set([...lake.positions().keys()].map((key) => splitKey(key).resource));
    this.#shown = shown;
    this.#reads = reads.filter(
      ({ resource, tables }) => !read.has(resource.name) && !tables.some(({ name }) => written.has(name)),
    );
    this.#count = reads.length;
    const routes = new Map(this.#reads.flatMap(({ resource }) => routesOf(resource)));
    this.#asked = new AskedOnce({ graph, routes, isForAll: (error) => !isPart && this.#isMissingPermission(error) });
    this.graph = this.#asked;
  }

  /** Whether a collection is one that may be left out. */
  has(resource: string): boolean {
    return this.#reads.some((read) => read.resource.name === resource);
  }

  /** The routes of a collection that were asked and refused for good. */
  refusedRoutes(resource: Resource): readonly string[] {
    return endpointsOf(resource).flatMap(({ route }) => (this.#asked.refusalOf(route) === undefined ? [] : route));
  }

  /** Why what a collection is below cannot be listed, for good; undefined: it can, or nobody knows. */
  refusalAbove(resource: Resource): unknown {
    return aboveOf(resource)
      .map((route) => this.#asked.refusalOf(route))
      .find((refusal) => refusal !== undefined);
  }

  /** True while neither Graph nor the token says that it may be read. */
  isDoubted(read: ResourceRead): boolean {
    const { name, reads } = read.resource;
    const isShown = reads.some((way) => missingPermissions(way, this.#shown).length === 0);
    return this.has(name) && this.#shown.size > 0 && !isShown && !this.#isGrantedSomewhere(read);
  }

  /** Keeps a refusal. @returns false: it has another reason, or the collection is not one that may be left out */
  keep(error: unknown, skipped: SkippedPartition): boolean {
    if (!this.has(skipped.resource) || !this.#isMissingPermission(error)) return false;
    const kept = this.#kept.get(skipped.resource) ?? [];
    this.#kept.set(skipped.resource, [...kept, { error, skipped }]);
    return true;
  }

  /** Keeps that another way is tried, until it is known whether there was one. @returns false: it is told at once */
  keepFallback(fallback: Fallback): boolean {
    if (!this.has(fallback.resource)) return false;
    this.#fallbacks.push(fallback);
    return true;
  }

  settle(): Settled {
    const refused = this.#reads.filter(({ resource }) => this.#kept.has(resource.name));
    const lacking = refused.filter((read) => !this.#isGrantedSomewhere(read));
    const granted = refused.filter((read) => !lacking.includes(read));
    return {
      notPermitted: lacking.flatMap((read) => {
        const missing = this.#missing(read);
        return read.tables.map(({ name }) => ({ table: name, missing }));
      }),
      skipped: granted.flatMap((read) => this.#keptOf(read).map(({ skipped }) => skipped)),
      fallbacks: this.#fallbacks.filter(({ resource }) => !lacking.some((read) => read.resource.name === resource)),
      nothing: lacking.length === this.#count ? this.#keptOf(lacking[0]!)[0]!.error : undefined,
    };
  }

  #keptOf({ resource }: ResourceRead): readonly Kept[] {
    return this.#kept.get(resource.name) ?? [];
  }

  #isGrantedSomewhere = ({ resource }: ResourceRead): boolean =>
    endpointsOf(resource).some(({ route }) => this.#asked.isGranted(route));

  /** What Graph says, and what else the token does not show. */
  #missing(read: ResourceRead): readonly string[] {
    const { resource } = read;
    const said = this.#keptOf(read).flatMap(({ error }) => neededPermission(resource.name, error) ?? []);
    const unshown =
      this.#shown.size === 0
        ? []
        : [...pathTo(resource.of), resource].flatMap(({ reads }) => {
            const isShown = reads.some((read) => missingPermissions(read, this.#shown).length === 0);
            return isShown ? [] : reads[0].permissions.slice(0, 1);
          });
    return [...new Set([...said, ...unshown])];
  }

  #isMissingPermission(error: unknown): error is SluiceError {
    if (namesMissingPermission(error)) return true;
    if (!saysNothingOfWhy(error) || this.#shown.size === 0) return false;
    const endpoint = endpointAt(error.request?.route ?? '');
    return endpoint !== undefined && missingPermissions(endpoint, this.#shown).length > 0;
  }
}

/** The routes of a collection, each with the lists of what it is below. */
function routesOf(resource: Resource): readonly (readonly [string, readonly string[]])[] {
  const above = aboveOf(resource);
  return endpointsOf(resource).map(({ route }) => [route, above]);
}

/** The routes that list what a collection is below. */
const aboveOf = (resource: Resource): readonly string[] =>
  pathTo(resource.of).flatMap((level) => (listingRead(level) ?? showingRead(level))?.route ?? []);
