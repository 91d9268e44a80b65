import { open, readFile } from 'node:fs/promises';
import { PRIVATE_FILE } from '../lake/stores/private-files.ts';
import { cliErrors } from './errors.ts';
import type { Io } from './io.ts';

/**
 * The bytes of a file, or of standard input for `-`.
 *
 * @throws SluiceError `file_unreadable`
 */
export async function readSource(io: Pick<Io, 'read'>, file: string): Promise<Uint8Array> {
  if (file === '-') return await io.read();
  try {
    return await readFile(file);
  } catch (cause) {
    throw cliErrors.file_unreadable({ file, reason: reasonOf(cause) }, { cause });
  }
}

/** @throws SluiceError `text_invalid` when the bytes are no UTF-8 */
export function utf8(bytes: Uint8Array, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw cliErrors.text_invalid({ what }, { cause });
  }
}

/** For its owner alone: it may hold the text of a message. @throws SluiceError `file_unwritable` */
export async function writeText(file: string, text: string): Promise<void> {
  try {
    await using handle = await open(file, 'w', PRIVATE_FILE);
    // One that was there before; a device stays as it is.
    if ((await handle.stat()).isFile()) await handle.chmod(PRIVATE_FILE);
    await handle.writeFile(text);
  } catch (cause) {
    throw cliErrors.file_unwritable({ file, reason: reasonOf(cause) }, { cause });
  }
}

const reasonOf = (cause: unknown): string => (cause as NodeJS.ErrnoException).code ?? 'error';
