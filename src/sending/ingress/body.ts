import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { isSluiceError } from '../../errors/sluice-error.ts';
import type { Oddities } from '../../messages/oddities.ts';
import { MAX_BODY_BYTES } from '../../messages/received.ts';
import { jsonDepth } from '../../runtime/json-depth.ts';
import { ingressErrors } from './errors.ts';
import { isRecord } from './tolerant.ts';

/** Deepest nesting of arrays and objects read. */
const MAX_DEPTH = 100;

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
  checkSize(body, what);
  const checked = schema.safeParse(parseJson(body, what));
  if (checked.success) return checked.data;
  throw invalid(what, checked.error.issues.map(formatIssue));
}

/** A body that has a list of alerts. */
interface AlertBody {
  readonly value: Readonly<Record<string, unknown>> & { readonly alerts: readonly unknown[] };
  /** The same for the same bytes. */
  readonly bodyDigest: string;
}

/**
 * Reads a body of alerts without judging what stands in it. Bytes that are no UTF-8 are replaced and noted.
 *
 * @throws SluiceError `body_invalid` - too large, no JSON, or no list of alerts
 */
export function readJsonBody(body: string | Uint8Array, what: string, oddities: Oddities): AlertBody {
  checkSize(body, what);
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  if (!isUtf8(bytes)) oddities.note('the body', 'body', 'encoded');
  const value = parsed(new TextDecoder().decode(bytes), what);
  const alerts = isRecord(value) ? value['alerts'] : undefined;
  if (!isRecord(value) || !Array.isArray(alerts)) throw invalid(what, ['alerts: Expected a list']);
  return { value: { ...value, alerts }, bodyDigest: createHash('sha256').update(bytes).digest('base64url') };
}

function parsed(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid(what, ['it is not JSON']);
  }
}

function checkSize(body: string | Uint8Array, what: string): void {
  const bytes = typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;
  if (bytes > MAX_BODY_BYTES) throw invalid(what, [`it has ${bytes} bytes, at most ${MAX_BODY_BYTES} are read`]);
}

function parseJson(body: string | Uint8Array, what: string): unknown {
  try {
    const text = typeof body === 'string' ? body : new TextDecoder('utf-8', { fatal: true }).decode(body);
    if (jsonDepth(text) > MAX_DEPTH) throw invalid(what, [`it is nested deeper than ${MAX_DEPTH} levels`]);
    return JSON.parse(text, (key, value: unknown) => (key === '__proto__' ? undefined : value));
  } catch (error) {
    if (isSluiceError(error)) throw error;
    throw invalid(what, [error instanceof SyntaxError ? 'it is not JSON' : 'it is not UTF-8']);
  }
}

function formatIssue({ path, message }: z.core.$ZodIssue): string {
  const where = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  return `${where.replace(/^\./, '') || 'the body'}: ${message}`;
}

/** Faults name fields, never what stood in them: a body is message text. */
function invalid(what: string, faults: readonly string[]) {
  return ingressErrors.body_invalid({ what, faults: faults.slice(0, 20) });
}
