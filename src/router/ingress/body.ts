import type { z } from 'zod';
import { routerError } from '../router-error.ts';

/** Largest body read, in UTF-8 bytes. */
export const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** What an ingress knows without the body: who sent it, and when. */
export interface IngressContext {
  /** From the caller's credentials, never from the body. */
  readonly tenant: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * Reads a JSON body against a schema. Keys named `__proto__` are dropped at every depth.
 *
 * @param what - names the body in errors: `Alertmanager webhook`
 * @throws SluiceError `body_invalid` - too large, not UTF-8, not JSON, or with the path of every wrong field
 */
export function parseBody<Schema extends z.ZodType>(
  body: string | Uint8Array,
  schema: Schema,
  what: string,
): z.output<Schema> {
  const bytes = typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;
  if (bytes > MAX_BODY_BYTES) throw invalid(what, [`it has ${bytes} bytes, at most ${MAX_BODY_BYTES} are read`]);
  const parsed = schema.safeParse(parseJson(body, what));
  if (parsed.success) return parsed.data;
  throw invalid(what, parsed.error.issues.map(formatIssue));
}

function parseJson(body: string | Uint8Array, what: string): unknown {
  try {
    const text = typeof body === 'string' ? body : new TextDecoder('utf-8', { fatal: true }).decode(body);
    return JSON.parse(text, (key, value: unknown) => (key === '__proto__' ? undefined : value));
  } catch (error) {
    if (error instanceof RangeError) throw invalid(what, ['it is nested too deeply']);
    throw invalid(what, [error instanceof SyntaxError ? 'it is not JSON' : 'it is not UTF-8']);
  }
}

function formatIssue({ path, message }: z.core.$ZodIssue): string {
  const where = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  return `${where.replace(/^\./, '') || 'the body'}: ${message}`;
}

/** Faults name fields, never what stood in them: a body is message text. */
function invalid(what: string, faults: readonly string[]) {
  const shown = faults.slice(0, 20);
  return routerError({
    code: 'body_invalid',
    message: `${what} refused: ${shown.slice(0, 3).join('; ')}.`,
    hint: 'Correct the body and send it again.',
    details: { faults: shown },
  });
}
