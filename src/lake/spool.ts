import type { FileHandle } from 'node:fs/promises';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeError } from './errors.ts';
import type { PageContext, RawPage } from './types.ts';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
/** Pages are handed to the file system in batches of about this size. */
const BATCH_BYTES = 1024 * 1024;

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
}

/** Envelope lines of one resource. `nested`: pages that may hold records inside records; they are read another way. */
export interface SpoolFile {
  readonly path: string;
  readonly resource: string;
  readonly nested: boolean;
}

interface OpenFile extends SpoolFile {
  readonly handle: FileHandle;
  size: number;
  batch: Uint8Array[];
  batchBytes: number;
}

/**
 * Pages on their way to the tables: one envelope line per page. The page's bytes go through unparsed; line ends inside
 * it, which in JSON can only stand between values, become spaces.
 */
export class Segment {
  readonly pages: SpooledPage[] = [];
  readonly #folder: string;
  readonly #innerLists: (resource: string) => readonly string[];
  readonly #files = new Map<string, OpenFile>();

  /** @param innerLists - names of the lists inside records (`replies`) that hold records of their own */
  constructor(folder: string, innerLists: (resource: string) => readonly string[]) {
    this.#folder = folder;
    this.#innerLists = innerLists;
  }

  get files(): readonly SpoolFile[] {
    return [...this.#files.values()];
  }

  async append(page: RawPage): Promise<SpooledPage> {
    try {
      const { resource, partition, context } = page;
      const n = this.pages.length;
      const head = Buffer.from(`{"n":${n},"ctx":${JSON.stringify(context)},"page":`);
      const bytes = framed(page.bytes);
      const lineLength = head.length + bytes.length + LINE_END.length;
      const file = await this.#file(
        resource,
        this.#innerLists(resource).some((list) => bytes.includes(`"${list}"`)),
      );
      const offset = file.size + head.length;
      const spooled = { n, file, resource, partition, context, offset, length: bytes.length, lineLength };
      this.pages.push(spooled);
      file.size += lineLength;
      file.batch.push(head, bytes, LINE_END);
      file.batchBytes += lineLength;
      if (file.batchBytes >= BATCH_BYTES) await flush(file);
      return spooled;
    } catch (error) {
      throw writeError(error, this.#folder);
    }
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
    for (const file of this.#files.values()) {
      try {
        await flush(file);
      } catch (error) {
        throw writeError(error, this.#folder);
      } finally {
        await file.handle.close();
      }
    }
  }

  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #file(resource: string, nested: boolean): Promise<OpenFile> {
    const name = nested ? `${resource}.nested` : resource;
    const known = this.#files.get(name);
    if (known) return known;
    await mkdir(this.#folder, { recursive: true });
    const path = join(this.#folder, `${name}.ndjson`);
    const file = { handle: await open(path, 'w'), path, resource, nested, size: 0, batch: [], batchBytes: 0 };
    this.#files.set(name, file);
    return file;
  }
}

const LINE_END = Buffer.from('}\n');

async function flush(file: OpenFile): Promise<void> {
  const { batch } = file;
  file.batch = [];
  file.batchBytes = 0;
  if (batch.length > 0) await file.handle.writev(batch);
}

function framed(page: Uint8Array): Buffer {
  const bytes = Buffer.from(page.buffer, page.byteOffset, page.byteLength);
  if (!bytes.includes(LINE_FEED) && !bytes.includes(CARRIAGE_RETURN)) return bytes;
  return Buffer.from(bytes.map((byte) => (byte === LINE_FEED || byte === CARRIAGE_RETURN ? SPACE : byte)));
}
