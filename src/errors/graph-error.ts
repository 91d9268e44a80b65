import { type ErrorFacts, type ErrorRule, findRule } from './error-rule.ts';
import { graphRules } from './graph-rules.ts';
import { requestIdOf } from './request-id.ts';
import { parseRetryAfter } from './retry-after.ts';
import { isSluiceError, type RequestInfo, SluiceError, type SluiceErrorOptions } from './sluice-error.ts';

/** The parts of an HTTP answer that an error is made of. */
export interface ErrorResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** Error bodies are short; of anything longer the status decides. */
const MAX_ERROR_BYTES = 256 * 1024;
const MAX_DEPTH = 5;

/**
 * The typed error for a refusal of Microsoft Graph. The service's own text is read for its prefix and its permission
 * names only and never copied, because it may hold ids and message text.
 *
 * @see https://learn.microsoft.com/en-us/graph/errors
 */
export function graphError(
  response: ErrorResponse,
  request: { readonly method: string; readonly route: string },
  nowMs = Date.now(),
): SluiceError {
  const body = readBody(response.body);
  const facts = { ...readFacts(response.status, body), isHtml: body === undefined && isHtml(response) };
  // The last row has no condition, so a rule is always found.
  const rule = findRule(graphRules, facts)!;
  const requestId = requestIdOf(response.headers);
  const permissions = rule.code === 'permission_missing' ? readPermissions(facts.messages) : {};
  const info: RequestInfo = { method: request.method, route: request.route, status: response.status };
  if (requestId) info.requestId = requestId;
  const retryAfterMs = parseRetryAfter(response.headers, nowMs);
  const details = { ...permissions, ...(facts.codes.length > 0 && { graphCodes: facts.codes.filter(isPlainCode) }) };
  return errorOfGraphRule(rule, info, { retryAfterMs, details, required: permissions.required });
}

/** The error of a row, for an answer that the row is for. */
export function errorOfGraphRule(
  { code, recovery, surface, meaning, hint }: ErrorRule,
  request: RequestInfo,
  options: Pick<SluiceErrorOptions, 'retryAfterMs' | 'details'> & { readonly required?: string[] | undefined } = {},
): SluiceError {
  const { required, retryAfterMs, details } = options;
  const needed = required ? ` It needs one of: ${required.join(', ')}.` : '';
  const message = `${meaning}${needed} (${request.method} ${request.route}: ${request.status})`;
  return new SluiceError({ code, recovery, surface, message, hint, request, retryAfterMs, details });
}

function isHtml({ headers, body }: ErrorResponse): boolean {
  if (/^text\/html\b/i.test(headers['content-type'] ?? '')) return true;
  return /^\s*<(?:!doctype html|html)\b/i.test(Buffer.from(body.subarray(0, 200)).toString('latin1'));
}

/** Whether what an error of Graph refused may be served another way: by the row of the error, never by its status. */
export function allowsOtherRead(error: unknown): boolean {
  return isSluiceError(error) && error.surface === 'graph' && OTHER_READ.has(error.code);
}

const OTHER_READ: ReadonlySet<string> = new Set(
  graphRules.filter(({ otherRead }) => otherRead).map(({ code }) => code),
);

const isPlainCode = (code: string) => /^[\w.]{1,64}$/.test(code);

function readBody(body: Uint8Array): unknown {
  if (body.byteLength > MAX_ERROR_BYTES) return undefined;
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}

/** All codes and messages, the outer ones first. Some services put `code` and `message` at the top level. */
function readFacts(status: number, body: unknown): ErrorFacts {
  const codes: string[] = [];
  const messages: string[] = [];
  let node = isRecord(body) ? (isRecord(body['error']) ? body['error'] : body) : undefined;
  for (let depth = 0; node && depth < MAX_DEPTH; depth++) {
    if (typeof node['code'] === 'string' && node['code']) codes.push(node['code']);
    if (typeof node['message'] === 'string' && node['message']) messages.push(node['message']);
    const inner: unknown = node['innerError'] ?? node['innererror'];
    node = isRecord(inner) ? inner : undefined;
  }
  return { status, codes, messages };
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** "API requires one of 'A, B'. Scopes on the request 'C'": the names for the report. */
function readPermissions(messages: readonly string[]): { required?: string[]; granted?: string[] } {
  const text = messages.find((message) => /^missing (scope|role) permissions/i.test(message));
  if (!text) return {};
  const [, required] = /requires one of '([^']*)'/i.exec(text) ?? [];
  const [, granted] = /(?:scopes|roles) on the request '([^']*)'/i.exec(text) ?? [];
  return {
    ...(required && { required: names(required) }),
    ...(granted !== undefined && { granted: names(granted) }),
  };
}

const names = (list: string) => list.split(/[\s,]+/).filter((name) => /^[\w.-]{1,100}$/.test(name));
