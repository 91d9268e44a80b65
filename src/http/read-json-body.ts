/** Why the body of a request was not read. */
export type BodyProblem = 'content_type' | 'body_too_large' | 'body_incomplete';

/** The bytes of a JSON request, at most so many; or why there are none. Nothing is read of a body that is said to be too large. */
export async function readJsonBody(
  request: Request,
  maxBytes: number,
): Promise<{ readonly bytes: Uint8Array } | { readonly problem: BodyProblem }> {
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(type)) return { problem: 'content_type' };
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) return { problem: 'body_too_large' };
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request.body ?? []) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) return { problem: 'body_too_large' };
      chunks.push(chunk);
    }
  } catch {
    // The client went away, or was cut off because it dawdled.
    return { problem: 'body_incomplete' };
  }
  return { bytes: Buffer.concat(chunks) };
}
