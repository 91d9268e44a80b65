import { createHash } from 'node:crypto';
import { seededRandom } from '../../runtime/runtime.ts';

/** What a collection keeps in every tenant, and nobody else needs to know: made when it is first asked for. */
export interface Slot<T> {
  readonly make: (tenant: { readonly id: string }) => T;
}

/** What collections keep in one tenant, each under its slot. */
export class Kept {
  readonly #tenant: { readonly id: string };
  readonly #things = new Map<Slot<unknown>, unknown>();

  constructor(tenant: { readonly id: string }) {
    this.#tenant = tenant;
  }

  get<T>(slot: Slot<T>): T {
    if (!this.#things.has(slot)) this.#things.set(slot, slot.make(this.#tenant));
    return this.#things.get(slot) as T;
  }
}

/** Chance of a collection of its own: with it or without, the same seed gives the same else. */
export const chanceOf = (collection: string): Slot<() => number> => ({
  make: ({ id }) => seededRandom(createHash('sha256').update(`${id} ${collection}`).digest().readUInt32BE(0)),
});
