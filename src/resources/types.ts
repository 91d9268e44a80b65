import type { Endpoint } from '../graph/endpoint.ts';
import type { Way } from '../strategies/strategy.ts';
import type { missingRecords } from './errors.ts';

/** The tenant: what every collection is below. */
export interface Root {
  readonly name: string;
  readonly of?: undefined;
}

/** The tenant, or a collection whose records others are below: reads are made once for each of its records. */
export type Level = Root | Resource;

/** One way to read a resource: once for each record of a level. */
export interface Read extends Way {
  readonly per: Level;
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
  /** Values that this record has as a rule. A listing in which no record has them is asked about, also the first. */
  readonly usually?: Readonly<Record<string, string>>;
}

/** How a record is found by another name than its id. */
export interface ByName extends Endpoint {
  /** What every such name holds, and no id does. */
  readonly sign: string;
}

/** Lists the records that a group holds, those of groups inside of it too. */
export interface InGroup extends Endpoint {
  readonly headers: Readonly<Record<string, string>>;
}

/** A Graph collection: where it is and how it can be read. One file each in this folder. */
export interface Resource {
  readonly name: string;
  readonly description: string;
  /** The level that it is below. */
  readonly of: Level;
  /** How routes name the id of its records: `team-id`; undefined: nothing is below them. */
  readonly gives?: string | undefined;
  /** Ids that pages of it are landed with though no address has them: what its reader found. */
  readonly finds?: readonly string[] | undefined;
  /** In order of preference. The planner takes the first that the token's permissions allow. */
  readonly reads: readonly [Read, ...Read[]];
  /** Snapshot lists that populate only some properties: this endpoint gives each item whole. */
  readonly details?: Endpoint | undefined;
  /** Gives a record also by another name than its id, in the place of the id. */
  readonly byName?: ByName | undefined;
  readonly inGroup?: InGroup | undefined;
  /** What every listing holds by the service's rules: one without it is not believed. */
  readonly mustHold?: MustHold | undefined;
  /** The fields that people know its records by: `sluice ids` shows them beside the id. */
  readonly knownBy?: readonly string[] | undefined;
  /** What is said of a record that was asked for by its id and is in no listing. */
  readonly whenMissing?:
    | ((id: string) => { readonly code: keyof typeof missingRecords; readonly message: string })
    | undefined;
  /** It only exists below records of the parent that have one of these values. */
  readonly onlyBelow?: Readonly<Record<string, readonly string[]>> | undefined;
  /** The same record is listed below several records of the parent: it is one record, known by its own id alone. */
  readonly shared?: boolean | undefined;
  /** A field that names the tenant which hosts a record: what is in one of another tenant is refused to every app of this one. */
  readonly hostedBy?: string | undefined;
  /** Something of its records may change without their time of change: only a second look sees it. */
  readonly mayChangeUnseen?: boolean | undefined;
  /** Nothing must be in it: an empty listing that says so twice is believed. */
  readonly mayBeEmpty?: boolean | undefined;
  /** A field of the parent's records, a time or a version: the listing changes only when it moves, and is not read again while it stands. */
  readonly movesWith?: string | undefined;
}

/** True for what is read only when it is asked for: the bytes that rows name. */
export const isAskedFor = ({ reads }: Pick<Resource, 'reads'>): boolean =>
  reads.every(({ strategy }) => strategy.isAfterwards);

/** The collections from the top down to a level, itself included. None: it is the tenant. */
export function pathTo(level: Level): readonly Resource[] {
  return level.of === undefined ? [] : [...pathTo(level.of), level];
}

/** What its records are called in names of partitions: `team` for those that give `team-id`. */
export const kindOf = ({ name, gives }: Pick<Resource, 'name' | 'gives'>): string => gives?.replace(/-id$/, '') ?? name;

/** Every endpoint that a collection is read at. */
export const endpointsOf = ({
  reads,
  details,
  byName,
  inGroup,
}: Pick<Resource, 'reads' | 'details' | 'byName' | 'inGroup'>): readonly Endpoint[] => [
  ...reads,
  ...(details ? [details] : []),
  ...(byName ? [byName] : []),
  ...(inGroup ? [inGroup] : []),
];

/** Where what it is below is looked up, when its address is not known. */
export const lookUpsOf = ({ reads }: Pick<Resource, 'reads'>): readonly Endpoint[] =>
  reads.flatMap(({ looks }) => looks?.lookUp ?? []);

/** How the whole of a collection is listed; undefined: it is read in other ways only. */
export const listingRead = ({ reads }: Pick<Resource, 'reads'>): Read | undefined =>
  reads.find(({ strategy }) => strategy.isListing);

/** How the records of a collection are shown that is never listed as a whole; undefined: they are not. */
export const showingRead = ({ reads }: Pick<Resource, 'reads'>): Read | undefined =>
  reads.find(({ strategy }) => strategy.shows);
