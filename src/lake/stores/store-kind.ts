import type { ObjectStore } from './object-store.ts';

/** What a URL of a lake says, read by its kind of store; or what is wrong with it. */
export type StorePlace = { readonly place: string } | { readonly problem: string };

/** A setting beside the URL. */
export interface StoreSetting {
  /** In words, for the reference. */
  readonly says: string;
  readonly isSecret: boolean;
}

/** A kind of store: one file in this folder, one row in `index.ts`. */
export interface StoreKind {
  /** What its URLs begin with, without the colon, in lower case. */
  readonly schemes: readonly string[];
  /** What its URLs look like, for messages. */
  readonly form: string;
  /** False: what is written is gone with the process. */
  readonly lasts: boolean;
  /** What it needs to be told beside the URL, by name. */
  readonly settings: Readonly<Record<string, StoreSetting>>;
  /** Packages that it loads when it is opened, and that no other part needs. */
  readonly dependencies: readonly string[];
  /** Reads a URL without looking at anything. */
  read(url: string): StorePlace;
  /** The folder of this machine that it is, where it is one: scratch files beside its objects are moved, not copied. */
  folder?(place: string): string;
  open(options: OpenStoreOptions & { readonly place: string }): Promise<ObjectStore>;
}

export interface OpenStoreOptions {
  /** Where a store whose objects are no files of this machine puts copies for DuckDB. Default: the system's temporary folder. */
  readonly scratchDir?: string | undefined;
}
