import { promisify } from 'node:util';
import { constants, gunzip } from 'node:zlib';
import { clientError } from '../errors/client-rules.ts';
import type { Surface } from '../errors/sluice-error.ts';
import type { HttpRequest } from './types.ts';

const gunzipBody = promisify(gunzip);

/**
 * As much of a body as can be read and understood, at most `maxBytes`. Never rejects: who asks has the status, and a
 * body that is too long, broken off, late or packed in a way of its own takes nothing from that.
 */
export async function readableBody(
  body: AsyncIterable<Uint8Array>,
  headers: Readonly<Record<string, string>>,
  maxBytes: number,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk.subarray(0, maxBytes - bytes));
      bytes += chunk.byteLength;
      if (bytes >= maxBytes) break;
    }
  } catch {
    // What came before the end is there.
  }
  const read = Buffer.concat(chunks);
  const encoding = headers['content-encoding'];
  if (isPlain(encoding)) return read;
  if (!isGzip(encoding)) return Buffer.alloc(0);
  return await gunzipBody(read, { maxOutputLength: maxBytes, finishFlush: constants.Z_SYNC_FLUSH }).catch(() =>
    Buffer.alloc(0),
  );
}

export const isPlain = (encoding: string | undefined): encoding is undefined =>
  !encoding || encoding.toLowerCase() === 'identity';
const isGzip = (encoding: string) => /^(x-)?gzip$/i.test(encoding);

/**
 * Inflates a gzip body, never beyond `maxBytes`.
 *
 * @throws SluiceError `body_too_large` or `body_encoding`
 */
export async function decodeBody(
  body: Buffer,
  encoding: string | undefined,
  options: { readonly request: HttpRequest; readonly maxBytes: number; readonly surface: Surface },
): Promise<Buffer> {
  const { request, maxBytes, surface } = options;
  if (isPlain(encoding)) return body;
  if (!isGzip(encoding)) throw clientError('body_encoding', request, { surface });
  try {
    return await gunzipBody(body, { maxOutputLength: maxBytes });
  } catch (error) {
    const tooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw clientError(tooLarge ? 'body_too_large' : 'body_encoding', request, { surface, cause: error });
  }
}
