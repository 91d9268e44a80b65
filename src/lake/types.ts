import type { TableShape } from '../schema/column.ts';
import type { Condition } from '../schema/condition.ts';

/** Number of a commit; 0 = an empty lake. */
export type Version = number;

/** Where reading stands in one partition of one resource: a small JSON value that only its read strategy understands. */
export type Position = { readonly [key: string]: string | number | boolean | null | readonly string[] | Position };

/** `resource/partition`. */
export type PartitionKey = `${string}/${string}`;

/** Facts about a page that its bytes do not tell: the ids of its address (`team_id`) as tables name them, and these. */
export interface PageContext {
  readonly [id: string]: string | undefined;
  /** Records whose version lies before it are not asked for, ISO 8601: they become no rows. */
  readonly since?: string | undefined;
  /** Nor are those whose version does not lie before it, or that have none. */
  readonly until?: string | undefined;
  /** When the service answered, ISO 8601. */
  readonly fetchedAt: string;
}

export interface RawPage {
  readonly resource: string;
  readonly partition: string;
  readonly context: PageContext;
  /** A `{"value":[…]}` page, as received. */
  readonly bytes: Uint8Array;
  /** False when the records of this listing cannot hold records of their own (`replies`). Default: it is looked for. */
  readonly nested?: boolean;
  /**
   * Earlier loads may have landed some of it, of whatever partition: its rows are compared with those that stand.
   * Default: when its partition has a position. What the same load reads twice is always found.
   */
  readonly readBefore?: boolean | undefined;
}

/** From one instant up to another, which it does not hold. ISO 8601. */
export interface Stretch {
  readonly from: string;
  readonly to: string;
}

/** Counts per table of one load. An exploded table counts the elements of the changed records; it stores no rows of its own. */
export interface TableCounts {
  /** Change rows written: new, changed and deleted. */
  rows: number;
  /** Of these, deletes. */
  deletes: number;
  /** Records that could not be read, or not wholly; their bytes are in `<lake>/quarantine`. */
  quarantined: number;
}

export interface Commit {
  readonly version: Version;
  readonly tables: Readonly<Record<string, TableCounts>>;
}

export interface LoadOptions {
  /** Names the load in commits and file names. */
  readonly loadId: string;
  /** A segment closes (and commits) at this many pages … */
  readonly segmentPages?: number | undefined;
  /** … or this long after its first page, ms, whichever is first. */
  readonly segmentMs?: number | undefined;
  /** Facts about the lake that this load's commits state. */
  readonly facts?: Readonly<Record<string, unknown>> | undefined;
  /**
   * By resource: only records that meet a condition become rows. Pages of such a resource are not kept as received: they
   * hold what was not asked for, and no later load may take them for all there was.
   */
  readonly only?: ReadonlyMap<string, Condition> | undefined;
  /** True: its pages were landed before and are kept: they are not kept again. */
  readonly landsAgain?: boolean | undefined;
}

/**
 * One run that writes. Pages go in, positions go in between them; every commit is a cut of that order: the rows of all
 * pages appended before the cut, and the positions set before it, become visible together.
 */
export interface Load extends AsyncDisposable {
  /** Adds a page of a `cdc` resource. Resolves when it is spooled; slows down when transforming falls behind. */
  append(page: RawPage): Promise<void>;
  /** Sets the position that holds once every page appended so far is committed. `null` forgets it. */
  advance(resource: string, partition: string, position: Position | null): void;
  /**
   * Replaces a partition of a `snapshot` resource by a *complete* listing. Only what differs from the current rows is
   * written; rows that are no longer listed become deletes. An incomplete listing is never given here. The partition's
   * name is what the context of its pages says: `<team_id>`, `<team_id>/<channel_id>`; any name for tenant-wide listings.
   * With `keepUnlisted` nothing is deleted: for a listing that is not believed. With `within` the listing is complete for
   * stretches of time: rows of tables that say how long theirs last (`lasts`) stay where they touch none of them.
   */
  replace(
    resource: string,
    partition: string,
    pages: readonly RawPage[],
    options?: {
      readonly keepUnlisted?: boolean | undefined;
      /** Beside what was given of the partition before: one of several listings of the same records. Implies `keepUnlisted`. */
      readonly isPart?: boolean | undefined;
      readonly within?: readonly Stretch[] | undefined;
    },
  ): Promise<void>;
  /**
   * Deletes the rows of every partition of a snapshot resource that is not in `partitions` (its parent is gone). Where all
   * rows are one partition, they are named by their own keys.
   */
  retain(resource: string, partitions: ReadonlySet<string>): Promise<void>;
  /**
   * How many rows each partition of a snapshot resource has now, by the name that `replace` knows it by (`''` for
   * tenant-wide listings). Empty for a resource without a table.
   */
  standing(resource: string): Promise<ReadonlyMap<string, number>>;
  /**
   * The ids of the rows with certain values that each partition of a snapshot resource has now, those with the least
   * value of a column first.
   */
  standingIds(
    resource: string,
    of: { readonly where: Readonly<Record<string, string>>; readonly eldestBy: string },
  ): Promise<ReadonlyMap<string, readonly string[]>>;
  /** Commits everything appended so far. */
  commit(): Promise<Version>;
  /** What this load has committed so far. */
  readonly counts: Readonly<Record<string, TableCounts>>;
  /**
   * Partitions with a page or a record that is not JSON. Where a page is lost, nobody knows what is missing: the position
   * stays where it was before its segment, so that the next run reads it again. A record that is lost alone holds nothing:
   * who reads knows which one it is and asks for it again.
   */
  readonly unreadable: ReadonlySet<PartitionKey>;
  /** Commits what is open, then releases the scratch files. After an error, `abandon` first. */
  close(): Promise<void>;
  /** Drops what is not committed. */
  abandon(): Promise<void>;
}

/** A row that names a content which is not kept, or a kept one that no row names any more. */
export interface NamedContent {
  readonly isNamed: boolean;
  /** The key of the row, and what is known of the content. */
  readonly values: Readonly<Record<string, unknown>>;
}

/** A content while its bytes come. */
export interface NewContent {
  add(piece: Uint8Array): Promise<void>;
  /** Makes it a file of the lake, readable by its owner alone. Durable when it resolves. The same bytes are one file. */
  keep(signal?: AbortSignal): Promise<{ readonly file: string; readonly sha256: string; readonly size: number }>;
  drop(): Promise<void>;
}

/** Files beside the tables: what rows name by the column that their table says. */
export interface LakeContents {
  /**
   * What stands between two tables of the same key, one that names contents and one that says what became of each: rows of the
   * first that the second does not have, or has without `done`; and rows of the second that the first has not any more.
   * Rows that differ in `apart` come in turns, newest first.
   */
  unkept(
    names: string,
    kept: string,
    options: { readonly apart: readonly string[]; readonly done: string },
  ): AsyncIterable<NamedContent>;
  begin(): Promise<NewContent>;
}

export interface Lake extends AsyncDisposable {
  readonly version: Version;
  readonly tables: readonly TableShape[];
  /** Facts about the lake, as the log has them: what it is a lake of, what its runs were. */
  readonly facts: Readonly<Record<string, unknown>>;
  /**
   * Commits facts, and positions with them, in one step: each merged into those before, key by key; `null` forgets one.
   */
  note(
    facts: Readonly<Record<string, unknown>>,
    positions?: Readonly<Record<PartitionKey, Position | null>>,
  ): Promise<void>;
  /** Positions as of `version`. */
  positions(): ReadonlyMap<PartitionKey, Position>;
  /** Tables that have files with rows. */
  written(): ReadonlySet<string>;
  /** Per table, the columns that every one of its files holds, with the type that is declared now. */
  heldColumns(): Promise<HeldColumns>;
  /** The pages of a resource as received, when all that were ever landed of it are kept; undefined: they are not. */
  keptPages(resource: string): Promise<KeptPages | undefined>;
  /** What was written down of the runs; undefined: nothing. It is no part of any version. */
  runs(): Promise<unknown>;
  /** Writes it down. Nothing is written when another process has taken the lake over. */
  keepRuns(runs: unknown): Promise<void>;
  begin(options: LoadOptions): Promise<Load>;
  readonly contents: LakeContents;
  /**
   * Makes `current/` hold exactly the rows that stand: only files with rows that changed are written anew. Returns the
   * tables whose files changed.
   */
  publish(options?: { tables?: readonly string[] }, signal?: AbortSignal): Promise<readonly string[]>;
  /** Merges small files, drops changes beyond their retention, removes files that nobody needs. */
  compact(options?: { tables?: readonly string[] }, signal?: AbortSignal): Promise<CompactionReport>;
  /** Mends what `fsck` finds, and says how: what cannot be had back is given up, and the positions that led to it. */
  repair(signal?: AbortSignal): Promise<RepairReport>;
  close(): Promise<void>;
}

/** Per table, names of columns. A table that no run has written is not in it. */
export type HeldColumns = ReadonlyMap<string, ReadonlySet<string>>;

/** Pages of one resource that were landed before, in the order in which they came. */
export interface KeptPages {
  /** Files that hold them. */
  readonly files: number;
  pages(signal?: AbortSignal): AsyncIterable<Pick<RawPage, 'context' | 'bytes'>>;
}

/** What a repair did. Paths are those of the lake. */
export interface RepairReport {
  /** Files that were had back: from an equal copy, or from the current rows of other files. */
  readonly restored: readonly string[];
  /** Files that are not in the lake any more. */
  readonly dropped: readonly string[];
  /** Resources whose kept pages were landed again. */
  readonly landedAgain: readonly string[];
  /** Their positions are forgotten: the next sync reads these partitions from their beginning. */
  readonly forgotten: readonly PartitionKey[];
  /** Changes up to here are no longer complete for those who read them by version; absent when they are as before. */
  readonly feedFrom?: Version | undefined;
}

export interface CompactionReport {
  readonly tables: Readonly<
    Record<string, { filesBefore: number; filesAfter: number; rowsBefore: number; rowsAfter: number }>
  >;
  /** Every change after this version is kept. */
  readonly feedFrom: Version;
  readonly orphansRemoved: number;
  /** Files beside the tables that no row named any more. */
  readonly contentsRemoved: number;
}
