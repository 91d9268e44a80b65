import { readJsonBody } from '../../http/read-json-body.ts';
import { httpErrors } from '../errors.ts';

/**
 * The bytes of a JSON request, at most so many.
 *
 * @throws SluiceError `content_type`, `body_too_large`, `body_incomplete`
 */
export async function readBody(request: Request, maxBytes: number): Promise<Uint8Array> {
  const read = await readJsonBody(request, maxBytes);
  if ('bytes' in read) return read.bytes;
  if (read.problem === 'body_too_large') throw httpErrors.body_too_large({ maxBytes });
  throw httpErrors[read.problem]();
}
