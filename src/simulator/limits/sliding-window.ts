/** Counts what arrived within the last `windowMs`. Exact: it keeps the arrivals themselves. */
export class SlidingWindow {
  readonly limit: number;
  readonly windowMs: number;
  #times: number[] = [];
  #weights: number[] = [];
  #head = 0;
  #sum = 0;

  constructor(limit: number, windowMs: number) {
    this.limit = limit;
    this.windowMs = windowMs;
  }

  /** Counts an arrival of `weight`; true when it still fits. What does not fit is counted all the same. */
  add(nowMs: number, weight: number): boolean {
    this.#forget(nowMs);
    this.#times.push(nowMs);
    this.#weights.push(weight);
    this.#sum += weight;
    return this.#sum <= this.limit;
  }

  /** Milliseconds until an arrival of `weight` would fit, if nothing else came. */
  waitMs(nowMs: number, weight: number): number {
    this.#forget(nowMs);
    let sum = this.#sum;
    for (let index = this.#head; index < this.#times.length; index++) {
      if (sum + weight <= this.limit) return index === this.#head ? 0 : this.#leavesIn(index - 1, nowMs);
      sum -= this.#weights[index]!;
    }
    return this.#times.length === this.#head ? 0 : this.#leavesIn(this.#times.length - 1, nowMs);
  }

  #leavesIn(index: number, nowMs: number): number {
    return this.#times[index]! + this.windowMs - nowMs;
  }

  #forget(nowMs: number): void {
    while (this.#head < this.#times.length && this.#times[this.#head]! <= nowMs - this.windowMs) {
      this.#sum -= this.#weights[this.#head]!;
      this.#head++;
    }
    if (this.#head > 512 && this.#head * 2 > this.#times.length) {
      this.#times = this.#times.slice(this.#head);
      this.#weights = this.#weights.slice(this.#head);
      this.#head = 0;
    }
  }
}
