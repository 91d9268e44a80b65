import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { controlRefusal } from './control/guard.ts';
import { twinErrors } from './errors.ts';
import { fromNode, toNode } from './protocol/node-exchange.ts';
import type { Twin } from './twin.ts';

export interface ServeOptions {
  readonly twin: Twin;
  /** Default: any free port. */
  readonly port?: number | undefined;
  /** Default `127.0.0.1`. */
  readonly host?: string | undefined;
  /** Key and certificate, PEM: HTTPS instead of HTTP. */
  readonly https?: { readonly key: string; readonly cert: string } | undefined;
}

/** Longer than a paced client rests, so that no connection is closed under its next request. */
const keepAliveMs = 65_000;

/** A twin that listens. */
export interface ServedTwin {
  readonly url: string;
  readonly port: number;
  /** Stops the tenant's own life and breaks open connections: a hanging answer must not keep the server. */
  close(): Promise<void>;
}

/**
 * Serves a twin over HTTP or HTTPS. Its services go straight from the socket to the twin, which is several times
 * cheaper than a fetch request and response each; control goes through its fetch handler.
 *
 * @throws SluiceError `port_unavailable` when the port cannot be opened
 */
export async function serveTwin(options: ServeOptions, signal?: AbortSignal): Promise<ServedTwin> {
  const { twin, port = 0, host = '127.0.0.1', https } = options;
  const control = getRequestListener(twin.fetch);
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    if (request.url?.startsWith('/_twin')) {
      const { method = 'GET', headers } = request;
      const refusal = controlRefusal({ method, headers }, host);
      return refusal === undefined ? void control(request, response) : refuse(response, refusal);
    }
    void answer(twin, request, response);
  };
  const server = https ? createHttpsServer(https, listener) : createHttpServer(listener);
  server.keepAliveTimeout = keepAliveMs;
  await listen(server, port, host);
  const close = () => {
    signal?.removeEventListener('abort', close);
    twin.live.set(0);
    return new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  };
  signal?.addEventListener('abort', close, { once: true });
  const actual = (server.address() as AddressInfo).port;
  return { url: `${https ? 'https' : 'http'}://${host}:${actual}`, port: actual, close };
}

function refuse(response: ServerResponse, message: string): void {
  response.writeHead(403, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ error: { code: 'control_refused', message } }));
}

async function answer(twin: Twin, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    await toNode(await twin.handle(fromNode(request)), response, twin.runtime);
  } catch {
    // The client went away or sent what is no HTTP request: there is nobody to tell.
    response.destroy();
  }
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => reject(twinErrors.port_unavailable({ port, host }, { cause })));
    server.listen(port, host, () => resolve());
  });
}
