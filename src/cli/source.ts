import { readFile, writeFile } from 'node:fs/promises';
import { SluiceError } from '../errors/sluice-error.ts';
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
    throw fileError('file_unreadable', `The file ${file} cannot be read`, cause);
  }
}

/** @throws SluiceError `text_invalid` when the bytes are no UTF-8 */
export function utf8(bytes: Uint8Array, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new SluiceError({
      code: 'text_invalid',
      recovery: 'user_action',
      surface: 'config',
      message: `${what} is not UTF-8.`,
      cause,
    });
  }
}

/** @throws SluiceError `file_unwritable` */
export async function writeText(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (cause) {
    throw fileError('file_unwritable', `The file ${file} cannot be written`, cause);
  }
}

function fileError(code: string, message: string, cause: unknown): SluiceError {
  const reason = (cause as NodeJS.ErrnoException).code ?? 'error';
  return new SluiceError({
    code,
    recovery: 'user_action',
    surface: 'config',
    message: `${message} (${reason}).`,
    hint: 'Check its name and its rights.',
    cause,
  });
}
