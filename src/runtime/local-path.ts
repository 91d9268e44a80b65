import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What a person wrote where a path is due: the path, or what is wrong with it. */
export type LocalPath = { readonly path: string } | { readonly problem: string };

/** One letter before the colon is a drive of Windows; `./a:b` names a file with a colon. */
const SCHEME = /^([A-Za-z][A-Za-z0-9+.-]+):/;
const VALID = 'Valid: a path of this machine (./data, /srv/data, ~/data) or file:///srv/data.';

/**
 * Reads a path as it was meant: `~` is the home folder, `file:` a path. Anything else that looks like an address is
 * refused; a folder of that name would be made in silence.
 */
export function localPath(text: string, home: string = homedir()): LocalPath {
  const given = text.trim();
  if (given === '') return { problem: `The path is empty. ${VALID}` };
  if (given === '~' || given.startsWith('~/')) return { path: join(home, given.slice(1)) };
  if (given.startsWith('~')) return { problem: `The home folder of another user is not looked up. ${VALID}` };
  const scheme = SCHEME.exec(given)?.[1]?.toLowerCase();
  if (scheme === undefined) return { path: given };
  if (scheme !== 'file') return { problem: `"${scheme}:" is not supported. ${VALID}` };
  try {
    return { path: fileURLToPath(given) };
  } catch {
    return { problem: `The file URL names no path of this machine. ${VALID}` };
  }
}
