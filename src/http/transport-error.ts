import { type ClientErrorCode, clientError, type FailureReason } from '../errors/client-rules.ts';
import type { SluiceError, Surface } from '../errors/sluice-error.ts';
import type { HttpRequest } from './types.ts';

interface Failure {
  readonly code: ClientErrorCode;
  readonly reason?: FailureReason;
  /** False: the server cannot have seen the request. Default true. */
  readonly sent?: false;
}

const dns: Failure = { code: 'network_error', reason: 'dns', sent: false };
const unreachable: Failure = { code: 'network_error', reason: 'unreachable', sent: false };
const refused: Failure = { code: 'network_error', reason: 'refused', sent: false };
const proxy: Failure = { code: 'network_error', reason: 'proxy', sent: false };
const untrusted: Failure = { code: 'certificate_untrusted', reason: 'trust', sent: false };
const tooLarge: Failure = { code: 'body_too_large' };
const late: Failure = { code: 'timeout' };

/** The error codes of undici, Node and OpenSSL by what they mean for the caller. */
const FAILURES: Readonly<Record<string, Failure>> = {
  ENOTFOUND: dns,
  EAI_AGAIN: dns,
  EAI_FAIL: dns,
  EAI_NODATA: dns,
  EAI_NONAME: dns,
  ECONNREFUSED: refused,
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  EADDRNOTAVAIL: unreachable,
  UND_ERR_CONNECT_TIMEOUT: { code: 'timeout', sent: false },
  UND_ERR_HEADERS_TIMEOUT: late,
  UND_ERR_BODY_TIMEOUT: late,
  UND_ERR_RES_EXCEEDED_MAX_SIZE: tooLarge,
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: { code: 'body_truncated' },
  UND_ERR_PRX_TLS: proxy,
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  CERT_UNTRUSTED: untrusted,
  CERT_HAS_EXPIRED: { code: 'certificate_untrusted', reason: 'expired', sent: false },
  CERT_NOT_YET_VALID: { code: 'certificate_untrusted', reason: 'expired', sent: false },
  ERR_TLS_CERT_ALTNAME_INVALID: { code: 'certificate_untrusted', reason: 'name', sent: false },
};

/** What a proxy answered in place of the server, as undici words it; it has no field for it. */
const PROXY_ANSWER = /^Proxy (?:response|Authentication Required) \((\d+)\)/;

/** Statuses with which a proxy refuses who asks or what is asked for: only a person can change that. */
const DENIED: readonly number[] = [401, 403, 407];

export interface FailedRequest {
  readonly request: HttpRequest;
  readonly surface: Surface;
  /** What an unknown failure means at this stage of the request. */
  readonly otherwise: ClientErrorCode;
  readonly proxied: boolean;
}

/** The typed error of a request that brought no usable answer. The messages of others are not passed on. */
export function transportError(error: unknown, context: FailedRequest): SluiceError {
  const { code: rawCode, message } = error as { code?: unknown; message?: unknown };
  const answered = PROXY_ANSWER.exec(String(message))?.[1];
  if (answered !== undefined) return proxyError(Number(answered), context);
  const systemCode = String(rawCode ?? 'unknown');
  const known = FAILURES[systemCode] ?? { code: context.otherwise };
  // Behind a proxy the only socket that this side opens is the one to the proxy.
  const failure = context.proxied && isConnectFailure(known) ? proxy : known;
  // The error of undici's parser quotes the answer, which may hold message text; its code says enough.
  if (error instanceof Error) Reflect.deleteProperty(error, 'data');
  return clientError(failure.code, context.request, {
    surface: context.surface,
    cause: error,
    reason: failure.reason,
    details: { systemCode, sent: failure.sent !== false },
  });
}

/** The error of a request that the proxy itself answered. Nothing reached the server. */
export function proxyError(status: number, { request, surface }: Omit<FailedRequest, 'otherwise' | 'proxied'>) {
  const code = DENIED.includes(status) ? 'proxy_denied' : 'network_error';
  const details = { systemCode: `proxy answered ${status}`, sent: false };
  return clientError(code, request, { surface, reason: code === 'network_error' ? 'proxy' : undefined, details });
}

function isConnectFailure({ code, sent }: Failure): boolean {
  return sent === false && code !== 'certificate_untrusted';
}
