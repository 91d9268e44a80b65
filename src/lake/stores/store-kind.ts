import type { ProxySettings } from '../../http/proxy.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { Secret } from '../../runtime/secret.ts';
import type { ObjectStore } from './object-store.ts';

/** What a URL of a lake says, read by its kind of store; or what is wrong with it. */
export type StorePlace = { readonly place: string } | { readonly problem: string };

/** A setting beside the URL: a key of the section `lake`, and its variables. */
export interface StoreSetting {
  /** In words, for the reference. */
  readonly says: string;
  readonly isSecret: boolean;
  /** Default: text. */
  readonly form?: 'boolean' | undefined;
  /** The variable in which tools of the service look for it too, beside the one of Sluice. */
  readonly variable?: string | undefined;
}

/** What was said of a kind's settings, by name. */
export type StoreSettings = Readonly<Record<string, string | boolean | Secret | undefined>>;

/** A kind of store: one file in this folder, one row in `index.ts`. */
export interface StoreKind {
  /** What its URLs begin with, without the colon, in lower case. */
  readonly schemes: readonly string[];
  /** What its URLs look like, for messages. */
  readonly form: string;
  /** False: what is written is gone with the process. */
  readonly lasts: boolean;
  /** What it may be told beside the URL, by name: of all kinds, a name has one meaning. */
  readonly settings: Readonly<Record<string, StoreSetting>>;
  /** Packages that it loads when it is opened, and that no other part needs, with their versions. */
  readonly dependencies: Readonly<Record<string, string>>;
  /** Reads a URL without looking at anything. */
  read(url: string): StorePlace;
  /** The folder of this machine that it is, where it is one: scratch files beside its objects are moved, not copied. */
  folder?(place: string): string;
  open(options: OpenStoreOptions & { readonly place: string }): Promise<ObjectStore>;
}

export interface OpenStoreOptions {
  /** Where a store whose objects are no files of this machine puts copies for DuckDB. Default: the system's temporary folder. */
  readonly scratchDir?: string | undefined;
  /** Copies that nobody reads are removed beyond it. Default: 1 GiB. */
  readonly copiesBytes?: number | undefined;
  /** What its kind may be told: keys that credentials and addresses stand under. */
  readonly settings?: StoreSettings | undefined;
  /** How the store is reached. Default: directly, and by the authorities that Node trusts. */
  readonly network?: StoreNetwork | undefined;
  /** Where a platform says how to sign in. Default: that of the process. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** Default: that of the process. */
  readonly runtime?: Runtime | undefined;
  /** Told each object that is copied to this machine. */
  readonly onFetch?: ((key: string) => void) | undefined;
}

/** A company's proxies and certificate authorities. */
export interface StoreNetwork {
  readonly proxy?: ProxySettings | undefined;
  /** Further certificate authorities in PEM. */
  readonly ca?: string | undefined;
}
