/** The kinds of what a router and its silences must not lose in a restart; one row each. */
export const stateKinds = ['group', 'alert', 'source', 'forwarded', 'silence'] as const;
export type StateKind = (typeof stateKinds)[number];

/** One row that is new, other than before, or gone (`undefined`). Values are plain JSON. */
export interface StateChange {
  /** `damaged`: a row of any kind of which nothing could be made, kept as it was. */
  readonly kind: StateKind | 'damaged';
  /** Short, whatever stands in the value. */
  readonly key: string;
  readonly value: unknown;
}

/** Something whose changes are stored, and undone when that fails. */
export interface Stateful {
  changes(): StateChange[];
  commit(): void;
  rollback(): void;
}
