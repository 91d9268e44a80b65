const SLAB_BYTES = 4 * 1024 * 1024;
const LENGTH_BYTES = 4;
/** No UTF-16 unit takes more bytes in UTF-8. */
const MAX_BYTES_PER_UNIT = 3;

/**
 * Keeps texts as UTF-8 in a few large slabs and names them by number: an object for each would cost the garbage
 * collector more than the encoding costs.
 */
export class ByteStore {
  readonly #slabs: Buffer[] = [];
  readonly #maxSlabs: number;
  #used = SLAB_BYTES;

  constructor(options: { maxBytes: number }) {
    this.#maxSlabs = Math.floor(options.maxBytes / SLAB_BYTES);
  }

  /** The number to get the text by; undefined when there is no room for it. */
  add(text: string): number | undefined {
    const room = LENGTH_BYTES + text.length * MAX_BYTES_PER_UNIT;
    if (room > SLAB_BYTES) return undefined;
    if (this.#used + room > SLAB_BYTES) {
      if (this.#slabs.length >= this.#maxSlabs) return undefined;
      this.#slabs.push(Buffer.allocUnsafeSlow(SLAB_BYTES));
      this.#used = 0;
    }
    const slab = this.#slabs.at(-1)!;
    const start = this.#used;
    const length = slab.write(text, start + LENGTH_BYTES);
    slab.writeUInt32LE(length, start);
    this.#used = start + LENGTH_BYTES + length;
    return (this.#slabs.length - 1) * SLAB_BYTES + start;
  }

  get(position: number): Buffer {
    const slab = this.#slabs[Math.floor(position / SLAB_BYTES)]!;
    const start = position % SLAB_BYTES;
    const text = start + LENGTH_BYTES;
    return slab.subarray(text, text + slab.readUInt32LE(start));
  }
}
