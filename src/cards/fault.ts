import type { cardFaults } from './fault-errors.ts';

/** What can be wrong with a card. Stable: branch on it. */
export type FaultCode = keyof typeof cardFaults;

/** One thing that is wrong with a card. */
export interface CardFault {
  readonly code: FaultCode;
  /** `error`: the card is refused, here or by Teams. `warning`: it is shown, but not to everybody or not as meant. */
  readonly severity: 'error' | 'warning';
  /** Where, as a path from the card: `$.body[2].actions[0].url`. */
  readonly path: string;
  /** What is wrong. Never the text of the message. */
  readonly message: string;
  /** What is allowed, or what to do. */
  readonly allowed: string;
}

const MAX_NAME = 60;

/** A name from outside, short and printable, for a message. */
export function quoted(name: string): string {
  return JSON.stringify(name.length > MAX_NAME ? `${name.slice(0, MAX_NAME)}…` : name);
}

/** The path of a property below another path. */
export function childPath(path: string, key: string | number): string {
  if (typeof key === 'number') return `${path}[${key}]`;
  return /^[A-Za-z_$][\w$]*$/.test(key) && key.length <= MAX_NAME ? `${path}.${key}` : `${path}[${quoted(key)}]`;
}
