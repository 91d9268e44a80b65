import { outboxErrors } from './errors.ts';

const maxDepth = 100;

function refuse(field: string, problem: string): never {
  throw outboxErrors.payload_not_json({ field, problem });
}

function write(value: unknown, path: string, depth: number): string {
  if (depth > maxDepth) refuse(path, `nesting deeper than ${maxDepth}`);
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number')
    return Number.isFinite(value) ? JSON.stringify(value) : refuse(path, 'a non-finite number');
  if (Array.isArray(value))
    return `[${value.map((item, index) => write(item, `${path}[${index}]`, depth + 1)).join(',')}]`;
  if (typeof value !== 'object') return refuse(path, `a ${typeof value}`);
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) refuse(path, 'an object with a class');
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${write(member, `${path}.${key}`, depth + 1)}`);
  return `{${members.join(',')}}`;
}

/**
 * JSON with sorted keys: equal values give equal text. Members that are `undefined` are left out.
 *
 * @param field - name of the value in error messages
 * @throws SluiceError `payload_not_json`, naming the path
 */
export function canonicalJson(value: unknown, field = 'payload'): string {
  return write(value, field, 0);
}
