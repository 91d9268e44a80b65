import { failureOf, gapOf } from './gaps.ts';
import { instant } from './position.ts';
import type { ReadContext } from './strategy.ts';
import type { Window } from './time-windows.ts';

/** A window that fails is not cut shorter, ms. */
const SHORTEST_MS = 3_600_000;

/** Halvings of one run that may go into finding what fails. */
const HALVINGS = 40;

/** The windows of one run that cannot be read. */
export class BadStretches {
  readonly #context: Pick<ReadContext, 'gap' | 'now' | 'resource'>;
  readonly #partition: string;
  readonly #bad: { readonly window: Window; readonly error: unknown }[] = [];
  readonly #halves = new WeakSet<Window>();
  #halvings = 0;

  constructor(context: Pick<ReadContext, 'gap' | 'now' | 'resource'>, partition: string) {
    this.#context = context;
    this.#partition = partition;
  }

  /** The halves that are to be read instead, the older first; undefined: it is not worth it. */
  halvesOf({ fromMs, toMs }: Window): readonly [Window, Window] | undefined {
    if (toMs - fromMs <= SHORTEST_MS || this.#halvings >= HALVINGS) return undefined;
    this.#halvings += 1;
    const middleMs = Math.ceil((fromMs + toMs) / 2);
    const halves = [
      { fromMs, toMs: middleMs },
      { fromMs: middleMs, toMs },
    ] as const;
    for (const half of halves) this.#halves.add(half);
    return halves;
  }

  /** Attempts at a window: one is enough for what is cut further when it fails. Undefined: as many as ever. */
  attemptsAt(window: Window): number | undefined {
    return this.#halves.has(window) && window.toMs - window.fromMs > SHORTEST_MS ? 1 : undefined;
  }

  add(window: Window, error: unknown): void {
    this.#bad.push({ window, error });
  }

  /** Names what is left out, in one gap where windows follow each other. @throws the failure where nothing could be read */
  tell(isAnyRead: boolean): void {
    const [first] = this.#bad;
    if (first === undefined) return;
    if (!isAnyRead) throw first.error;
    const { resource, gap, now } = this.#context;
    for (const { window, error } of this.#joined()) {
      const failed = failureOf(error, undefined, now());
      const [from, to] = [instant(window.fromMs), instant(window.toMs)];
      gap(gapOf({ resource, partition: this.#partition }, { from, to, failed }));
    }
  }

  #joined(): readonly { readonly window: Window; readonly error: unknown }[] {
    const joined: { window: Window; error: unknown }[] = [];
    for (const { window, error } of this.#bad) {
      const last = joined.at(-1);
      if (last?.window.toMs === window.fromMs) last.window = { fromMs: last.window.fromMs, toMs: window.toMs };
      else joined.push({ window, error });
    }
    return joined;
  }
}
