import { isSluiceError } from '../../errors/sluice-error.ts';
import { httpErrors } from '../errors.ts';

/**
 * The bytes of a JSON request, at most so many.
 *
 * @throws SluiceError `content_type`, `body_too_large`, `body_incomplete`
 */
export async function readBody(request: Request, maxBytes: number): Promise<Uint8Array> {
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(type)) {
    throw httpErrors.content_type();
  }
  const tooLarge = () => httpErrors.body_too_large({ maxBytes });
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request.body ?? []) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    // The client went away, or was cut off because it dawdled.
    throw isSluiceError(error) ? error : httpErrors.body_incomplete();
  }
  return Buffer.concat(chunks);
}
