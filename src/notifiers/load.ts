import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { z } from 'zod';
import { localPath } from '../runtime/local-path.ts';
import { NOTIFIER_API, type NotifierKind } from './kind.ts';

/** A notifier that a configuration names, or why there is none. */
export type LoadedKind = { readonly kind: NotifierKind } | { readonly problem: string };

const PATH = /^(?:\.{1,2}[/\\]|\/|~|file:|[A-Za-z]:[/\\])/;
/** @see https://docs.npmjs.com/cli/configuring-npm/package-json#name */
const PACKAGE = /^((?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*)((?:\/[\w.~-]+)*)$/;

/**
 * Loads what stands in `notifiers` of a configuration: the name of a package, or a path that begins with `./`. Packages
 * are looked for from the folder of the configuration upwards, and beside Sluice. Throws nothing.
 */
export async function loadKind(given: string, folder: string): Promise<LoadedKind> {
  const found = PATH.test(given) ? fileOf(given, folder) : packageEntry(given, folder);
  if ('problem' in found) return found;
  try {
    return checked(defaultOf(await import(/* @vite-ignore */ pathToFileURL(found.path).href)));
  } catch (error) {
    return { problem: `The module cannot be loaded (${nameOf(error)}); it may import something that is not there.` };
  }
}

type Found = { readonly path: string } | { readonly problem: string };

function fileOf(given: string, folder: string): Found {
  const read = localPath(given);
  if ('problem' in read) return read;
  const path = resolve(folder, read.path);
  return existsSync(path) ? { path } : { problem: `There is no file ${path}.` };
}

function packageEntry(given: string, folder: string): Found {
  const [, name, below = ''] = PACKAGE.exec(given) ?? [];
  if (name === undefined) return { problem: 'Expected the name of a package, or a path that begins with "./".' };
  const here = dirname(fileURLToPath(import.meta.url));
  const home = [resolve(folder), here]
    .flatMap(upwards)
    .map((above) => join(above, 'node_modules', name))
    .find((candidate) => existsSync(join(candidate, 'package.json')));
  if (home === undefined) return { problem: `The package is not installed: npm install ${name}` };
  const entry = entryOf(manifestOf(home), `.${below}`);
  if (entry === undefined || !existsSync(join(home, entry))) {
    return { problem: `The package exports nothing as "${given}" that can be imported.` };
  }
  return { path: join(home, entry) };
}

function upwards(folder: string): string[] {
  const above = dirname(folder);
  return above === folder ? [folder] : [folder, ...upwards(above)];
}

const manifestSchema = z.looseObject({ main: z.string().optional(), exports: z.unknown().optional() });
type Manifest = Partial<z.output<typeof manifestSchema>>;

function manifestOf(home: string): Manifest {
  try {
    const text = readFileSync(join(home, 'package.json'), 'utf8');
    return manifestSchema.safeParse(JSON.parse(text)).data ?? {};
  } catch {
    return {};
  }
}

/** What `import` asks for, besides what holds for everybody. */
const CONDITIONS: readonly string[] = ['node', 'import', 'module-sync', 'default'];

/**
 * The file of a package that an import of it means; of `exports` with patterns nothing.
 *
 * @see https://nodejs.org/api/packages.html#conditional-exports
 */
function entryOf({ exports, main }: Manifest, below: string): string | undefined {
  if (exports === undefined) return below === '.' ? (main ?? 'index.js') : below;
  const isMap = isRecord(exports) && Object.keys(exports).some((key) => key.startsWith('.'));
  if (isMap) return targetOf(exports[below]);
  return below === '.' ? targetOf(exports) : undefined;
}

function targetOf(target: unknown): string | undefined {
  if (typeof target === 'string') return target;
  if (Array.isArray(target)) return targetOf(target[0]);
  if (!isRecord(target)) return undefined;
  for (const [condition, inner] of Object.entries(target)) {
    const found = CONDITIONS.includes(condition) ? targetOf(inner) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What compiled CommonJS calls its default export is one step further in. */
function defaultOf(module: unknown): unknown {
  const outer = isRecord(module) ? module['default'] : undefined;
  return isRecord(outer) && outer['__esModule'] === true ? outer['default'] : outer;
}

const callable = z.custom<() => unknown>((value) => typeof value === 'function', 'Expected a function.');

const kindSchema = z.looseObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'Expected lower case, digits and "-", at most 40.'),
  fields: callable,
  open: callable,
  settings: callable.optional(),
  check: callable.optional(),
  profile: callable.optional(),
  windows: callable.optional(),
});

/** Whether a default export is a notifier, and one for this release. */
export function checked(given: unknown): LoadedKind {
  if (!isRecord(given))
    return { problem: 'Its default export is no notifier. Expected an object with api, name, fields and open.' };
  if (given['api'] !== NOTIFIER_API) {
    return { problem: `It was made for another release of Sluice: its "api" is not ${NOTIFIER_API}.` };
  }
  const [issue] = kindSchema.safeParse(given).error?.issues ?? [];
  if (issue) return { problem: `Its default export is no notifier: ${issue.path.join('.')}: ${issue.message}` };
  return { kind: given as unknown as NotifierKind };
}

/** What went wrong by its name: the text of a foreign error may say anything. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return 'code' in error && typeof error.code === 'string' && /^[A-Z_]+$/.test(error.code) ? error.code : error.name;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
