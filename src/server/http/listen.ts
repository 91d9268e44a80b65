import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { listenErrors } from '../errors.ts';

export interface ListenOptions {
  readonly fetch: (request: Request) => Response | Promise<Response>;
  readonly host: string;
  /** 0 is any free one. */
  readonly port: number;
  /** Time for a client to send one whole request; a quarter of it for the headers. */
  readonly requestTimeoutMs: number;
}

/** A server that listens. */
export interface Listening {
  readonly port: number;
  /** Lets open requests finish for that long, then cuts them off. True: all were finished. */
  close(drainMs: number): Promise<boolean>;
}

/** Of all headers together; more are answered with 431. */
const MAX_HEADER_BYTES = 16 * 1024;
const MAX_CONNECTIONS = 1_000;

/** How often slow clients are looked for. */
const CHECK_EVERY_MS = 500;

/**
 * Opens the port. A client that dawdles over its headers or its body is cut off, and so is one with headers that are too large.
 *
 * @throws SluiceError `port_unavailable`
 */
export async function listen(options: ListenOptions): Promise<Listening> {
  const { fetch, host, port, requestTimeoutMs } = options;
  const server = createAdaptorServer({
    fetch,
    serverOptions: {
      maxHeaderSize: MAX_HEADER_BYTES,
      requestTimeout: requestTimeoutMs,
      headersTimeout: Math.ceil(requestTimeoutMs / 4),
      connectionsCheckingInterval: Math.min(CHECK_EVERY_MS, requestTimeoutMs),
    },
  }) as Server;
  // By number Node drops what is too much in silence, and a key could be among it; the size bounds the number.
  server.maxHeadersCount = 0;
  server.maxConnections = MAX_CONNECTIONS;
  await opened(server, host, port);
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : port,
    close: (drainMs) => closed(server, drainMs),
  };
}

function opened(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: Error & { code?: string }) => reject(unavailable(host, port, cause)));
    server.listen(port, host, resolve);
  });
}

async function closed(server: Server, drainMs: number): Promise<boolean> {
  let drained = true;
  const cut = setTimeout(() => {
    drained = false;
    server.closeAllConnections();
  }, drainMs);
  // A connection that becomes idle only after its last answer would keep the server open.
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  clearTimeout(cut);
  clearInterval(sweep);
  return drained;
}

const unavailable = (host: string, port: number, cause: Error & { code?: string }) =>
  listenErrors.port_unavailable({ host, port, reason: cause.code ?? 'error' }, { cause });
