import type { Runtime } from '../../runtime/runtime.ts';
import { json, type TwinAnswer } from '../protocol/exchange.ts';

/**
 * What Entra ID refuses, by its AADSTS number.
 *
 * @see https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes
 */
const refusals = {
  70003: { status: 400, error: 'unsupported_grant_type' },
  70011: { status: 400, error: 'invalid_scope' },
  90002: { status: 400, error: 'invalid_request' },
  90033: { status: 503, error: 'temporarily_unavailable' },
  700016: { status: 400, error: 'unauthorized_client' },
  700021: { status: 401, error: 'invalid_client' },
  700023: { status: 401, error: 'invalid_client' },
  700024: { status: 401, error: 'invalid_client' },
  700027: { status: 401, error: 'invalid_client' },
  700212: { status: 401, error: 'invalid_client' },
  700213: { status: 401, error: 'invalid_client' },
  900144: { status: 400, error: 'invalid_request' },
  7000215: { status: 401, error: 'invalid_client' },
  7000216: { status: 401, error: 'invalid_client' },
} as const;

export type LoginErrorCode = keyof typeof refusals;

/** The body Entra ID gives with a refused token request. */
export function loginError(runtime: Runtime, code: LoginErrorCode, text: string): TwinAnswer {
  const { status, error } = refusals[code];
  const timestamp = `${new Date(runtime.now()).toISOString().slice(0, 19).replace('T', ' ')}Z`;
  const traceId = runtime.id();
  const correlationId = runtime.id();
  return json(status, {
    error,
    error_description: `AADSTS${code}: ${text} Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`,
    error_codes: [code],
    timestamp,
    trace_id: traceId,
    correlation_id: correlationId,
    error_uri: `https://login.microsoftonline.com/error?code=${code}`,
  });
}
