import { firstUnsafeCharacter } from '../../html/unsafe-characters.ts';
import { type CardFault, childPath, quoted } from '../fault.ts';

/** JSON levels at most. A card people can read has far fewer; below this bound recursion is safe. */
export const MAX_DEPTH = 64;
/** JSON values at most: more than fit in any message Teams takes. */
export const MAX_VALUES = 50_000;

const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

interface Visit {
  readonly value: unknown;
  readonly path: string;
  readonly depth: number;
}

/**
 * Faults that make a value unfit to be walked or sent at all: too deep (a cycle is), too many values, keys that pollute
 * prototypes, values JSON cannot carry, characters that hide or reorder text. Iterative and bounded, whatever comes in.
 */
export function guard(root: unknown): CardFault[] {
  const faults: CardFault[] = [];
  const pending: Visit[] = [{ value: root, path: '$', depth: 0 }];
  let values = 0;
  for (let visit = pending.pop(); visit; visit = pending.pop()) {
    const { value, path, depth } = visit;
    if (depth > MAX_DEPTH) return [tooDeep(path)];
    const fault = scalarFault(value, path);
    if (fault) faults.push(fault);
    if (typeof value !== 'object' || value === null) continue;
    const keys = Array.isArray(value) ? value.keys() : Object.keys(value);
    for (const key of keys) {
      if (++values > MAX_VALUES) return [tooManyValues()];
      const child = childPath(path, key);
      const bad = typeof key === 'string' ? keyFault(key, child) : undefined;
      if (bad) faults.push(bad);
      else pending.push({ value: (value as Record<string | number, unknown>)[key], path: child, depth: depth + 1 });
    }
  }
  return faults;
}

function tooDeep(path: string): CardFault {
  return {
    code: 'too_deep',
    severity: 'error',
    path: path.length > 200 ? `${path.slice(0, 200)}…` : path,
    message: 'The card is nested too deeply, or contains itself.',
    allowed: `at most ${MAX_DEPTH} levels`,
  };
}

function tooManyValues(): CardFault {
  return {
    code: 'too_many_values',
    severity: 'error',
    path: '$',
    message: 'The card has too many values.',
    allowed: `at most ${MAX_VALUES}`,
  };
}

function keyFault(key: string, path: string): CardFault | undefined {
  if (FORBIDDEN_KEYS.has(key)) {
    return {
      code: 'forbidden_key',
      severity: 'error',
      path,
      message: `The key ${quoted(key)} is refused.`,
      allowed: 'any other name',
    };
  }
  return characterFault(key, path);
}

function scalarFault(value: unknown, path: string): CardFault | undefined {
  if (typeof value === 'string') return characterFault(value, path);
  if (value === null || typeof value === 'boolean' || Number.isFinite(value)) return undefined;
  if (Array.isArray(value)) return undefined;
  const prototype = typeof value === 'object' ? Object.getPrototypeOf(value) : undefined;
  if (prototype === Object.prototype || prototype === null) return undefined;
  return {
    code: 'not_json',
    severity: 'error',
    path,
    message: `A ${typeof value} cannot be sent as JSON.`,
    allowed: 'strings, finite numbers, booleans, null, lists and plain objects',
  };
}

function characterFault(text: string, path: string): CardFault | undefined {
  const character = firstUnsafeCharacter(text);
  if (character === undefined) return undefined;
  return {
    code: 'unsafe_character',
    severity: 'error',
    path,
    message: `The character ${character} hides or reorders text.`,
    allowed: 'text without control and bidirectional formatting characters',
  };
}
