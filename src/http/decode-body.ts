import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { clientError } from '../errors/client-rules.ts';
import type { Surface } from '../errors/sluice-error.ts';
import type { HttpRequest } from './types.ts';

const gunzipBody = promisify(gunzip);

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
  if (!encoding || encoding.toLowerCase() === 'identity') return body;
  if (!/^(x-)?gzip$/i.test(encoding)) throw clientError('body_encoding', request, { surface });
  try {
    return await gunzipBody(body, { maxOutputLength: maxBytes });
  } catch (error) {
    const tooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw clientError(tooLarge ? 'body_too_large' : 'body_encoding', request, { surface, cause: error });
  }
}
