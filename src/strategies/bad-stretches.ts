import type { Window } from './time-windows.ts';

/** A window that fails is not cut shorter, ms. */
const SHORTEST_MS = 3_600_000;

/** Halvings of one run that may go into finding what fails. */
const HALVINGS = 40;

/** Narrows the windows of one run that cannot be read, until little but what is bad is left out. */
export class BadStretches {
  readonly #halves = new WeakSet<Window>();
  #halvings = 0;

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
}
