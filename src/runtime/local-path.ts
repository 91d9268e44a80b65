import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What a person wrote where a path is due: the path, or what is wrong with it. */
export type LocalPath = { readonly path: string } | { readonly problem: string };

/** What paths mean on a machine. */
export interface PathRules {
  readonly home: string;
  /** Drives and backslashes mean something there. */
  readonly isWindows: boolean;
}

const systemRules = (): PathRules => ({ home: homedir(), isWindows: process.platform === 'win32' });

/** One letter before the colon is a drive of Windows; `./a:b` names a file with a colon. */
const DRIVE = /^[A-Za-z]:/;
/** What only Windows takes for a path: a drive, a share, `.\lake`, `~\lake`. */
const WINDOWS = /^(?:[A-Za-z]:|(?:\.{1,2}|~)?\\)/;
const VALID = 'Valid: a path of this machine (./data, /srv/data, ~/data) or file:///srv/data.';

/**
 * The scheme that a text begins with, in lower case: what stands before a colon in its first part. Undefined: it is a path.
 */
export function schemeOf(text: string): string | undefined {
  if (DRIVE.test(text)) return undefined;
  return /^([^/\\:]*):/.exec(text)?.[1]?.toLowerCase();
}

/**
 * Reads a path as it was meant: `~` is the home folder, `file:` a path. Anything else that looks like an address is
 * refused; a folder of that name would be made in silence.
 */
export function localPath(text: string, rules: PathRules = systemRules()): LocalPath {
  const given = text.trim();
  const { home, isWindows } = rules;
  if (given === '') return { problem: `The path is empty. ${VALID}` };
  if (given.includes('\0')) return { problem: `A path has no NUL character. ${VALID}` };
  if (!isWindows && WINDOWS.test(given))
    return { problem: `This is a path of Windows, and this machine is none. ${VALID}` };
  if (/^~(?:$|\/|\\)/.test(given)) return { path: join(home, given.slice(1)) };
  if (given.startsWith('~')) return { problem: `The home folder of another user is not looked up. ${VALID}` };
  const scheme = schemeOf(given);
  if (scheme === undefined) return { path: given };
  if (scheme !== 'file') return { problem: `"${scheme}:" is not supported. ${VALID}` };
  return pathOfUrl(given) ?? { problem: `The file URL names no path of this machine. ${VALID}` };
}

/** `file:lake` would be `/lake`, and what stands behind `?` or `#` would be lost: neither is taken. */
function pathOfUrl(text: string): LocalPath | undefined {
  try {
    const url = new URL(text);
    const isWhole = /^file:\//i.test(text) && url.search === '' && url.hash === '' && !/[?#]/.test(text);
    const path = isWhole ? fileURLToPath(url) : '';
    return path === '' || path.includes('\0') ? undefined : { path };
  } catch {
    return undefined;
  }
}
