import { inspect } from 'node:util';

const MASK = '[secret]';

/**
 * A value that must not be seen. Printing, inspecting, serialising or concatenating it gives `[secret]`; only
 * {@link Secret.reveal} gives the value, at the one place where it goes on the wire.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself. Call it where it is used, never keep the result. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [inspect.custom](): string {
    return MASK;
  }
}
