import type { ErrorRule } from './error-rule.ts';
import { type RequestInfo, SluiceError, type SluiceErrorOptions, type Surface } from './sluice-error.ts';

type ClientRule = Pick<ErrorRule, 'code' | 'recovery' | 'meaning' | 'hint'>;

/** Errors that this side finds out, not a service: no answer came, or the answer cannot be used. */
export const clientRules = {
  network_error: {
    code: 'network_error',
    recovery: 'retry',
    meaning: 'The connection failed.',
    hint: 'Check network, proxy and DNS.',
  },
  certificate_untrusted: {
    code: 'certificate_untrusted',
    recovery: 'user_action',
    meaning: 'The TLS certificate of the server is not trusted.',
    hint: 'Give the certificate authority as a PEM file.',
  },
  timeout: {
    code: 'timeout',
    recovery: 'retry',
    meaning: 'No complete answer came in time.',
    hint: 'Try again; raise the timeout when the service is slow.',
  },
  body_truncated: {
    code: 'body_truncated',
    recovery: 'retry',
    meaning: 'The answer ended before it was complete.',
    hint: 'Try again.',
  },
  body_too_large: {
    code: 'body_too_large',
    recovery: 'fail',
    meaning: 'The answer is larger than allowed.',
    hint: 'Ask for smaller pages.',
  },
  body_encoding: {
    code: 'body_encoding',
    recovery: 'retry',
    meaning: 'The answer is compressed in a way that cannot be read.',
    hint: 'Try again; a proxy may have changed the answer.',
  },
  throttled: {
    code: 'throttled',
    recovery: 'retry',
    meaning: 'The service asked for a longer pause than a call can wait.',
    hint: 'Run again after the pause; the read positions are kept.',
  },
  circuit_open: {
    code: 'circuit_open',
    recovery: 'retry',
    meaning: 'The endpoint failed several times in a row and is left alone for a while.',
    hint: 'Try again after the pause.',
  },
  page_invalid: {
    code: 'page_invalid',
    recovery: 'retry',
    meaning: 'The answer is not a page of JSON.',
    hint: 'Try again; a proxy or a portal may have answered instead of Graph.',
  },
  page_links: {
    code: 'page_links',
    recovery: 'retry',
    meaning: 'A delta page must hold exactly one of nextLink and deltaLink.',
    hint: 'Nothing was advanced; the next run reads the page again.',
  },
  foreign_link: {
    code: 'foreign_link',
    recovery: 'fail',
    meaning: 'A link points to another host than the one that was asked.',
    hint: 'It was not followed. Check the Graph URL.',
  },
  host_not_allowed: {
    code: 'host_not_allowed',
    recovery: 'fail',
    meaning: 'The token may not be sent to this host.',
    hint: 'Tokens go only to the Graph host of the cloud and to the configured Graph URL.',
  },
} as const satisfies Record<string, ClientRule>;

export type ClientErrorCode = keyof typeof clientRules;

/** The error for something this side found out about a request. Never holds the URL. */
export function clientError(
  code: ClientErrorCode,
  request: { readonly method: string; readonly route: string },
  options: {
    readonly surface: Surface;
    readonly cause?: unknown;
    readonly status?: number;
    readonly requestId?: string | undefined;
    readonly retryAfterMs?: number;
    readonly details?: NonNullable<SluiceErrorOptions['details']>;
  },
): SluiceError {
  const rule = clientRules[code];
  const info: RequestInfo = { method: request.method, route: request.route };
  const reason = options.details?.['systemCode'];
  const place = `${request.method} ${request.route}${typeof reason === 'string' ? `: ${reason}` : ''}`;
  if (options.status !== undefined) info.status = options.status;
  if (options.requestId) info.requestId = options.requestId;
  return new SluiceError({
    code,
    recovery: rule.recovery,
    surface: options.surface,
    message: `${rule.meaning} (${place})`,
    hint: rule.hint,
    request: info,
    ...(options.retryAfterMs !== undefined && { retryAfterMs: options.retryAfterMs }),
    ...(options.details && { details: options.details }),
    ...(options.cause !== undefined && { cause: options.cause }),
  });
}
