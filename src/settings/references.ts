// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the configuration writes references this way
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** Where the values of references come from. */
export interface ReferenceSources {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Relative paths start here. */
  readonly folder: string;
  /** Told of every file that was read, so that a watcher knows what to look at. */
  readonly onFile?: ((path: string) => void) | undefined;
}

export interface ReferenceFault {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** It is written as it should be: what it names holds nothing here. */
  readonly isUnset?: boolean | undefined;
}

/** What a source does not say, and why: it holds nothing, or is none. */
export interface Unfound {
  readonly problem: string;
  readonly isUnset?: boolean | undefined;
}

/** A value with its references put in. */
export interface Resolved {
  readonly value: unknown;
  readonly faults: readonly ReferenceFault[];
  /** Where something was put in. Such a text may still be meant as a number or a switch. */
  readonly places: readonly (readonly PropertyKey[])[];
}

const REFERENCE = /\$(?:\$\{|\{([^}]*)\}?)/g;
const VALID = 'Valid: ${env:NAME}, ${file:PATH}; a "${" that is meant as it stands is written "$${".';

/**
 * Puts `${env:NAME}` and `${file:PATH}` in, wherever they stand in a text of the value; `$${` is a `${` that is none. What
 * is put in is not looked at again. Faults name the source, never a value.
 */
export function putReferencesIn(value: unknown, sources: ReferenceSources): Resolved {
  const faults: ReferenceFault[] = [];
  const places: (readonly PropertyKey[])[] = [];
  const visit = (inner: unknown, path: readonly PropertyKey[]): unknown => {
    if (Array.isArray(inner)) return inner.map((item, index) => visit(item, [...path, index]));
    if (typeof inner === 'object' && inner !== null) {
      return Object.fromEntries(Object.entries(inner).map(([key, item]) => [key, visit(item, [...path, key])]));
    }
    if (typeof inner !== 'string' || !inner.includes('${')) return inner;
    places.push(path);
    return inner.replace(REFERENCE, (written, name: string | undefined) => {
      if (name === undefined) return '${';
      const found = written.endsWith('}') ? lookUp(name, sources) : { problem: `A reference is not closed. ${VALID}` };
      if (typeof found === 'string') return found;
      faults.push({ path, message: found.problem, isUnset: found.isUnset });
      return '';
    });
  };
  return { value: visit(value, []), faults, places };
}

function lookUp(name: string, { environment, folder, onFile }: ReferenceSources): string | Unfound {
  const [, kind, what = ''] = /^(env|file):(.*)$/s.exec(name) ?? [];
  if (kind === 'env' && /^[A-Za-z_]\w*$/.test(what)) {
    return environment[what]?.trim() || { problem: `The environment variable ${what} is not set.`, isUnset: true };
  }
  if (kind === 'file' && what.trim() !== '') return textOf(resolve(folder, what.trim()), onFile);
  return { problem: `This reference is not known. ${VALID}` };
}

/** The text of a file that holds one value, without the line end. */
export function textOf(path: string, onFile?: ((path: string) => void) | undefined): string | Unfound {
  onFile?.(path);
  try {
    return readFileSync(path, 'utf8').trim() || { problem: `The file ${path} is empty.`, isUnset: true };
  } catch {
    return { problem: `The file ${path} cannot be read.`, isUnset: true };
  }
}
