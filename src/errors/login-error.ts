import { type ErrorRule, findRule } from './error-rule.ts';
import type { ErrorResponse } from './graph-error.ts';
import { loginRules } from './login-rules.ts';
import { parseRetryAfter } from './retry-after.ts';
import { type RequestInfo, SluiceError } from './sluice-error.ts';

/**
 * The typed error for a refused token request. The description of the service is read for its AADSTS number only.
 *
 * @see https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes
 */
export function loginError(
  response: ErrorResponse,
  requested: { readonly method: string; readonly route: string },
  nowMs = Date.now(),
): SluiceError {
  const codes = readCodes(response.body);
  // The last row has no condition, so a rule is always found.
  const rule = findRule(loginRules, { status: response.status, codes, messages: [] })!;
  const request = { method: requested.method, route: requested.route, status: response.status };
  return errorOfLoginRule(rule, request, { codes, retryAfterMs: parseRetryAfter(response.headers, nowMs) });
}

/** The error of a row, for an answer that the row is for. */
export function errorOfLoginRule(
  { code, recovery, surface, meaning, hint }: ErrorRule,
  request: RequestInfo,
  options: { readonly codes: readonly string[]; readonly retryAfterMs?: number | undefined },
): SluiceError {
  const { codes, retryAfterMs } = options;
  const message = `${meaning} (${[request.status, ...codes].join(' ')})`;
  return new SluiceError({ code, recovery, surface, message, hint, request, retryAfterMs, details: { codes } });
}

/** `error`, the AADSTS number that begins the description, and `error_codes`. */
function readCodes(body: Uint8Array): string[] {
  let parsed: { error?: unknown; error_description?: unknown; error_codes?: unknown };
  try {
    parsed = JSON.parse(new TextDecoder().decode(body)) ?? {};
  } catch {
    return [];
  }
  const [aadsts] = /^AADSTS\d+/.exec(String(parsed.error_description ?? '')) ?? [];
  const numbers = Array.isArray(parsed.error_codes)
    ? parsed.error_codes.filter((code) => Number.isInteger(code)).map((code) => `AADSTS${code}`)
    : [];
  const error = typeof parsed.error === 'string' && /^\w{1,64}$/.test(parsed.error) ? [parsed.error] : [];
  return [...new Set([...error, ...(aadsts ? [aadsts] : []), ...numbers])];
}
