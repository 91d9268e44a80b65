import { schemeOf } from '../../runtime/local-path.ts';
import { storeUrlErrors } from '../store-errors.ts';
import { azureBlob } from './azure-blob.ts';
import { file } from './file.ts';
import { memory } from './memory.ts';
import type { ObjectStore } from './object-store.ts';
import { s3 } from './s3.ts';
import type { OpenStoreOptions, StoreKind } from './store-kind.ts';

/** Every kind of store: what a lake can be in. */
export const storeKinds: readonly StoreKind[] = [file, azureBlob, s3, memory];

/** Where a lake is, read from its URL. */
export interface StoreUrl {
  readonly kind: StoreKind;
  /** As its kind understands it: the absolute path of a folder. */
  readonly place: string;
}

/**
 * Reads the URL of a lake, or the path of a folder, without looking at anything.
 *
 * @throws SluiceError `lake_url_unknown` for a scheme that no kind of store has, naming those there are; `lake_url_invalid`
 */
export function readStoreUrl(text: string, kinds: readonly StoreKind[] = storeKinds): StoreUrl {
  const url = text.trim();
  const forms = kinds.map(({ form }) => form);
  if (url === '') throw storeUrlErrors.lake_url_invalid({ problem: 'The URL of the lake is empty.', forms });
  const scheme = schemeOf(url) ?? 'file';
  const kind = kinds.find(({ schemes }) => schemes.includes(scheme));
  if (!kind) {
    const known = kinds.flatMap(({ schemes }) => schemes);
    throw storeUrlErrors.lake_url_unknown({ scheme, known, forms });
  }
  const read = kind.read(url);
  if ('problem' in read) throw storeUrlErrors.lake_url_invalid({ problem: read.problem, forms });
  return { kind, place: read.place };
}

/**
 * As {@link readStoreUrl}, for a lake that is to be there afterwards: of a command, of a job.
 *
 * @throws SluiceError `lake_url_unknown`, `lake_url_invalid`
 */
export function readLastingUrl(text: string, kinds: readonly StoreKind[] = storeKinds): StoreUrl {
  const lasting = kinds.filter(({ lasts }) => lasts);
  const scheme = schemeOf(text.trim());
  const passing = kinds.find(({ lasts, schemes }) => !lasts && scheme !== undefined && schemes.includes(scheme));
  if (!passing) return readStoreUrl(text, lasting);
  const problem = `A lake at "${passing.form}" is gone when the command ends.`;
  throw storeUrlErrors.lake_url_invalid({ problem, forms: lasting.map(({ form }) => form) });
}

/**
 * Opens the store that a URL names. The only place that picks one.
 *
 * @throws SluiceError `lake_url_unknown`, `lake_url_invalid`
 */
export async function openStore(url: string, options: OpenStoreOptions = {}): Promise<ObjectStore> {
  const { kind, place } = readStoreUrl(url);
  return kind.open({ ...options, place });
}
