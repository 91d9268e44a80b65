import type { Endpoint } from '../graph/endpoint.ts';
import type { GraphClient, Page } from '../graph/types.ts';
import type { LakeContents, Load, PartitionKey, Position } from '../lake/types.ts';
import type { Caps, Unfinished } from './budget.ts';
import type { Gap } from './gaps.ts';
import type { FilterRules } from './sent-filter.ts';
import type { TimeWindow } from './time-windows.ts';

/**
 * How a collection can be read.
 *
 * - `snapshot`: the whole list, every time
 * - `export`: getAllMessages by closed time ranges, many places in one list
 * - `recent`: newest chain first with its replies, until the mark of the last read
 * - `delta`: a delta link, after a first load by `recent`
 * - `full`: the list to its end, whatever the mark says
 * - `windows`: by windows of time, the last days again
 * - `contents`: the bytes that rows of the lake name and it does not have, one request each
 * - `calendar`: a calendar, by windows of time, with what lies ahead; it shows the meetings that are in it
 * - `looks`: what a meeting leaves behind, looked for after its end until it is there
 */
export type StrategyName =
  | 'snapshot'
  | 'export'
  | 'recent'
  | 'delta'
  | 'full'
  | 'windows'
  | 'contents'
  | 'calendar'
  | 'looks';

/** A way to read a collection, as declarations name it. Its code is loaded when something is read with it. */
export interface Strategy {
  readonly name: StrategyName;
  /** The whole listing is read: its records are known afterwards, and others can be below them. */
  readonly isListing?: boolean | undefined;
  /** It reads all of a place in every run, whatever its mark says. */
  readonly isWhole?: boolean | undefined;
  /** It reads what another one is refused or leaves out. */
  readonly standsIn?: boolean | undefined;
  /** Its pages hold records of many places and nothing else: it needs no more pages than its records fill. */
  readonly isPacked?: boolean | undefined;
  /** Its pages end in a link to the next round. */
  readonly isRound?: boolean | undefined;
  /** Not all of its records are listed at once: they are shown as they are read, and what is below them is read then. */
  readonly shows?: boolean | undefined;
  /** What it reads is named by the rows of others: it reads when these are landed, and only when it is asked for. */
  readonly isAfterwards?: boolean | undefined;
  load(): Promise<Reader>;
}

/** How contents are found: rows name them, rows of the same key say what became of them. */
export interface NamedContents {
  /** The tables that name contents, and that of what became of them. */
  readonly names: string;
  readonly kept: string;
  /** By the names that the route gives them: the columns of both tables that hold its ids. */
  readonly ids: Readonly<Record<string, string>>;
  /** Where the ids of two columns differ, another route is asked. */
  readonly unlike?: { readonly columns: readonly [string, string]; readonly route: string } | undefined;
  /** The service takes requests of each of these side by side: columns. */
  readonly apart: readonly string[];
}

/** An endpoint and how it is read. */
export interface Way extends Endpoint {
  readonly strategy: Strategy;
  /** Its list is in the order of the time of change and can be narrowed by it: only what changed is asked for. */
  readonly filters?: 'lastModifiedDateTime' | undefined;
  /** How it is asked for by windows of time. */
  readonly window?: TimeWindow | undefined;
  /** What its `$filter` compares beside that. */
  readonly filter?: FilterRules | undefined;
  /** A clause of `$filter` that this run asks with, beside that. */
  readonly asked?: string | undefined;
  /** Of contents: where they are named. */
  readonly contents?: NamedContents | undefined;
  /** A list inside of its records that has further pages of its own: `segments`. */
  readonly inner?: string | undefined;
  /** Where that list is read when a record says that it holds more than it shows, and gives no link: the field, and the list. */
  readonly beyond?: { readonly count: string; readonly route: string } | undefined;
  /** Of what a meeting leaves behind: how it is looked for. */
  readonly looks?: Looks | undefined;
}

/** Whether its route answers one record instead of a list. */
export const shapeOf = ({ looks }: Pick<Way, 'looks'>) => (looks?.isOfTheMeeting ? 'single' : undefined);

/** How what a meeting leaves behind is looked for. */
export interface Looks {
  /** Fields with the beginning and the end of a record: it is of the occurrence that it overlaps most. */
  readonly from: string;
  readonly to: string;
  /** A field that is 0 as long as the record may be unfinished: it is read again. */
  readonly unfinished?: string | undefined;
  /** The service lists only so many, the newest: older ones cannot be had. */
  readonly atMost?: number | undefined;
  /** Finds a meeting by its join link, where its id is not known. */
  readonly lookUp: Endpoint;
  /** It is read once, and again after some days; it needs no end of a meeting. */
  readonly isOfTheMeeting?: boolean | undefined;
}

/** A record of a listing, as far as reading needs it. */
export interface Item {
  readonly id: string;
  readonly [field: string]: unknown;
}

/** Where something is read: the tenant, or a record that others are below. */
export interface Place {
  /** What it is called in names of partitions: `team` for a record that gives `team-id`. */
  readonly kind: string;
  /** Its ids from the top; none: the tenant. */
  readonly path: readonly string[];
  /** Its ids by the names that routes give them: `team-id`. */
  readonly ids: Readonly<Record<string, string>>;
  /** What its listing says of it. */
  readonly item: Item;
  readonly parent?: Place | undefined;
}

/** A further page of a list inside of a record. */
export interface InnerPage {
  /** The ids of that record. */
  readonly ids: Readonly<Record<string, string>>;
  readonly page: Page;
}

/** A listing read to its end, or to a page that cannot be read: what it holds, and its pages as received. */
export interface CompleteListing {
  readonly items: readonly Item[];
  readonly pages: readonly Page[];
  readonly inner: readonly InnerPage[];
  /** True: it is not believed. What it names lands; what it does not name stays. */
  readonly held: boolean;
  /** False: a record or a page of it cannot be read. Default: true. */
  readonly isWhole?: boolean | undefined;
}

/** A strategy that the service refused for a partition, and the one that read it instead. */
export interface Fallback {
  readonly resource: string;
  readonly partition: string;
  readonly from: StrategyName;
  readonly to: StrategyName;
  readonly code: string;
}

/** What is read: a collection, in one of its ways. */
export interface Subject {
  /** Name of the collection. */
  readonly resource: string;
  readonly way: Way;
  /** All ways of the collection, in order of preference. */
  readonly ways: readonly Way[];
  /** Ways that are tried when the service refuses. */
  readonly fallbacks: readonly Way[];
  /** Lists that populate only some properties: this endpoint gives each record whole. */
  readonly details?: Endpoint | undefined;
  /** The collection is listed in parts: the same record may be in several of its listings. */
  readonly isListedInParts?: boolean | undefined;
  /** A field of the record above it, a time or a version: the listing changes only when it moves. */
  readonly movesWith?: string | undefined;
  /** How routes name the id of the records that it is below, and of its own. */
  readonly gives?: string | undefined;
  readonly ownId?: string | undefined;
}

/** What the stored positions tell. */
export interface Stored {
  readonly resource: string;
  /** Positions as of the lake's version at the start of the run. */
  readonly positions: ReadonlyMap<PartitionKey, Position>;
}

/** A thing that readers of a run share. */
export interface RunSlot<T> {
  readonly make: () => T;
}

/** What is read below the records that a reader shows. */
export interface Below {
  /** Names of the collections. */
  readonly resources: readonly string[];
  /** The ids of records at a place that something was read of in earlier runs. */
  known(place: Place): readonly string[];
  /**
   * Reads them below these records.
   *
   * @param due - only these collections
   * @returns what could not be read, and was named
   */
  read(items: readonly Item[], due: readonly string[]): Promise<readonly Missed[]>;
}

/** What could not be read of a collection below a record. */
export interface Missed {
  readonly resource: string;
  readonly item: Item;
  readonly error: unknown;
}

/** What a read strategy works with. */
export interface ReadContext extends Subject, Stored {
  readonly graph: GraphClient;
  readonly load: Load;
  readonly signal: AbortSignal;
  /** How far an incremental read goes back behind the mark, ms: late arrivals are found, known rows are not landed twice. */
  readonly overlapMs: number;
  /** A first load begins here instead of at the beginning. */
  readonly sinceMs?: number | undefined;
  /** Only what was last changed before it is read, ms; a call by its start. No mark is moved: later runs read all of it. */
  readonly untilMs?: number | undefined;
  /** The most that is read of one place. */
  readonly caps?: Caps | undefined;
  /** Of runs with caps that read anew what others have read: they are one read, whose places end one after the other. */
  readonly cycle?: string | undefined;
  /** Our own clock, ms. */
  now(): number;
  /** Whose data is read, when that is known. */
  readonly tenantId?: string | undefined;
  /** Names what could not be read of a partition that was read otherwise. */
  gap(gap: Gap): void;
  /** Names what a cap left for the next run. */
  unfinished(unfinished: Unfinished): void;
  /** Names a partition that could not be read; throws what concerns the whole run. */
  skip(error: unknown, partition: string): void;
  /** Names a strategy that was refused, and the one that reads instead. */
  fallback(error: unknown, fallback: Pick<Fallback, 'partition' | 'from' | 'to'>): void;
  /** The collection's own listing at a place, read once. Rejects when nothing of it can be read. */
  listing(place: Place): Promise<CompleteListing>;
  /** The collection's own records at a place: those that were asked for by id, or all that are listed. */
  records(place: Place): Promise<readonly Place[]>;
  /** What readers keep for as long as the run lasts, whatever collection they read: made when it is first asked for. */
  shared<T>(slot: RunSlot<T>): T;
  /** Reads a place once in a run, though several places list it and their readers ask for it; what else asks is answered alike. */
  once<T>(place: Place, read: () => Promise<T>): Promise<T>;
  /** The records of the collection's parent at a place, of those that were asked for. Rejects when nothing of their listing can be read. */
  below(place: Place): Promise<readonly Place[]>;
  /** What is read below its records, when it shows them. */
  readonly shows?: Below | undefined;
  /** False: nothing of the collection itself is wanted, only what is below it. */
  readonly lands: boolean;
  /** Contents that rows name. */
  readonly contents: LakeContents;
  /** The largest content that is kept, bytes. */
  readonly contentLimitBytes: number;
  /** True for the ids of a place that the run is about. */
  isMeant(ids: Readonly<Record<string, string>>): boolean;
}

/** So many requests of one kind. */
export interface PlannedRequests {
  readonly method: string;
  readonly route: string;
  readonly ids?: Readonly<Record<string, string>> | undefined;
  readonly count: number;
}

/** Requests of a run. */
export type EstimatedRequests = PlannedRequests & {
  /** Their number is the estimated size of a first load. */
  readonly isSize: boolean;
  /** A cap ends them before their end. */
  readonly isCut?: boolean | undefined;
};

/** What an estimate works with. */
export interface EstimateContext
  extends Subject,
    Stored,
    Pick<
      ReadContext,
      'graph' | 'signal' | 'sinceMs' | 'untilMs' | 'caps' | 'cycle' | 'tenantId' | 'records' | 'below' | 'lands'
    > {
  readonly now: () => number;
  readonly random: () => number;
  /** Names of the collections that are read below its records, when it shows them. */
  readonly shownTo: readonly string[];
  /** How many contents rows of the lake name that it does not have, by the ids of their requests. */
  unkept(contents: NamedContents): Promise<readonly UnkeptCount[]>;
}

/** Contents of one place that are to be fetched. */
export interface UnkeptCount {
  readonly values: Readonly<Record<string, unknown>>;
  readonly isUnlike: boolean;
  readonly count: number;
}

/** The records that a reader will show. */
export interface ShownEstimate {
  readonly requests: readonly EstimatedRequests[];
  /** Some of them … */
  readonly items: readonly Item[];
  /** … and how many there are. */
  readonly count: number;
}

/** The code of a strategy. */
export interface Reader {
  /** Reads a place and lands it. */
  read(context: ReadContext, place: Place): Promise<void>;
  /** The requests that `read` makes, decided as it decides. */
  estimate(context: EstimateContext, place: Place): Promise<readonly EstimatedRequests[]>;
  /** The ids of the records that a page shows; default: those of its records. */
  shownOn?(page: Page, place: { readonly ids: Readonly<Record<string, string>>; readonly way: Way }): readonly string[];
  /** The records that it will show at a place. */
  shown?(context: EstimateContext, place: Place): Promise<ShownEstimate>;
  /** What the place is called in outcomes. */
  partitionOf(place: Place): string;
  /** Forgets what it knows of places that a complete listing no longer names. */
  retain?(context: Stored & Pick<ReadContext, 'load'>, listed: ReadonlySet<string>, kinds: ReadonlySet<string>): void;
}
