import { isSluiceError } from '../../errors/sluice-error.ts';
import type { FeedOffset } from '../../lake/feed/offset.ts';
import { sayEnd } from '../errors.ts';
import { stdioErrors } from './errors.ts';

/** Grows when a frame means something else than before. */
export const PROTOCOL = 1;

/** What is asked, by one line of standard input. */
export interface Request {
  readonly id: number;
  readonly op: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What is answered, each on a line of standard output. */
export type Frame =
  | { readonly hello: { readonly protocol: number; readonly version: string; readonly node: string } }
  | { readonly id: number; readonly end: object }
  | { readonly id: number | null; readonly error: ErrorFrame };

export interface ErrorFrame {
  readonly code: string;
  readonly recovery: string;
  readonly message: string;
  readonly details: object;
}

const invalid = (problem: string, cause?: unknown) => stdioErrors.stdio_request_invalid({ problem }, { cause });

/** @throws SluiceError `stdio_request_invalid` */
export function parseRequest(line: string): Request {
  let read: unknown;
  try {
    read = JSON.parse(line);
  } catch (cause) {
    // What stands there is not quoted: it may hold a secret.
    throw invalid('it is not JSON', cause);
  }
  if (typeof read !== 'object' || read === null || Array.isArray(read)) throw invalid('an object is due');
  const { id, op, ...fields } = read as Readonly<Record<string, unknown>>;
  if (typeof id !== 'number' || !Number.isSafeInteger(id)) throw invalid('id: a whole number is due');
  if (typeof op !== 'string') throw invalid('op: a text is due');
  return { id, op, fields };
}

export function errorFrame(error: unknown): ErrorFrame {
  if (isSluiceError(error)) {
    const { code, recovery, message, details } = error;
    return { code, recovery, message, details };
  }
  // Messages of other errors may quote addresses.
  const name = error instanceof Error ? error.name : 'error';
  return {
    code: 'unexpected',
    recovery: 'fail',
    message: sayEnd('unexpected', name),
    details: {},
  };
}

/** Reads a field; what is none of its kind is refused. */
export type FieldReader<T> = (value: unknown, name: string) => T;

export const text: FieldReader<string> = (value, name) => {
  if (typeof value === 'string' && value !== '') return value;
  throw invalid(`${name}: a text is due`);
};

export const whole: FieldReader<number> = (value, name) => {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw invalid(`${name}: a whole number is due`);
};

export const texts: FieldReader<readonly string[]> = (value, name) => {
  if (Array.isArray(value)) return value.map((one) => text(one, name));
  throw invalid(`${name}: a list of texts is due`);
};

export const record: FieldReader<Readonly<Record<string, string>>> = (value, name) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(`${name}: an object is due`);
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => {
      if (typeof one !== 'string') throw invalid(`${name}.${key}: a text is due`);
      return [key, one];
    }),
  );
};

export const offset: FieldReader<FeedOffset> = (value, name) => {
  if (typeof value !== 'object' || value === null) throw invalid(`${name}: an offset is due`);
  const { lake, version, row, least } = value as Readonly<Record<string, unknown>>;
  if (typeof lake !== 'string') throw invalid(`${name}.lake: a text is due`);
  const at = row === null || (typeof row === 'number' && Number.isSafeInteger(row)) ? row : undefined;
  if (at === undefined) throw invalid(`${name}.row: a whole number or null is due`);
  return { lake, version: whole(version, `${name}.version`), row: at, least: whole(least, `${name}.least`) };
};

export const oneOf =
  <const T extends string>(...values: readonly T[]): FieldReader<T> =>
  (value, name) => {
    const found = values.find((one) => one === value);
    if (found === undefined) throw invalid(`${name}: one of ${values.join(', ')} is due`);
    return found;
  };

export const optional =
  <T>(read: FieldReader<T>): FieldReader<T | undefined> =>
  (value, name) =>
    value === undefined || value === null ? undefined : read(value, name);

type Readers = Readonly<Record<string, FieldReader<unknown>>>;
export type Read<Fields extends Readers> = { readonly [Name in keyof Fields]: ReturnType<Fields[Name]> };

/** Reads the fields of a request; one that is not declared is refused. @throws SluiceError `stdio_request_invalid` */
export function readFields<Fields extends Readers>(readers: Fields, fields: Request['fields']): Read<Fields> {
  const unknown = Object.keys(fields).find((name) => !Object.hasOwn(readers, name));
  if (unknown !== undefined) throw invalid(`${unknown}: there is no such field`);
  const entries = Object.entries(readers).map(([name, read]) => [name, read(fields[name], name)]);
  return Object.fromEntries(entries) as Read<Fields>;
}
