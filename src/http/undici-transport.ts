import { Agent, type buildConnector, request as sendRequest } from 'undici';
import { type ClientErrorCode, clientError } from '../errors/client-rules.ts';
import { isSluiceError, type Surface } from '../errors/sluice-error.ts';
import { decodeBody, readableBody } from './decode-body.ts';
import type { HttpRequest, HttpResponse, Send } from './types.ts';

export interface TransportOptions {
  /** Sockets per host. */
  readonly connections: number;
  readonly surface: Surface;
  /** Default 10 s. */
  readonly connectTimeoutMs?: number;
  /** Time to the first byte of the answer; default 60 s. */
  readonly headersTimeoutMs?: number;
  /** Longest silence within the body; default 30 s. */
  readonly bodyTimeoutMs?: number;
  /** Largest body, before and after inflating; default 64 MB. */
  readonly maxBodyBytes?: number;
  /**
   * `whole`: an answer whose body cannot be read to its end is an error. `helpful`: the status is the answer, and the
   * body is as much of it as could be read. Default `whole`.
   */
  readonly body?: 'whole' | 'helpful';
  /** Certificate authorities in PEM, instead of the built-in ones. */
  readonly ca?: string;
  /** Opens the sockets instead of undici's own connector; then `connectTimeoutMs` and `ca` are its business. */
  readonly connector?: buildConnector.connector;
}

export interface Transport {
  readonly send: Send;
  close(): Promise<void>;
}

const DEFAULT_MAX_BODY_BYTES = 64 * 1024 * 1024;

/**
 * Sends over pooled keep-alive sockets and gives the body as one Buffer. Redirects are answers, they are not followed.
 * The global `fetch` is not used: it costs 2.5 times the CPU per page.
 *
 * @throws SluiceError `network_error`, `certificate_untrusted`, `timeout`, `body_truncated`, `body_too_large`,
 * `body_encoding`; `details.sent` is false when the request cannot have reached the server
 */
export function undiciTransport(options: TransportOptions): Transport {
  const maxBytes = options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES;
  const helpful = options.body === 'helpful';
  const agent = new Agent({
    connections: options.connections,
    headersTimeout: options.headersTimeoutMs ?? 60_000,
    bodyTimeout: options.bodyTimeoutMs ?? 30_000,
    connect: options.connector ?? {
      timeout: options.connectTimeoutMs ?? 10_000,
      ...(options.ca && { ca: options.ca }),
    },
    ...(helpful ? {} : { maxResponseSize: maxBytes }),
  });
  const send: Send = async (request, signal) => {
    signal?.throwIfAborted();
    let otherwise: ClientErrorCode = 'network_error';
    try {
      const answer = await sendRequest(request.url, {
        method: request.method,
        dispatcher: agent,
        headers: { 'accept-encoding': 'gzip', ...request.headers },
        body: request.body ?? null,
        signal: signal ?? null,
      });
      const headers = joinHeaders(answer.headers);
      if (helpful)
        return { status: answer.statusCode, headers, body: await readableBody(answer.body, headers, maxBytes) };
      // From here on an unknown failure means that the body broke off.
      otherwise = 'body_truncated';
      const body = Buffer.from(await answer.body.arrayBuffer());
      const decoded = await decodeBody(body, headers['content-encoding'], {
        request,
        maxBytes,
        surface: options.surface,
      });
      return { status: answer.statusCode, headers, body: decoded } satisfies HttpResponse;
    } catch (error) {
      signal?.throwIfAborted();
      throw isSluiceError(error) ? error : transportError(error, { request, surface: options.surface, otherwise });
    }
  };
  return { send, close: () => agent.destroy() };
}

function joinHeaders(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const joined: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) joined[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return joined;
}

/** undici and Node error codes by what they mean for the caller. */
const ERROR_CODES: Readonly<Record<string, ClientErrorCode>> = {
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  UND_ERR_RES_EXCEEDED_MAX_SIZE: 'body_too_large',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'body_truncated',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate_untrusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'certificate_untrusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate_untrusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificate_untrusted',
  CERT_HAS_EXPIRED: 'certificate_untrusted',
  ERR_TLS_CERT_ALTNAME_INVALID: 'certificate_untrusted',
};

const NEVER_SENT: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

function transportError(
  error: unknown,
  context: { readonly request: HttpRequest; readonly surface: Surface; readonly otherwise: ClientErrorCode },
) {
  const systemCode = String((error as { code?: unknown }).code ?? 'unknown');
  const code = ERROR_CODES[systemCode] ?? context.otherwise;
  // The error of undici's parser quotes the answer, which may hold message text; its code says enough.
  if (error instanceof Error) Reflect.deleteProperty(error, 'data');
  return clientError(code, context.request, {
    surface: context.surface,
    cause: error,
    details: { systemCode, sent: !NEVER_SENT.has(systemCode) && code !== 'certificate_untrusted' },
  });
}
