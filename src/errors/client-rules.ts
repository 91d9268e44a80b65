import type { ErrorRule } from './error-rule.ts';
import { type RequestInfo, SluiceError, type SluiceErrorOptions, type Surface } from './sluice-error.ts';

/** Why no connection came about, where that changes what to do. */
export type FailureReason = 'dns' | 'refused' | 'unreachable' | 'proxy' | 'trust' | 'name' | 'expired';

type Words = Pick<ErrorRule, 'meaning' | 'hint'>;

interface ClientRule extends Pick<ErrorRule, 'code' | 'recovery'>, Words {
  /** What is said instead when the reason is known (`details.reason`). */
  readonly reasons?: Readonly<Partial<Record<FailureReason, Words>>>;
}

/** Errors that this side finds out, not a service: no answer came, or the answer cannot be used. */
export const clientRules = {
  network_error: {
    code: 'network_error',
    recovery: 'retry',
    meaning: 'The connection failed.',
    hint: 'Check network, proxy and DNS.',
    reasons: {
      dns: {
        meaning: 'The name of the server was not found.',
        hint: 'Check the host name and DNS. Where only a proxy knows it, set HTTPS_PROXY or network.https_proxy.',
      },
      refused: {
        meaning: 'The server refused the connection: nothing listens there.',
        hint: 'Check host and port, and that the server runs.',
      },
      unreachable: {
        meaning: 'There is no way to the server from here.',
        hint: 'Check the network. Behind a proxy set HTTPS_PROXY or network.https_proxy.',
      },
      proxy: {
        meaning: 'The proxy was not reached, or did not reach the server.',
        hint: 'Check HTTPS_PROXY, HTTP_PROXY and ALL_PROXY (network.*_proxy). NO_PROXY (network.no_proxy) names hosts without proxy.',
      },
    },
  },
  proxy_denied: {
    code: 'proxy_denied',
    recovery: 'user_action',
    meaning: 'The proxy refused: it wants a sign-in, or does not allow this host.',
    hint: 'Put name and password into the URL of the proxy, percent-encoded, or have the host allowed.',
  },
  proxy_invalid: {
    code: 'proxy_invalid',
    recovery: 'user_action',
    meaning: 'The address of the proxy is none that can be used.',
    hint: 'Expected http://HOST:PORT, https://HOST:PORT or socks5://HOST:PORT.',
  },
  certificate_untrusted: {
    code: 'certificate_untrusted',
    recovery: 'user_action',
    meaning: 'The TLS certificate of the server is not trusted.',
    hint: 'Give the certificate authority as a PEM file.',
    reasons: {
      trust: {
        meaning: 'The TLS certificate of the server is not trusted.',
        hint: "A company's own authority goes into network.ca (SLUICE_CA_FILE) or NODE_EXTRA_CA_CERTS, as a PEM file.",
      },
      name: {
        meaning: 'The TLS certificate of the server is for another name.',
        hint: 'Check the host name. Something on the way, such as a proxy or a portal, may have answered instead.',
      },
      expired: {
        meaning: 'The TLS certificate of the server has ended, or has not begun.',
        hint: 'Check the clock of this machine, and the certificate of the server.',
      },
    },
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
  kept_link_foreign: {
    code: 'kept_link_foreign',
    recovery: 'fail',
    meaning: 'A link that was kept leads to another host than the one that is asked now.',
    hint: 'It was not followed; what it stood for is read without it.',
  },
  host_not_allowed: {
    code: 'host_not_allowed',
    recovery: 'fail',
    meaning: 'The token may not be sent to this host.',
    hint: 'Tokens go only to the hosts of the cloud, and to the URL that is configured in their place.',
  },
} as const satisfies Record<string, ClientRule>;

export type ClientErrorCode = keyof typeof clientRules;

/** What an error of this side means and what to do, by its reason where there is one. */
export function clientWords(code: ClientErrorCode, reason?: FailureReason | undefined): Words {
  const rule: ClientRule = clientRules[code];
  return (reason && rule.reasons?.[reason]) ?? rule;
}

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
    readonly reason?: FailureReason | undefined;
    readonly details?: NonNullable<SluiceErrorOptions['details']>;
  },
): SluiceError {
  const { meaning, hint } = clientWords(code, options.reason);
  const info: RequestInfo = { method: request.method, route: request.route };
  const systemCode = options.details?.['systemCode'];
  const place = `${request.method} ${request.route}${typeof systemCode === 'string' ? `: ${systemCode}` : ''}`;
  const details = { ...options.details, ...(options.reason !== undefined && { reason: options.reason }) };
  if (options.status !== undefined) info.status = options.status;
  if (options.requestId) info.requestId = options.requestId;
  return new SluiceError({
    code,
    recovery: clientRules[code].recovery,
    surface: options.surface,
    message: `${meaning} (${place})`,
    hint,
    request: info,
    retryAfterMs: options.retryAfterMs,
    details,
    cause: options.cause,
  });
}
