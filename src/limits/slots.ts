import type { Turns } from './queue.ts';

/** So many requests at the same time: one more goes when another has been answered. */
export class Slots implements Turns {
  readonly #limit: number;
  #taken = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  readyAtMs(): number {
    return this.#taken < this.#limit ? 0 : Number.POSITIVE_INFINITY;
  }

  take(): void {
    this.#taken++;
  }

  giveBack(): void {
    this.#taken--;
  }
}
