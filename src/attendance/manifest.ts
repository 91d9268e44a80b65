import { z } from 'zod';
import type { ObjectStore } from '../lake/stores/object-store.ts';
import { manifestErrors } from './errors.ts';

/** The file that says which documents are whole. It is written last. */
export const MANIFEST = 'attendance-manifest.json';

const instant = z.iso.datetime();

const windowSchema = z.object({ from: instant, to: instant, version: z.int().min(0) });

const accountSchema = z.object({
  name: z.string(),
  /** Documents hold everything up to there, as the lake had it at that version. */
  through: instant,
  version: z.int().min(0),
  /** Of the original layout: where the documents of this day begin. */
  day: windowSchema.optional(),
  /** The documents of the last window. */
  documents: z.array(z.string()).default([]),
  /** A window whose documents are being written: whoever finds it writes them again. */
  pending: windowSchema.extend({ after: z.int().min(0).optional(), fetched: instant }).optional(),
});

const manifestSchema = z.object({ version: z.literal(1), accounts: z.record(z.string(), accountSchema) });

export type AccountState = z.output<typeof accountSchema>;
export type Manifest = z.output<typeof manifestSchema>;

/** @throws SluiceError `manifest_unreadable`: documents that are there would be written over */
export async function readManifest(store: ObjectStore, signal?: AbortSignal): Promise<Manifest> {
  const found = await store.get(MANIFEST, signal);
  if (found === undefined) return { version: 1, accounts: {} };
  const parsed = manifestSchema.safeParse(jsonOf(found.bytes));
  if (parsed.success) return parsed.data;
  throw manifestErrors.manifest_unreadable({ place: `${store.description}/${MANIFEST}` });
}

export const writeManifest = (store: ObjectStore, manifest: Manifest, signal?: AbortSignal): Promise<void> =>
  store.put(MANIFEST, Buffer.from(`${JSON.stringify(manifest, undefined, 2)}\n`), signal);

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}
