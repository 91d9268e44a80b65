import type { FileHandle } from 'node:fs/promises';
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeError } from './errors.ts';
import type { PageContext, RawPage } from './types.ts';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;

/** Where a page lies in its spool file. */
export interface SpooledPage {
  /** Number in the segment, from 0: the `n` of its envelope line. */
  readonly n: number;
  readonly resource: string;
  readonly partition: string;
  readonly context: PageContext;
  readonly offset: number;
  readonly length: number;
  /** Length of the envelope line, bytes. */
  readonly lineLength: number;
}

/**
 * Pages on their way to the tables: one envelope line per page, one file per resource. The page's bytes go through
 * unparsed; line ends inside it, which in JSON can only stand between values, become spaces.
 */
export class Segment {
  readonly pages: SpooledPage[] = [];
  readonly #folder: string;
  readonly #innerLists: (resource: string) => readonly string[];
  readonly #files = new Map<string, { handle: FileHandle; path: string; size: number; nested: boolean }>();

  /** @param innerLists - names of the lists inside records (`replies`) that hold records of their own */
  constructor(folder: string, innerLists: (resource: string) => readonly string[]) {
    this.#folder = folder;
    this.#innerLists = innerLists;
  }

  /** Resources with pages, and their spool files. `nested`: some page may hold records inside records. */
  get files(): ReadonlyMap<string, { readonly path: string; readonly nested: boolean }> {
    return this.#files;
  }

  async append(page: RawPage): Promise<SpooledPage> {
    try {
      const file = this.#files.get(page.resource) ?? (await this.#open(page.resource));
      const n = this.pages.length;
      const head = Buffer.from(`{"n":${n},"ctx":${JSON.stringify(page.context)},"page":`);
      const bytes = framed(page.bytes);
      const lineLength = head.length + bytes.length + 2;
      const entry = { n, resource: page.resource, partition: page.partition, context: page.context, lineLength };
      const spooled = { ...entry, offset: file.size + head.length, length: bytes.length };
      await file.handle.writev([head, bytes, Buffer.from('}\n')]);
      file.size += lineLength;
      file.nested ||= this.#innerLists(page.resource).some((list) => bytes.includes(`"${list}"`));
      this.pages.push(spooled);
      return spooled;
    } catch (error) {
      throw writeError(error, this.#folder);
    }
  }

  /** The bytes of a page as spooled. */
  async read(page: SpooledPage): Promise<Buffer> {
    const whole = await readFile(this.#files.get(page.resource)!.path);
    return whole.subarray(page.offset, page.offset + page.length);
  }

  /** No more pages. */
  async seal(): Promise<void> {
    for (const { handle } of this.#files.values()) await handle.close();
  }

  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #open(resource: string) {
    await mkdir(this.#folder, { recursive: true });
    const path = join(this.#folder, `${resource}.ndjson`);
    const file = { handle: await open(path, 'w'), path, size: 0, nested: false };
    this.#files.set(resource, file);
    return file;
  }
}

function framed(page: Uint8Array): Buffer {
  const bytes = Buffer.from(page.buffer, page.byteOffset, page.byteLength);
  if (!bytes.includes(LINE_FEED) && !bytes.includes(CARRIAGE_RETURN)) return bytes;
  return Buffer.from(bytes.map((byte) => (byte === LINE_FEED || byte === CARRIAGE_RETURN ? SPACE : byte)));
}
