import type { Secret } from '../../src/runtime/secret.ts';
import type { Environment } from './twin.ts';

/** A lake in a container of its own. */
export interface RemotePlace {
  readonly url: string;
  /** As `openStore` takes them. */
  readonly settings: Readonly<Record<string, string | boolean | Secret>>;
  /** The same for a command. */
  readonly env: Environment;
  /** The same for others who read it: delta-rs and Polars. */
  readonly others: { readonly url: string; readonly options: Readonly<Record<string, string>> };
}
