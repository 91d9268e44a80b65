import type { Store } from './database.ts';
import { type Settled, type Settlement, type SettlePolicy, settle } from './settle.ts';

interface Waiting {
  settlement: Settlement;
  resolve: (settled: Settled) => void;
  reject: (error: unknown) => void;
}

/** Group commit: outcomes that arrive while a transaction is under way share the next one. */
export class SettlementQueue {
  readonly #store: Store;
  readonly #policy: SettlePolicy;
  #waiting: Waiting[] = [];
  #writing = false;

  constructor(store: Store, policy: SettlePolicy) {
    this.#store = store;
    this.#policy = policy;
  }

  /** Resolves when the outcome is committed. */
  async add(settlement: Settlement): Promise<Settled> {
    return await new Promise((resolve, reject) => {
      this.#waiting.push({ settlement, resolve, reject });
      if (this.#writing) return;
      this.#writing = true;
      // After the events of this turn of the loop: the embedded database would otherwise commit one by one.
      setImmediate(() => void this.#write());
    });
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        const settlements = batch.map(({ settlement }) => settlement);
        const settled = await settle(this.#store, settlements, this.#policy);
        batch.forEach(({ resolve }, index) => {
          resolve(settled[index]!);
        });
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#writing = false;
  }
}
