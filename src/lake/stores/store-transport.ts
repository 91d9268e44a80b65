import type { HttpRequest, HttpResponse } from '../../http/types.ts';
import type { Transport } from '../../http/undici-transport.ts';
import { undiciTransport } from '../../http/undici-transport.ts';
import type { StoreNetwork } from './store-kind.ts';

/** A request as the library of a service made and signed it. */
export interface SignedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'] as const satisfies readonly HttpRequest['method'][];
/** As many as one lake has under way: blocks, copies, readers. */
const SOCKETS = 32;

/** Sends what libraries of services have signed, as everything of Sluice is sent: the same proxies, the same trust, the same limits. */
export interface StoreTransport {
  send(request: SignedRequest, signal?: AbortSignal): Promise<HttpResponse>;
  readonly transport: Transport;
}

/** @param service - for messages: requests name no URL, which may be signed */
export function storeTransport(service: string, { proxy, ca }: StoreNetwork = {}): StoreTransport {
  const transport = undiciTransport({ connections: SOCKETS, surface: 'lake', proxy, ca });
  return {
    transport,
    send: ({ method: asked, url, headers, body }, signal) => {
      const method = METHODS.find((one) => one === asked.toUpperCase());
      if (!method) throw new TypeError(`No store asks with ${asked}.`);
      // undici sees to these itself; and no object is stored packed.
      const { 'content-length': _length, expect: _expect, connection: _connection, ...rest } = lowered(headers);
      return transport.send(
        { method, url, route: service, headers: { ...rest, 'accept-encoding': 'identity' }, body: bytesOf(body) },
        signal,
      );
    },
  };
}

const lowered = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

function bytesOf(body: unknown): string | Uint8Array | undefined {
  if (body === undefined || body === null || typeof body === 'string' || body instanceof Uint8Array)
    return body ?? undefined;
  if (body instanceof ArrayBuffer) return new Uint8Array(body);
  throw new TypeError('A store is given bytes and nothing else.');
}
