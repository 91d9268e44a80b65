import { Agent, type buildConnector, type Dispatcher, Pool, ProxyAgent, request as sendRequest } from 'undici';
import { type ClientErrorCode, clientError } from '../errors/client-rules.ts';
import { isSluiceError, type Surface } from '../errors/sluice-error.ts';
import { decodeBody, isPlain, readableBody } from './decode-body.ts';
import { type ProxySettings, parseProxyUrl, proxyFor } from './proxy.ts';
import { proxyError, transportError } from './transport-error.ts';
import { trusting } from './trust.ts';
import type { HttpResponse, Send } from './types.ts';

export interface TransportOptions {
  /** Sockets per host. */
  readonly connections: number;
  readonly surface: Surface;
  /** Default 10 s. */
  readonly connectTimeoutMs?: number | undefined;
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
  /** Further certificate authorities in PEM, beside those that Node trusts. */
  readonly ca?: string | undefined;
  /** Default: every request goes directly to its host. */
  readonly proxy?: ProxySettings | undefined;
  /** Judges the target of a request that goes through a proxy, where no socket of ours leads to it. Rejects to refuse it. */
  readonly allowProxied?: ((url: URL) => Promise<void>) | undefined;
  /** Opens the direct sockets instead of undici's own connector; then `connectTimeoutMs` and `ca` are its business. */
  readonly connector?: buildConnector.connector | undefined;
}

export interface Transport {
  readonly send: Send;
  /** Ends at once, with whatever is under way. */
  close(): Promise<void>;
  /** Takes nothing more, and ends when what is under way has. */
  finish(): Promise<void>;
}

const NOTHING = new Uint8Array();
const DEFAULT_MAX_BODY_BYTES = 64 * 1024 * 1024;

/** Asked of a proxy by nobody else: a server that answers it stands in the way without having been named. */
const PROXY_AUTHENTICATION_REQUIRED = 407;

/**
 * Sends over pooled keep-alive sockets, directly or through a proxy, and gives the body as one Buffer. Redirects are answers, they are not followed.
 * The global `fetch` is not used: it costs 2.5 times the CPU per page.
 *
 * @throws SluiceError `network_error` and `certificate_untrusted` (`details.reason` says which kind), `proxy_denied`,
 * `timeout`, `body_truncated`, `body_too_large`, `body_encoding`; `details.sent` is false when the request cannot have
 * reached the server
 */
export function undiciTransport(options: TransportOptions): Transport {
  const maxBytes = options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES;
  const helpful = options.body === 'helpful';
  const dispatchers = new Dispatchers(options, helpful ? undefined : maxBytes);
  const send: Send = async (request, signal) => {
    signal?.throwIfAborted();
    let otherwise: ClientErrorCode = 'network_error';
    const named = options.proxy && proxyFor(request.url, options.proxy);
    const proxy = named && parseProxyUrl(named.reveal());
    if (named && !proxy)
      throw clientError('proxy_invalid', request, { surface: options.surface, details: { sent: false } });
    const context = { request, surface: options.surface, proxied: proxy !== undefined };
    try {
      if (proxy !== undefined) await options.allowProxied?.(new URL(request.url));
      const answer = await sendRequest(request.url, {
        method: request.method,
        dispatcher: proxy === undefined ? dispatchers.direct : dispatchers.through(proxy),
        headers: { 'accept-encoding': 'gzip', ...request.headers },
        body: request.body ?? null,
        signal: signal ?? null,
      });
      const headers = joinHeaders(answer.headers);
      if (proxy !== undefined && answer.statusCode === PROXY_AUTHENTICATION_REQUIRED) {
        throw proxyError(answer.statusCode, context);
      }
      if (helpful)
        return { status: answer.statusCode, headers, body: await readableBody(answer.body, headers, maxBytes) };
      // From here on an unknown failure means that the body broke off.
      otherwise = 'body_truncated';
      if (request.receive && answer.statusCode === 200) {
        if (!isPlain(headers['content-encoding']))
          throw clientError('body_encoding', request, { surface: options.surface });
        const take = await request.receive({ headers });
        for await (const piece of answer.body) await take(piece as Uint8Array);
        return { status: answer.statusCode, headers, body: NOTHING };
      }
      const body = Buffer.from(await answer.body.arrayBuffer());
      const decoded = await decodeBody(body, headers['content-encoding'], {
        request,
        maxBytes,
        surface: options.surface,
      });
      return { status: answer.statusCode, headers, body: decoded } satisfies HttpResponse;
    } catch (error) {
      signal?.throwIfAborted();
      throw isSluiceError(error) ? error : transportError(error, { ...context, otherwise });
    }
  };
  return { send, close: () => dispatchers.destroy(), finish: () => dispatchers.close() };
}

/** The direct sockets, and those to each proxy once it is used. */
class Dispatchers {
  readonly direct: Dispatcher;
  readonly #pool: Pool.Options;
  readonly #socket: buildConnector.BuildOptions;
  readonly #proxies = new Map<string, Dispatcher>();

  constructor(options: TransportOptions, maxResponseSize: number | undefined) {
    this.#socket = { timeout: options.connectTimeoutMs ?? 10_000, ...trusting(options.ca) };
    this.#pool = {
      connections: options.connections,
      headersTimeout: options.headersTimeoutMs ?? 60_000,
      bodyTimeout: options.bodyTimeoutMs ?? 30_000,
      ...(maxResponseSize !== undefined && { maxResponseSize }),
    };
    this.direct = new Agent({ ...this.#pool, connect: options.connector ?? this.#socket });
  }

  through(url: URL): Dispatcher {
    const known = this.#proxies.get(url.href);
    if (known) return known;
    const agent = new ProxyAgent({
      ...this.#pool,
      uri: url.href,
      ...(url.username && { token: basicToken(url) }),
      requestTls: this.#socket,
      proxyTls: this.#socket,
      // A proxy takes plain http as it is; CONNECT to port 80 is refused by most.
      proxyTunnel: false,
      factory: (origin, given) => new Pool(origin, { ...given, ...this.#pool }),
    });
    this.#proxies.set(url.href, agent);
    return agent;
  }

  async destroy(): Promise<void> {
    await Promise.all([this.direct, ...this.#proxies.values()].map((dispatcher) => dispatcher.destroy()));
  }

  async close(): Promise<void> {
    await Promise.all([this.direct, ...this.#proxies.values()].map((dispatcher) => dispatcher.close()));
  }
}

/** undici leaves out a name without a password. */
function basicToken({ username, password }: URL): string {
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

function joinHeaders(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const joined: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) joined[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return joined;
}
