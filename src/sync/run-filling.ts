import type { TableCounts } from '../lake/types.ts';
import { putBack } from '../strategies/put-back.ts';
import { addCounts, type FillingPlan, fill, planFilling } from './filling.ts';
import type { SyncOptions } from './options.ts';
import type { Filling, SyncEvent } from './report.ts';

/** What came after the rows of a lake: filled as a run begins, or known not to be. */
export class RunFilling {
  readonly counts: Record<string, TableCounts> = {};
  readonly #options: Pick<SyncOptions, 'lake' | 'runtime' | 'again'>;
  readonly #emit: (event: SyncEvent) => void;
  #plan: FillingPlan | undefined;

  constructor(options: Pick<SyncOptions, 'lake' | 'runtime' | 'again'>, emit: (event: SyncEvent) => void) {
    this.#options = options;
    this.#emit = emit;
  }

  get fillings(): readonly Filling[] {
    return this.#plan?.fillings ?? [];
  }

  get isAdopted(): boolean {
    return this.#plan?.isAdopted === true;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { lake, runtime, again = [] } = this.#options;
    if (lake.version === 0) return;
    this.#plan = await planFilling(lake);
    for (const filling of this.#plan.fillings) this.#emit({ event: 'filling', ...filling });
    addCounts(this.counts, await fill(lake, this.#plan, runtime.id(), signal));
    for (const part of again) {
      const positions = putBack(lake.positions(), part);
      if (Object.keys(positions).length > 0) await lake.note({}, positions);
    }
  }
}
