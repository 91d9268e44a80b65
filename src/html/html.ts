import { sanitise } from './sanitise.ts';

/**
 * HTML that is safe to send to Teams. There is no way to get one but through the allow-list, so a function that takes
 * `Html` cannot be handed a string that nobody looked at.
 */
export class Html {
  readonly #source: string;

  private constructor(source: string) {
    this.#source = source;
  }

  /** Keeps the tags Teams shows, drops all others (their text stays), and neutralises control and bidi characters. */
  static sanitise(source: string): Html {
    return new Html(sanitise(source));
  }

  toString(): string {
    return this.#source;
  }
}
