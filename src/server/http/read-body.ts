import { isSluiceError } from '../../errors/sluice-error.ts';
import { refusal } from './answers.ts';

/**
 * The bytes of a JSON request, at most so many.
 *
 * @throws SluiceError `content_type`, `body_too_large`, `body_incomplete`
 */
export async function readBody(request: Request, maxBytes: number): Promise<Uint8Array> {
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(type)) {
    throw refusal('content_type', 'The body must be JSON.', 'Valid content-type: application/json.');
  }
  const tooLarge = () => refusal('body_too_large', `The body is larger than ${maxBytes} bytes.`, 'Send less at once.');
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
    throw isSluiceError(error) ? error : incomplete();
  }
  return Buffer.concat(chunks);
}

/** The client went away, or was cut off because it dawdled. */
const incomplete = () =>
  refusal('body_incomplete', 'The body ended before it was complete.', 'Send the request again.');
