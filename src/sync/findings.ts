import type { Gap } from '../strategies/gaps.ts';
import type { Fallback } from '../strategies/strategy.ts';
import type { NotPermitted, RunReport, SkippedPartition, SyncEvent, UnfinishedPartition } from './report.ts';

/** What a run could not read, or read another way: each is told when it is found, and stands in the report. */
export class Findings {
  readonly #skipped: SkippedPartition[] = [];
  readonly #absent: SkippedPartition[] = [];
  /** Where they were, as routes begin there. */
  readonly #absentLevels = new Set<string>();
  readonly #fallbacks: Fallback[] = [];
  readonly #gaps: Gap[] = [];
  readonly #notPermitted: NotPermitted[] = [];
  readonly #unfinished: UnfinishedPartition[] = [];
  readonly #emit: (event: SyncEvent) => void;

  constructor(emit: (event: SyncEvent) => void) {
    this.#emit = emit;
  }

  get all(): Pick<RunReport, 'skipped' | 'absent' | 'notPermitted' | 'fallbacks' | 'gaps' | 'unfinished'> {
    return {
      skipped: this.#skipped,
      absent: this.#absent,
      notPermitted: this.#notPermitted,
      fallbacks: this.#fallbacks,
      gaps: this.#gaps,
      unfinished: this.#unfinished,
    };
  }

  skip(skipped: SkippedPartition): void {
    this.#skipped.push(skipped);
    this.#emit({ event: 'skipped', ...skipped });
  }

  /** Names what the service has nothing of. */
  leaveOut(absent: SkippedPartition, level?: string): void {
    if (level !== undefined) this.#absentLevels.add(level);
    this.#absent.push(absent);
    this.#emit({ event: 'absent', ...absent });
  }

  /** Names a table that was left out. */
  notPermit(table: NotPermitted): void {
    this.#notPermitted.push(table);
    this.#emit({ event: 'not_permitted', ...table });
  }

  gap(gap: Gap): void {
    this.#gaps.push(gap);
    this.#emit({ event: 'gap', ...gap });
  }

  /** Names what a cap left for the next run; each partition once. */
  unfinish(unfinished: UnfinishedPartition): void {
    const { resource, partition } = unfinished;
    if (this.#unfinished.some((one) => one.resource === resource && one.partition === partition)) return;
    this.#unfinished.push(unfinished);
    this.#emit({ event: 'unfinished', ...unfinished });
  }

  /** A listing that was held back for the same page, or a gap, is named once. */
  unreadable(skipped: SkippedPartition): void {
    const { resource, partition, code } = skipped;
    const named = [...this.#skipped, ...this.#gaps];
    if (named.some((one) => one.resource === resource && one.partition === partition && one.code === code)) return;
    this.skip(skipped);
  }

  fallback(fallback: Fallback): void {
    this.#fallbacks.push(fallback);
    this.#emit({ event: 'fallback', ...fallback });
  }

  /**
   * Whether something was not read. That the service has nothing of some is a fact about them; that it had nothing of all
   * that it was asked for somewhere is none.
   */
  isIncomplete(delivered: readonly { readonly route: string }[]): boolean {
    const isAllAbsent = [...this.#absentLevels].some(
      (level) => !delivered.some(({ route }) => route.startsWith(level)),
    );
    return this.#skipped.length + this.#gaps.length + this.#unfinished.length > 0 || isAllAbsent;
  }
}
