import { findRule } from './error-rule.ts';
import type { ErrorResponse } from './graph-error.ts';
import { loginRules } from './login-rules.ts';
import { parseRetryAfter } from './retry-after.ts';
import { SluiceError } from './sluice-error.ts';

/**
 * The typed error for a refused token request. The description of the service is read for its AADSTS number only.
 *
 * @see https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes
 */
export function loginError(
  response: ErrorResponse,
  request: { readonly method: string; readonly route: string },
  nowMs = Date.now(),
): SluiceError {
  const codes = readCodes(response.body);
  // The last row has no condition, so a rule is always found.
  const rule = findRule(loginRules, { status: response.status, codes, messages: [] })!;
  const retryAfterMs = parseRetryAfter(response.headers, nowMs);
  return new SluiceError({
    code: rule.code,
    recovery: rule.recovery,
    surface: rule.surface,
    message: `${rule.meaning} (${[response.status, ...codes].join(' ')})`,
    hint: rule.hint,
    request: { method: request.method, route: request.route, status: response.status },
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    details: { codes },
  });
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
