import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolders } from '../../runtime/folders.ts';
import { writeError } from '../engine/write-error.ts';
import { PRIVATE_FILE, PRIVATE_FOLDER } from '../stores/private-files.ts';
import type { PageContext, RawPage } from '../types.ts';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const EMPTY_VALUE = /"value"\s*:\s*\[\s*\]/;
/** A page without records has room in it for two long links. */
const EMPTY_PAGE_BYTES = 8 * 1024;
const LINE_END = Buffer.from('}\n');
const CONTEXT = ',"ctx":';
const PAGE = ',"page":';
/**
 * Size of a spool file. DuckDB parses up to 2,048 lines of a file at once; parts that fit the processor's cache cost a
 * quarter less than a whole segment.
 */
const FILE_BYTES = 1024 * 1024;

/** Some pages of one resource. `nested`: they may hold records inside records, which are read another way. */
export interface SpoolFile {
  readonly path: string;
  readonly resource: string;
  readonly nested: boolean;
}

/** Where a page lies in its spool file. */
export interface SpooledPage {
  /** Number in the segment, from 0: the `n` of its envelope line. */
  readonly n: number;
  readonly file: SpoolFile;
  readonly resource: string;
  readonly partition: string;
  readonly context: PageContext;
  readonly offset: number;
  readonly length: number;
  /** Length of the envelope line, bytes. */
  readonly lineLength: number;
  /** It is small, and a `"value":[]` stands in it: of its records, or somewhere inside of one. */
  readonly looksEmpty: boolean;
}

/** A file that is not written yet. */
interface Batch {
  readonly file: SpoolFile;
  readonly parts: Uint8Array[];
  bytes: number;
}

/**
 * Pages on their way to the tables: one envelope line per page. The page's bytes go through unparsed; line ends inside
 * it, which in JSON can only stand between values, become spaces.
 */
export class Segment {
  readonly pages: SpooledPage[] = [];
  readonly files: SpoolFile[] = [];
  readonly #folder: string;
  readonly #innerLists: (resource: string) => readonly string[];
  readonly #batches = new Map<string, Batch>();
  #made: Promise<unknown> | undefined;

  /** @param innerLists - names of the lists inside records (`replies`) that hold records of their own */
  constructor(folder: string, innerLists: (resource: string) => readonly string[]) {
    this.#folder = folder;
    this.#innerLists = innerLists;
  }

  async append(page: RawPage): Promise<SpooledPage> {
    const { resource, partition, context } = page;
    const n = this.pages.length;
    const head = Buffer.from(`{"n":${n}${CONTEXT}${JSON.stringify(context)}${PAGE}`);
    const bytes = framed(page.bytes);
    const lineLength = head.length + bytes.length + LINE_END.length;
    const nested = page.nested !== false && this.#innerLists(resource).some((list) => bytes.includes(`"${list}"`));
    const batch = this.#batch(resource, nested);
    const looksEmpty = bytes.length <= EMPTY_PAGE_BYTES && EMPTY_VALUE.test(bytes.toString('latin1'));
    const place = { offset: batch.bytes + head.length, length: bytes.length, lineLength };
    const spooled = { n, file: batch.file, resource, partition, context, ...place, looksEmpty };
    this.pages.push(spooled);
    batch.parts.push(head, bytes, LINE_END);
    batch.bytes += lineLength;
    if (batch.bytes >= FILE_BYTES) await this.#write(batch);
    return spooled;
  }

  /** The bytes of a page as spooled, once the segment is sealed. */
  async read(page: SpooledPage): Promise<Buffer> {
    await using handle = await open(page.file.path);
    const bytes = Buffer.alloc(page.length);
    await handle.read(bytes, 0, page.length, page.offset);
    return bytes;
  }

  /** No more pages. */
  async seal(): Promise<void> {
    for (const batch of this.#batches.values()) await this.#write(batch);
  }

  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  #batch(resource: string, nested: boolean): Batch {
    const key = `${resource}/${nested}`;
    const open = this.#batches.get(key);
    if (open) return open;
    const file = { path: join(this.#folder, `${this.files.length}.ndjson`), resource, nested };
    const batch = { file, parts: [], bytes: 0 };
    this.files.push(file);
    this.#batches.set(key, batch);
    return batch;
  }

  async #write({ file, parts }: Batch): Promise<void> {
    this.#batches.delete(`${file.resource}/${file.nested}`);
    try {
      this.#made ??= makeFolders(this.#folder, PRIVATE_FOLDER);
      await this.#made;
      await using handle = await open(file.path, 'w', PRIVATE_FILE);
      await handle.writev(parts);
    } catch (error) {
      throw writeError(error, this.#folder);
    }
  }
}

/** An envelope line, taken apart: the page's bytes stay as they are. Undefined: it is none. */
export function parseEnvelope(line: Buffer): { readonly context: PageContext; readonly bytes: Buffer } | undefined {
  const from = line.indexOf(CONTEXT);
  // The quotes of the mark cannot stand inside a value of the context.
  const to = line.indexOf(PAGE, from);
  if (from < 0 || to < 0 || line.at(-1) !== 0x7d) return undefined;
  try {
    const context = JSON.parse(line.toString('utf8', from + CONTEXT.length, to)) as PageContext;
    return { context, bytes: line.subarray(to + PAGE.length, -1) };
  } catch {
    return undefined;
  }
}

function framed(page: Uint8Array): Buffer {
  const bytes = Buffer.from(page.buffer, page.byteOffset, page.byteLength);
  if (!bytes.includes(LINE_FEED) && !bytes.includes(CARRIAGE_RETURN)) return bytes;
  return Buffer.from(bytes.map((byte) => (byte === LINE_FEED || byte === CARRIAGE_RETURN ? SPACE : byte)));
}
