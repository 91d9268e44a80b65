import { firstUnsafeCharacter } from '../../html/unsafe-characters.ts';
import { type CardFault, childPath, quoted } from '../fault.ts';

/** JSON levels at most. A card people can read has far fewer; below this bound recursion is safe. */
const MAX_DEPTH = 64;
/** JSON values at most: more than fit in any message Teams takes. */
const MAX_VALUES = 50_000;

const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

interface Visit {
  readonly value: unknown;
  readonly depth: number;
  readonly key: string | number;
  readonly owner: Visit | undefined;
}

/**
 * Faults that make a value unfit to be walked or sent at all: too deep (a cycle is), too many values, keys that pollute
 * prototypes, values JSON cannot carry, characters that hide or reorder text. Iterative and bounded, whatever comes in.
 */
export function guard(root: unknown): CardFault[] {
  const faults: CardFault[] = [];
  const pending: Visit[] = [{ value: root, depth: 0, key: '$', owner: undefined }];
  let values = 0;
  for (let visit = pending.pop(); visit; visit = pending.pop()) {
    const { value, depth } = visit;
    if (depth > MAX_DEPTH) return [tooDeep(pathOf(visit))];
    const fault = scalarFault(value, visit);
    if (fault) faults.push(fault);
    if (typeof value !== 'object' || value === null) continue;
    const keys = Array.isArray(value) ? value.keys() : Object.keys(value);
    for (const key of keys) {
      if (++values > MAX_VALUES) return [tooManyValues()];
      const child: Visit = {
        value: (value as Record<string | number, unknown>)[key],
        depth: depth + 1,
        key,
        owner: visit,
      };
      const bad = typeof key === 'string' ? keyFault(key, child) : undefined;
      if (bad) faults.push(bad);
      else pending.push(child);
    }
  }
  return faults;
}

/** Written only for a fault: most values have none. */
function pathOf({ key, owner }: Visit): string {
  return owner ? childPath(pathOf(owner), key) : String(key);
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

function keyFault(key: string, at: Visit): CardFault | undefined {
  if (FORBIDDEN_KEYS.has(key)) {
    return {
      code: 'forbidden_key',
      severity: 'error',
      path: pathOf(at),
      message: `The key ${quoted(key)} is refused.`,
      allowed: 'any other name',
    };
  }
  return characterFault(key, at);
}

function scalarFault(value: unknown, at: Visit): CardFault | undefined {
  if (typeof value === 'string') return characterFault(value, at);
  if (value === null || typeof value === 'boolean' || Number.isFinite(value)) return undefined;
  if (Array.isArray(value)) return undefined;
  const prototype = typeof value === 'object' ? Object.getPrototypeOf(value) : undefined;
  if (prototype === Object.prototype || prototype === null) return undefined;
  return {
    code: 'not_json',
    severity: 'error',
    path: pathOf(at),
    message: `A ${typeof value} cannot be sent as JSON.`,
    allowed: 'strings, finite numbers, booleans, null, lists and plain objects',
  };
}

function characterFault(text: string, at: Visit): CardFault | undefined {
  const character = firstUnsafeCharacter(text);
  if (character === undefined) return undefined;
  return {
    code: 'unsafe_character',
    severity: 'error',
    path: pathOf(at),
    message: `The character ${character} hides or reorders text.`,
    allowed: 'text without control and bidirectional formatting characters',
  };
}
