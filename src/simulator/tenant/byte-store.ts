const SLAB_BYTES = 4 * 1024 * 1024;
/** No UTF-16 unit takes more bytes in UTF-8. */
const MAX_BYTES_PER_UNIT = 3;

/** Encodes text into large slabs: one small buffer for each text would cost more than the encoding. */
export class ByteStore {
  #slab = Buffer.alloc(0);
  #used = 0;

  /** The text as UTF-8, in memory that lives as long as something of the same slab does. */
  add(text: string): Buffer {
    const room = text.length * MAX_BYTES_PER_UNIT;
    if (this.#slab.length - this.#used < room) {
      this.#slab = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, room));
      this.#used = 0;
    }
    const start = this.#used;
    this.#used += this.#slab.write(text, start);
    return this.#slab.subarray(start, this.#used);
  }
}
