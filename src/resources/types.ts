/**
 * How a collection can be read.
 *
 * - `snapshot`: the whole list, every time
 * - `export`: getAllMessages by closed time ranges, all channels of a team in one list
 * - `recent`: newest chain first with `$expand=replies`, until the mark of the last read
 * - `delta`: a delta link, after a first load by `recent`
 * - `full`: the list to its end, whatever the mark says
 */
export type StrategyName = 'snapshot' | 'export' | 'recent' | 'delta' | 'full';

export const strategyNames = [
  'snapshot',
  'export',
  'recent',
  'delta',
  'full',
] as const satisfies readonly StrategyName[];

/** What one read covers. */
export type PartitionKind = 'tenant' | 'team' | 'channel' | 'message' | 'user';

/** One endpoint as the documentation gives it. */
export interface Endpoint {
  /** Route template below the version root. */
  readonly route: string;
  /** Query string without `?`, as the endpoint accepts it. */
  readonly query?: string;
  /** Application permissions, least first; any one is enough. */
  readonly permissions: readonly string[];
  /** Records a full page holds. */
  readonly pageSize?: number;
  /** Documentation page. */
  readonly source: string;
}

/** One way to read a resource. */
export interface Read extends Endpoint {
  readonly strategy: StrategyName;
  readonly partition: PartitionKind;
}

/** What every listing of a collection holds by the service's rules. */
export interface MustHold {
  /** In words. */
  readonly what: string;
  /** Some record has these values. */
  readonly values: Readonly<Record<string, string>>;
  /** Names the very record that is always listed. */
  readonly record?: Endpoint;
  /** Where the service does not name it: it is the record with the least value of this column. */
  readonly eldestBy?: string;
}

/** A Graph collection: where it is and how it can be read. One file each in this folder. */
export interface Resource {
  readonly name: string;
  readonly description: string;
  /** In order of preference. The planner takes the first that the token's permissions allow. */
  readonly reads: readonly [Read, ...Read[]];
  /** Snapshot lists that populate only some properties: this endpoint gives each item whole. */
  readonly details?: Endpoint;
  /** What every listing holds by the service's rules: one without it is not believed. */
  readonly mustHold?: MustHold;
  /** Channel resources that only exist for these membership types. */
  readonly membershipTypes?: readonly string[];
}

/** Fills the parameters of a route template; ids are encoded. */
export function expandRoute(endpoint: Endpoint, ids: Readonly<Record<string, string>>): string {
  const path = endpoint.route.replace(/\{([a-z-]+)\}/g, (_, name: string) => {
    const id = ids[name];
    if (id === undefined) throw new TypeError(`${endpoint.route} needs ${name}`);
    return encodeURIComponent(id);
  });
  return endpoint.query ? `${path}?${endpoint.query}` : path;
}
