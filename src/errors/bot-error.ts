import { botRules } from './bot-rules.ts';
import { type ErrorFacts, type ErrorRule, findRule } from './error-rule.ts';
import type { ErrorResponse } from './graph-error.ts';
import { parseRetryAfter } from './retry-after.ts';
import { type RequestInfo, SluiceError } from './sluice-error.ts';

/** Error bodies are short; of anything longer the status decides. */
const MAX_ERROR_BYTES = 64 * 1024;

/**
 * The typed error for a refusal of the bot connector. The service's own text is read for its codes and its prefix only
 * and never copied: it may hold ids and message text.
 *
 * @see https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference#errorresponse-object
 */
export function botError(
  response: ErrorResponse,
  request: { readonly method: string; readonly route: string },
  nowMs: number,
): SluiceError {
  // The last row has no condition, so a rule is always found.
  const rule = findRule(botRules, factsOf(response))!;
  const { method, route } = request;
  const info: RequestInfo = { method, route, status: response.status };
  const correlation = response.headers['x-correlating-operationid'];
  if (correlation !== undefined && /^[\w.-]{1,100}$/.test(correlation)) info.requestId = correlation;
  return errorOfBotRule(rule, info, parseRetryAfter(response.headers, nowMs));
}

/** The error of a row, for an answer that the row is for. */
export function errorOfBotRule(
  { code, recovery, surface, meaning, hint }: ErrorRule,
  request: RequestInfo,
  retryAfterMs?: number | undefined,
): SluiceError {
  const message = `${meaning} (${request.method} ${request.route}: ${request.status})`;
  return new SluiceError({ code, recovery, surface, message, hint, request, retryAfterMs });
}

/** `{error: {code, message}}`, or `{errorCode, message}` whose message is JSON with a `subCode`. */
function factsOf({ status, body }: ErrorResponse): ErrorFacts {
  const answer = body.byteLength > MAX_ERROR_BYTES ? undefined : parsed(Buffer.from(body).toString());
  const { error, message: told } = Object(answer) as { error?: unknown; message?: unknown };
  const { code, message } = Object(error) as { code?: unknown; message?: unknown };
  const inner = Object(typeof told === 'string' ? parsed(told) : undefined) as { subCode?: unknown };
  const texts = (...values: readonly unknown[]) => values.filter((value) => typeof value === 'string');
  return { status, codes: texts(code, inner.subCode), messages: texts(message, told) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
