/** What a collection keeps in every tenant, and nobody else needs to know: made when it is first asked for. */
export interface Slot<T> {
  readonly make: () => T;
}

/** What collections keep in one tenant, each under its slot. */
export class Kept {
  readonly #things = new Map<Slot<unknown>, unknown>();

  get<T>(slot: Slot<T>): T {
    if (!this.#things.has(slot)) this.#things.set(slot, slot.make());
    return this.#things.get(slot) as T;
  }
}
